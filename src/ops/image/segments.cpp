#include "ops/image/segments.hpp"

#include <algorithm>

#include "kernels/pointwise.hpp"
#include "kernels/prefetch.hpp"
#include "ops/image/channels.hpp"

namespace leaven::ops {
namespace {

/// work(planes, x, y, count) for each stretch of rows [from, to), its pixels loaded.
template <class Work>
void each_segment(const RasterView& image, int from, int to, const Work& work) {
  const RasterShape& shape = image.shape;
  kernels::SegmentBuffer buffer;
  const kernels::Planes planes = buffer.planes();
  for (int y = from; y < to; ++y)
    for (int x = 0; x < shape.width; x += kernels::kSegment) {
      const int count = std::min(kernels::kSegment, shape.width - x);
      const std::byte* pixels = image.row<std::byte>(y) + static_cast<std::size_t>(x) * shape.pixel_bytes();
      kernels::prefetch(pixels + kernels::kPrefetchAhead, static_cast<std::size_t>(count) * shape.pixel_bytes());
      kernels::load_pixels(pixels, shape.dtype, shape.channels, count, planes);
      work(planes, x, y, count);
    }
}

}  // namespace

Raster changed_in_segments(const RasterView& image, const SegmentChange& change) { return changed_in_segments(image, 0, image.shape.height, change); }

Raster changed_in_segments(const RasterView& image, int from, int to, const SegmentChange& change) {
  Raster out(image.shape);
  out.origin_x = image.origin_x, out.origin_y = image.origin_y;
  const RasterShape& shape = image.shape;
  for (int y = 0; y < shape.height; ++y)
    if (y < from || y >= to) std::copy_n(image.row<std::byte>(y), shape.row_bytes(), out.row<std::byte>(y));
  each_segment(image, from, to, [&](const kernels::Planes& pixels, int x, int y, int count) {
    change(pixels, x, y, count);
    for (std::size_t c = 0; shape.bounded && c < static_cast<std::size_t>(shape.channels); ++c) kernels::clamp_values(pixels.channel[c], count);
    kernels::store_pixels(pixels, shape.dtype, shape.channels, count, out.row<std::byte>(y) + static_cast<std::size_t>(x) * shape.pixel_bytes());
  });
  return out;
}

void grey_of(const ColourRows& colours, int used, int count, float* grey) {
  if (used == 3) {
    const auto red = static_cast<float>(kLuma[0]), green = static_cast<float>(kLuma[1]), blue = static_cast<float>(kLuma[2]);
    const float *r = colours[0], *g = colours[1], *b = colours[2];
    for (int i = 0; i < count; ++i) grey[i] = red * r[i] + green * g[i] + blue * b[i];
    return;
  }
  const float share = 1 / static_cast<float>(used);
  std::fill_n(grey, count, 0.0f);
  for (std::size_t c = 0; c < static_cast<std::size_t>(used); ++c)
    for (int i = 0; i < count; ++i) grey[i] += share * colours[c][i];
}

Plane grey_of(const RasterView& image) {
  Plane grey(image.shape.width, image.shape.height);
  const int colours = image.shape.colour_channels();
  each_segment(image, 0, image.shape.height, [&](const kernels::Planes& pixels, int x, int y, int count) { grey_of(pixels, colours, count, grey.row(y) + x); });
  return grey;
}

}  // namespace leaven::ops
