// Hue, saturation and value as HSV has them.
#include <algorithm>
#include <array>

#include "ops/image/channels.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {
namespace {

namespace hsv {
struct Op {
  double hue = 0, saturation = 1, saturation_shift = 0, value = 1, value_shift = 0;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::hue>("hue", {.doc = "Turn of the colour circle: 1/3 makes red green", .lo = -0.5, .hi = 0.5,
        .unit = "turns", .neutral = 0, .strong = 0.5, .draw = uniform(-0.03, 0.03)}),
    field<&Op::saturation>("saturation", {.doc = "Factor on the saturation", .lo = 0, .hi = 10, .unit = "factor",
        .neutral = 1, .strong = 2}),
    field<&Op::saturation_shift>("saturation_shift", {.doc = "What is added to the saturation of what has any",
        .lo = -1, .hi = 1, .unit = "fraction", .neutral = 0, .strong = 0.4, .draw = uniform(-0.1, 0.1)}),
    field<&Op::value>("value", {.doc = "Factor on the value", .lo = 0, .hi = 10, .unit = "factor", .neutral = 1,
        .strong = 1.5}),
    field<&Op::value_shift>("value_shift", {.doc = "What is added to the value", .lo = -1, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 0.3, .draw = uniform(-0.08, 0.08)})};
// clang-format on

/// S' = S·by + plus and V' = V·gain + lift, both from 0 to 1.
struct Change {
  float by, plus, gain, lift;
};

// Every colour keeps its share of the way from the largest of the three to the smallest.
void change_row(float* r, float* g, float* b, int count, const Change& change) {
  constexpr float kTiny = 1e-20f;
  for (int x = 0; x < count; ++x) {
    const float value = std::max(std::max(r[x], g[x]), b[x]);
    const float range = value - std::min(std::min(r[x], g[x]), b[x]);
    const float new_value = std::min(std::max(value * change.gain + change.lift, 0.0f), 1.0f);
    const float saturation = range / std::max(value, kTiny);
    const float new_saturation = std::min(std::max(saturation * change.by + change.plus, 0.0f), 1.0f);
    const float scale = range > 0 ? new_saturation * new_value / std::max(range, kTiny) : 0.0f;
    r[x] = new_value - (value - r[x]) * scale;
    g[x] = new_value - (value - g[x]) * scale;
    b[x] = new_value - (value - b[x]) * scale;
  }
}

Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  const bool colour = has_colour(at);
  Nodes nodes;
  if (colour && op.hue != 0) nodes.push_back(ColorFunction{.form = ColorFunction::Form::hue_shift, .a = op.hue});
  const bool light = op.value != 1 || op.value_shift != 0;
  if (!colour) {
    if (light) nodes.push_back(affine_curve(op.value, op.value_shift));
    return nodes;
  }
  if (!light && op.saturation == 1 && op.saturation_shift == 0) return nodes;
  const Change change{static_cast<float>(op.saturation), static_cast<float>(op.saturation_shift),
                      static_cast<float>(op.value), static_cast<float>(op.value_shift)};
  nodes.push_back(on_planes([change](Planes& planes) {
    for (int y = 0; y < planes.height(); ++y)
      change_row(planes[0].row(y), planes[1].row(y), planes[2].row(y), planes.width(), change);
  })[0]);
  return nodes;
}
}  // namespace hsv

}  // namespace

void add_hsv(OpTable& t) {
  t.add(op<hsv::Op, hsv::lower>(
      {.name = "hsv",
       .summary = "Change hue, saturation and value of HSV",
       .detail = "H + hue modulo 1; S' = S·saturation + saturation_shift where S > 0, greys stay grey; V' = V·value + "
                 "value_shift; S and V from 0 to 1 (Smith 1978). The op saturation is another thing: a blend with "
                 "the luma. Grey images take V' alone. Alpha stays.",
       .family = "color",
       .example = "hsv: {saturation: 1.3, value_shift: -0.05}",
       .node = NodeKind::opaque,
       .fields = hsv::fields}));
}

}  // namespace leaven::ops
