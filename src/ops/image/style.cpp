// Few colours, and flat patches of them.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "ops/image/channels.hpp"
#include "ops/image/patches.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {
namespace {

namespace color_quantize {
enum class By : std::uint8_t { uniform, kmeans };
constexpr std::array<std::string_view, 2> kByNames{"uniform", "kmeans"};
struct Op {
  int colors = 16;
  By by = By::uniform;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::colors>("colors", {.doc = "Levels of each channel (uniform), or colours of the picture (kmeans)",
        .lo = 2, .hi = 256, .unit = "1", .draw = integer(4, 32)}),
    field<&Op::by>("by", {.doc = "Even steps, or the picture's own colours", .choices = kByNames})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.by == By::kmeans)
    return on_planes([colors = op.colors, key = at.key](Planes& planes) { to_few_colours(planes, colors, key); });
  const double steps = op.colors;
  Table table =
      sampled_curve([=](double v) { return std::min(std::floor(v * steps), steps - 1) / (steps - 1); }, at.image.dtype);
  table.whole_levels = true;
  return {table};
}
}  // namespace color_quantize

namespace dithering {
enum class By : std::uint8_t { error_diffusion, ordered };
constexpr std::array<std::string_view, 2> kByNames{"error_diffusion", "ordered"};
struct Op {
  int levels = 2;
  By by = By::error_diffusion;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::levels>("levels", {.doc = "Levels that each channel keeps: 2 is black and white", .lo = 2, .hi = 256,
        .unit = "1", .draw = integer(2, 8)}),
    field<&Op::by>("by", {.doc = "Carry errors on to neighbours, or compare with a fixed pattern",
        .choices = kByNames})};
// clang-format on

float nearest_level(float v, float top) {
  return static_cast<float>(static_cast<int>(std::min(std::max(v, 0.0f), 1.0f) * top + 0.5f)) / top;
}

// Floyd and Steinberg (1976): 7/16 to the right, 3/16, 5/16 and 1/16 below.
void diffuse(Plane& plane, float top) {
  const int width = plane.width(), height = plane.height();
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const float level = nearest_level(plane.at(x, y), top), error = plane.at(x, y) - level;
      plane.at(x, y) = level;
      if (x + 1 < width) plane.at(x + 1, y) += error * (7.0f / 16);
      if (y + 1 == height) continue;
      if (x > 0) plane.at(x - 1, y + 1) += error * (3.0f / 16);
      plane.at(x, y + 1) += error * (5.0f / 16);
      if (x + 1 < width) plane.at(x + 1, y + 1) += error * (1.0f / 16);
    }
}

// Bayer's 8×8 matrix (1973): the bits of x^y and y, interleaved from the lowest.
float bayer(int x, int y) {
  int rank = 0;
  for (int bit = 0; bit < 3; ++bit) {
    const int a = ((x ^ y) >> bit) & 1, b = (y >> bit) & 1;
    rank |= (a << (5 - 2 * bit)) | (b << (4 - 2 * bit));
  }
  return (static_cast<float>(rank) + 0.5f) / 64;
}

void order(Plane& plane, float top) {
  for (int y = 0; y < plane.height(); ++y)
    for (int x = 0; x < plane.width(); ++x)
      plane.at(x, y) =
          std::min(static_cast<float>(static_cast<int>(std::max(plane.at(x, y), 0.0f) * top + bayer(x, y))), top) / top;
}
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  return on_each_plane([op](Plane& plane) {
    const auto top = static_cast<float>(op.levels - 1);
    if (op.by == By::ordered)
      order(plane, top);
    else
      diffuse(plane, top);
  });
}
}  // namespace dithering

namespace superpixels {
struct Op {
  int segments = 200;
  double compactness = 0.1, replaced = 1;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::segments>("segments", {.doc = "About how many patches", .lo = 1, .hi = 65536, .unit = "1",
        .draw = integer(100, 400)}),
    field<&Op::compactness>("compactness", {.doc = "Difference of colour that weighs as much as a patch's width",
        .lo = 0.001, .hi = 10, .unit = "fraction", .draw = log_uniform(0.05, 0.3)}),
    field<&Op::replaced>("replaced", {.doc = "Share of the patches that become flat", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 1, .draw = uniform(0.2, 1)})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  if (op.replaced == 0) return {};
  return on_planes([op, key = at.key](Planes& planes) {
    flatten_patches(planes, slic_patches(planes, op.segments, op.compactness), op.replaced, key);
  });
}
}  // namespace superpixels

}  // namespace

void add_style(OpTable& t) {
  t.add(op<color_quantize::Op, color_quantize::lower>(
      {.name = "color_quantize",
       .summary = "Keep few colours",
       .detail = "uniform: v' = min(floor(v·n), n − 1)/(n − 1), n levels a channel. kmeans: every colour becomes the "
                 "nearest of n means (Lloyd 1982) of up to 4096 of the picture's pixels, begun as by k-means++ (Arthur "
                 "and Vassilvitskii 2007). Alpha stays.",
       .family = "style",
       .example = "color_quantize: {colors: 8, by: kmeans}",
       .node = NodeKind::table,
       .fields = color_quantize::fields,
       .joins_channels = true}));
  t.add(op<dithering::Op, dithering::lower>(
      {.name = "dithering",
       .summary = "Show tones by patterns of few levels",
       .detail =
           "Each channel by itself to levels 0, 1/(n − 1) … 1: by error diffusion (Floyd and Steinberg 1976) row by "
           "row from the left, or against Bayer's 8×8 matrix (1973). Alpha stays.",
       .family = "style",
       .example = "dithering: {levels: 4}",
       .node = NodeKind::opaque,
       .fields = dithering::fields}));
  t.add(op<superpixels::Op, superpixels::lower>(
      {.name = "superpixels",
       .summary = "Flat patches that follow the picture's edges",
       .detail =
           "Patches by SLIC (Achanta et al. 2012) in the picture's own channels: five rounds of k-means in colour "
           "and place within a patch's width, distance² = colour² + (compactness·place/width)². A share of "
           "the patches takes its mean colour. Alpha stays.",
       .family = "style",
       .example = "superpixels: {segments: 150}",
       .node = NodeKind::opaque,
       .fields = superpixels::fields,
       .joins_channels = true}));
}

}  // namespace leaven::ops
