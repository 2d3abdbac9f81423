// Traces of lossy compression.
#include <array>

#include "kernels/jpeg_round_trip.hpp"
#include "ops/image/channels.hpp"

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
}

}  // namespace leaven::ops
