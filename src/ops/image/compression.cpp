// Traces of lossy compression.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "kernels/jpeg_round_trip.hpp"
#include "kernels/webp_round_trip.hpp"
#include "ops/image/channels.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {
namespace {

namespace jpeg_compression {
enum class Subsampling : std::uint8_t { none, half_width, quarter };
constexpr std::array<std::string_view, 3> kSubsamplingNames{"4:4:4", "4:2:2", "4:2:0"};
struct Op {
  int quality = 80;
  Subsampling subsampling = Subsampling::quarter;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::quality>("quality", {.doc = "Quality as libjpeg counts it: 100 is nearly lossless, below 30 blocks show",
        .lo = 1, .hi = 100, .unit = "1", .draw = integer(60, 95)}),
    field<&Op::subsampling>("subsampling", {.doc = "How coarsely colour is stored", .choices = kSubsamplingNames})};
// clang-format on

Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  const int across = op.subsampling == Subsampling::none ? 1 : 2, down = op.subsampling == Subsampling::quarter ? 2 : 1;
  return {Opaque{.apply = [=, quality = op.quality](const RasterView& image) {
    return kernels::jpeg_round_trip(image, quality, across, down);
  }}};
}
}  // namespace jpeg_compression

namespace webp_compression {
struct Op {
  int quality = 75;
};
constexpr auto fields =
    std::array{field<&Op::quality>("quality", {.doc = "Quality as libwebp counts it: below 30 colours and edges smear",
                                               .lo = 0,
                                               .hi = 100,
                                               .unit = "1",
                                               .draw = integer(40, 90)})};

// Three colours together, other channels each as grey.
void compress(Planes& planes, int quality) {
  const int width = planes.width(), height = planes.height(), together = planes.colours() == 3 ? 3 : 1;
  std::vector<std::uint8_t> rgb(3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (int first = 0; first < planes.colours(); first += together) {
    const auto plane_of = [&](int c) { return first + (together == 3 ? c : 0); };
    auto out = rgb.begin();
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        for (int c = 0; c < 3; ++c)
          *out++ =
              static_cast<std::uint8_t>(std::min(std::max(planes[plane_of(c)].row(y)[x], 0.0f), 1.0f) * 255 + 0.5f);
    kernels::webp_round_trip(rgb, width, height, quality);
    auto in = rgb.begin();
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x, in += 3)
        for (int c = 0; c < together; ++c)
          planes[first + c].row(y)[x] = static_cast<float>(in[together == 3 ? c : 1]) / 255;
  }
}
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  return on_planes([quality = op.quality](Planes& planes) { compress(planes, quality); });
}
}  // namespace webp_compression

}  // namespace

void add_compression(OpTable& t) {
  t.add(op<jpeg_compression::Op, jpeg_compression::lower>(
      {.name = "jpeg_compression",
       .summary = "Compress as JPEG and decompress again",
       .detail = "libjpeg-turbo's baseline coder with the standard tables scaled to the quality, accurate DCT, smooth "
                 "chroma upsampling. Three colours are coded as YCbCr, other channels each as grey; 16-bit and float "
                 "images go through 8 bits; alpha stays.",
       .family = "quality",
       .example = "jpeg_compression: {quality: 40}",
       .node = NodeKind::opaque,
       .fields = jpeg_compression::fields}));
  t.add(op<webp_compression::Op, webp_compression::lower>(
      {.name = "webp_compression",
       .summary = "Compress as lossy WebP and decompress again",
       .detail =
           "libwebp's lossy coder at its default effort. Three colours are coded together, other channels each as "
           "grey, which the coder may tint by a level; 16-bit and float images go through 8 bits; alpha stays.",
       .family = "quality",
       .example = "webp_compression: {quality: 40}",
       .node = NodeKind::opaque,
       .fields = webp_compression::fields,
       .tints = true}));
}

}  // namespace leaven::ops
