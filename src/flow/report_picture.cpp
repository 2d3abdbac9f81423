#include "flow/report_picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/node.hpp"
#include "flow/report_marks.hpp"
#include "io/codec.hpp"
#include "plan/raster/planner.hpp"

namespace leaven::flow {

namespace {

/// Longest side, px, below which a picture is shown enlarged with its pixels as squares.
constexpr int kFewPixels = 96;
constexpr int kQuality = 82;

Raster shrunk(const RasterView& image, Size size) {
  Geometry geometry;
  geometry.to_input = Matrix3::scaling(static_cast<double>(image.shape.width) / size.width,
                                       static_cast<double>(image.shape.height) / size.height);
  geometry.canvas = size;
  geometry.border.kind = BorderKind::edge;
  geometry.filter = Filter::area;
  const std::array steps{plan::LoweredStep{"picture", {geometry}}};
  return plan::run_fast(plan::plan_raster(steps, image.shape), image);
}

template <class T>
double sample(const RasterView& image, int x, int y, int channel) {
  return static_cast<double>(image.row<T>(y)[static_cast<std::ptrdiff_t>(x) * image.shape.channels + channel]);
}

double sample_of(const RasterView& image, int x, int y, int channel) {
  switch (image.shape.dtype) {
    case Dtype::u8: return sample<std::uint8_t>(image, x, y, channel);
    case Dtype::u16: return sample<std::uint16_t>(image, x, y, channel);
    case Dtype::f32: return sample<float>(image, x, y, channel);
  }
  return 0;
}

struct Range {
  double lo{}, hi{};
};

/// What black and white mean in this image.
Range range_of(const RasterView& image) {
  if (image.shape.bounded) return {0, full_scale(image.shape.dtype)};
  Range range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (int y = 0; y < image.shape.height; ++y)
    for (int x = 0; x < image.shape.width; ++x)
      for (int c = 0; c < image.shape.colour_channels(); ++c) {
        const double value = sample_of(image, x, y, c);
        if (!std::isfinite(value)) continue;
        range = {std::min(range.lo, value), std::max(range.hi, value)};
      }
  return range.lo < range.hi ? range : Range{0, 1};
}

std::uint8_t byte_of(double value, const Range& range) {
  const double unit = (value - range.lo) / (range.hi - range.lo);
  return static_cast<std::uint8_t>(std::nearbyint(255 * (unit > 0 ? std::min(unit, 1.0) : 0.0)));
}

}  // namespace

Raster picture_of(const RasterView& image, int longest) {
  const RasterShape& shape = image.shape;
  if (const int side = std::max(shape.width, shape.height); side > longest) {
    const auto scaled = [&](int length) {
      return std::max(1, static_cast<int>(std::nearbyint(static_cast<double>(length) * longest / side)));
    };
    const Raster small = shrunk(image, {scaled(shape.width), scaled(shape.height)});
    return picture_of(small.view(), longest);
  }
  Raster picture({shape.width, shape.height, shape.alpha ? 4 : 3, Dtype::u8, shape.alpha});
  if (shape == picture.shape()) {
    for (int y = 0; y < shape.height; ++y) std::memcpy(picture.row<std::uint8_t>(y), image.row<std::uint8_t>(y), shape.row_bytes());
    return picture;
  }
  const Range range = range_of(image);
  const Range alpha_range{0, full_scale(shape.dtype)};
  const bool colour = shape.colour_channels() >= 3;
  for (int y = 0; y < shape.height; ++y) {
    auto* out = picture.row<std::uint8_t>(y);
    for (int x = 0; x < shape.width; ++x) {
      for (int c = 0; c < 3; ++c) *out++ = byte_of(sample_of(image, x, y, colour ? c : 0), range);
      if (shape.alpha) *out++ = byte_of(sample_of(image, x, y, shape.channels - 1), alpha_range);
    }
  }
  return picture;
}

void write_picture(HtmlWriter& page, const RasterView& image, int longest, std::string_view what, const Marks& marks) {
  Raster picture = picture_of(image, longest);
  if (marks.annotations) blend_masks(picture, *marks.annotations);
  const RasterShape& shape = picture.shape();
  const bool few_pixels = std::max(shape.width, shape.height) <= kFewPixels;
  const bool png = shape.alpha || few_pixels;
  io::EncodeOptions options;
  options.format = png ? io::ImageFormat::png : io::ImageFormat::jpeg;
  options.quality = kQuality;
  options.png_level = 9;
  const io::Bytes file = io::encode(picture.view(), options);
  const std::string_view bytes(reinterpret_cast<const char*>(file.data()), file.size());
  const std::string uri = data_uri(png ? "image/png" : "image/jpeg", bytes);
  const auto write_image = [&] {
    page.single("img", {{"src", uri},
                        {"alt", what},
                        {"class", few_pixels ? "pixels" : "photo"},
                        {"width", std::to_string(shape.width)},
                        {"height", std::to_string(shape.height)}});
  };
  if (!marks.annotations) return write_image();
  page.element("div", {{"class", "marked"}}, [&] {
    write_image();
    write_marks(page, *marks.annotations, marks.categories, image.shape.size());
  });
}

}  // namespace leaven::flow
