// Tone curves that are no plain power.
#include <array>
#include <cmath>

#include "core/exact_math.hpp"
#include "ops/image/channels.hpp"

namespace leaven::ops {
namespace {

namespace tone_curve {
struct Op {
  double low = 1.0 / 3, high = 2.0 / 3;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::low>("low", {.doc = "Height of the curve's first handle: below 1/3 darkens the shadows", .lo = 0,
        .hi = 1, .unit = "fraction", .neutral = 1.0 / 3, .strong = 0, .draw = uniform(0.13, 0.53)}),
    field<&Op::high>("high", {.doc = "Height of the second handle: above 2/3 lightens the highlights", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 2.0 / 3, .strong = 1, .draw = uniform(0.47, 0.87)})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.low == 1.0 / 3 && op.high == 2.0 / 3) return {};
  const auto bezier = [&](double x) {
    return 3 * (1 - x) * (1 - x) * x * op.low + 3 * (1 - x) * x * x * op.high + x * x * x;
  };
  return {sampled_curve(bezier, at.image.dtype)};
}
}  // namespace tone_curve

namespace sigmoid_contrast {
struct Op {
  double gain = 6, midpoint = 0.5;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::gain>("gain", {.doc = "Steepness of the curve in its middle", .lo = 0, .hi = 100, .unit = "1",
        .draw = uniform(4, 9)}),
    field<&Op::midpoint>("midpoint", {.doc = "Value that becomes mid grey", .lo = 0, .hi = 1, .unit = "fraction",
        .draw = uniform(0.4, 0.6)})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  return {sampled_curve([&](double x) { return 1 / (1 + exact::exp(op.gain * (op.midpoint - x))); }, at.image.dtype)};
}
}  // namespace sigmoid_contrast

namespace log_contrast {
struct Op {
  double gain = 1;
};
constexpr auto fields = std::array{field<&Op::gain>(
    "gain", {.doc = "Factor on the curve", .lo = 0, .hi = 10, .unit = "factor", .draw = uniform(0.8, 1.1)})};
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  const double scale = op.gain / exact::log(2);
  return {sampled_curve([&](double x) { return scale * exact::log(1 + x); }, at.image.dtype)};
}
}  // namespace log_contrast

}  // namespace

void add_curves(OpTable& t) {
  t.add(op<tone_curve::Op, tone_curve::lower>(
      {.name = "tone_curve",
       .summary = "Bend the tone curve at two handles",
       .detail = "v' = 3(1 − v)²v·low + 3(1 − v)v²·high + v³: the Bézier curve through black and white with handles at "
                 "1/3 and 2/3, where it is a straight line (random tone curves of Lim et al. 2021).",
       .family = "tone",
       .example = "tone_curve: {low: 0.25, high: 0.75}",
       .node = NodeKind::table,
       .fields = tone_curve::fields}));
  t.add(op<sigmoid_contrast::Op, sigmoid_contrast::lower>(
      {.name = "sigmoid_contrast",
       .summary = "Raise the contrast of the middle tones by an S-curve",
       .detail = "v' = 1/(1 + exp(gain·(midpoint − v))), as scikit-image's adjust_sigmoid; black and white become "
                 "greys where gain is small.",
       .family = "tone",
       .example = "sigmoid_contrast: {gain: 8}",
       .node = NodeKind::table,
       .fields = sigmoid_contrast::fields}));
  t.add(op<log_contrast::Op, log_contrast::lower>({.name = "log_contrast",
                                                   .summary = "Lift the shadows by a logarithm",
                                                   .detail = "v' = gain·log2(1 + v), as scikit-image's adjust_log.",
                                                   .family = "tone",
                                                   .example = "log_contrast: {gain: 1.1}",
                                                   .node = NodeKind::table,
                                                   .fields = log_contrast::fields}));
}

}  // namespace leaven::ops
