// Lost resolution and lens errors.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "ops/image/channels.hpp"
#include "ops/image/resample.hpp"

namespace leaven::ops {
namespace {

namespace pixelate {
enum class By : std::uint8_t { mean, min, max, median };
constexpr std::array<std::string_view, 4> kByNames{"mean", "min", "max", "median"};
struct Op {
  int size = 4;
  By by = By::mean;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::size>("size", {.doc = "Side of the blocks", .lo = 1, .hi = 4096, .unit = "px", .neutral = 1,
        .strong = 16, .draw = integer(2, 6)}),
    field<&Op::by>("by", {.doc = "Which value a block takes, for every channel by itself", .choices = kByNames})};
// clang-format on

float value_of(std::vector<float>& values, By by) {
  switch (by) {
    case By::mean: {
      double sum = 0;
      for (const float v : values) sum += static_cast<double>(v);
      return static_cast<float>(sum / static_cast<double>(values.size()));
    }
    case By::min: return *std::min_element(values.begin(), values.end());
    case By::max: return *std::max_element(values.begin(), values.end());
    case By::median: break;
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}
Nodes lower(const Op& op, const Site&) {
  if (op.size == 1) return {};
  return on_each_plane([op](Plane& plane) {
    std::vector<float> values;
    for (int top = 0; top < plane.height(); top += op.size)
      for (int left = 0; left < plane.width(); left += op.size) {
        const int bottom = std::min(top + op.size, plane.height()), right = std::min(left + op.size, plane.width());
        values.clear();
        for (int y = top; y < bottom; ++y) values.insert(values.end(), plane.row(y) + left, plane.row(y) + right);
        const float value = value_of(values, op.by);
        for (int y = top; y < bottom; ++y) std::fill(plane.row(y) + left, plane.row(y) + right, value);
      }
  });
}
}  // namespace pixelate

namespace downscale {
struct Op {
  double scale = 0.5;
  Filter down = Filter::area, up = Filter::bilinear;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::scale>("scale", {.doc = "Size in between, as a share of the picture's", .lo = 0.01, .hi = 1,
        .unit = "fraction", .neutral = 1, .strong = 0.1, .draw = uniform(0.25, 0.75)}),
    field<&Op::down>("down", {.doc = "How it shrinks", .choices = kFilterNames}),
    field<&Op::up>("up", {.doc = "How it grows again: nearest shows squares", .choices = kFilterNames})};
// clang-format on
Nodes lower(const Op& op, const Site&) {
  if (op.scale == 1) return {};
  return on_each_plane([op](Plane& plane) {
    const auto side = [&](int full) { return std::max(1, static_cast<int>(std::nearbyint(full * op.scale))); };
    plane = resampled(resampled(plane, side(plane.width()), side(plane.height()), op.down), plane.width(),
                      plane.height(), op.up);
  });
}
}  // namespace downscale

namespace chromatic_aberration {
struct Op {
  double red = 0.006, blue = -0.006;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::red>("red", {.doc = "How much larger red is pictured than green", .lo = -0.5, .hi = 0.5,
        .unit = "fraction", .neutral = 0, .strong = 0.04, .draw = uniform(-0.01, 0.01)}),
    field<&Op::blue>("blue", {.doc = "How much larger blue is pictured than green", .lo = -0.5, .hi = 0.5,
        .unit = "fraction", .neutral = 0, .strong = -0.04, .draw = uniform(-0.01, 0.01)})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  if (!has_colour(at) || (op.red == 0 && op.blue == 0)) return {};
  return on_planes([op](Planes& planes) {
    if (op.red != 0) planes[0] = enlarged(planes[0], planes.width(), planes.height(), 1 + op.red);
    if (op.blue != 0) planes[2] = enlarged(planes[2], planes.width(), planes.height(), 1 + op.blue);
  });
}
}  // namespace chromatic_aberration

}  // namespace

void add_resolution(OpTable& t) {
  t.add(op<pixelate::Op, pixelate::lower>(
      {.name = "pixelate",
       .summary = "Blocks of one value each: pooling at full size",
       .detail =
           "From the upper left, every size×size block takes the mean, least, largest or middle (upper of two) of "
           "its values; blocks at the far edges are smaller. Alpha stays.",
       .family = "quality",
       .example = "pixelate: {size: 6}",
       .node = NodeKind::opaque,
       .fields = pixelate::fields}));
  t.add(op<downscale::Op, downscale::lower>(
      {.name = "downscale",
       .summary = "Shrink and enlarge again, so that detail is lost",
       .detail = "To round(scale·side) px and back, by two filters as resize has them; labels stay where they are, and "
                 "so does alpha.",
       .family = "quality",
       .example = "downscale: {scale: 0.4, up: nearest}",
       .node = NodeKind::opaque,
       .fields = downscale::fields}));
  t.add(op<chromatic_aberration::Op, chromatic_aberration::lower>(
      {.name = "chromatic_aberration",
       .summary = "Fringes of colour towards the corners",
       .detail = "Red and blue are pictured 1 + red and 1 + blue times as large as green, about the middle, sampled "
                 "bilinearly with repeated edges: lateral chromatic aberration of first order. Grey images and alpha "
                 "stay.",
       .family = "quality",
       .example = "chromatic_aberration: {red: 0.01, blue: -0.01}",
       .node = NodeKind::opaque,
       .fields = chromatic_aberration::fields,
       .tints = true}));
}

}  // namespace leaven::ops
