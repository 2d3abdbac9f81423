// Casts of colour over the whole picture.
#include <array>
#include <cmath>

#include "core/exact_math.hpp"
#include "ops/image/channels.hpp"

namespace leaven::ops {
namespace {

using Rgb = std::array<double, 3>;

double luma_of(const Rgb& v) { return kLuma[0] * v[0] + kLuma[1] * v[1] + kLuma[2] * v[2]; }

// A curve a colour; grey images take that of the luma.
template <class CurveOf>
Nodes curve_a_colour(const Rgb& settings, const Site& at, const CurveOf& curve_of) {
  Table table = Table::all(curve_of(luma_of(settings)));
  if (has_colour(at))
    for (std::size_t c = 0; c < 3; ++c) table.curves[c] = curve_of(settings[c]);
  return {table};
}

namespace rgb_shift {
struct Op {
  double red = 0, green = 0, blue = 0;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::red>("red", {.doc = "What is added to red", .lo = -1, .hi = 1, .unit = "fraction", .neutral = 0,
        .strong = 0.3, .draw = uniform(-0.08, 0.08)}),
    field<&Op::green>("green", {.doc = "What is added to green", .lo = -1, .hi = 1, .unit = "fraction", .neutral = 0,
        .strong = -0.2, .draw = uniform(-0.08, 0.08)}),
    field<&Op::blue>("blue", {.doc = "What is added to blue", .lo = -1, .hi = 1, .unit = "fraction", .neutral = 0,
        .strong = -0.3, .draw = uniform(-0.08, 0.08)})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  if (op.red == 0 && op.green == 0 && op.blue == 0) return {};
  return curve_a_colour({op.red, op.green, op.blue}, at,
                        [](double by) { return Curve{.form = Curve::Form::affine, .a = 1, .b = by}; });
}
}  // namespace rgb_shift

namespace rgb_gain {
struct Op {
  double red = 1, green = 1, blue = 1;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::red>("red", {.doc = "Factor on red", .lo = 0, .hi = 10, .unit = "factor", .neutral = 1, .strong = 1.6,
        .draw = uniform(0.9, 1.1)}),
    field<&Op::green>("green", {.doc = "Factor on green", .lo = 0, .hi = 10, .unit = "factor", .neutral = 1,
        .strong = 0.8, .draw = uniform(0.9, 1.1)}),
    field<&Op::blue>("blue", {.doc = "Factor on blue", .lo = 0, .hi = 10, .unit = "factor", .neutral = 1,
        .strong = 0.6, .draw = uniform(0.9, 1.1)})};
// clang-format on
Nodes scaled(const Rgb& by, const Site& at) {
  return curve_a_colour(by, at, [](double gain) { return Curve{.form = Curve::Form::affine, .a = gain, .b = 0}; });
}
Nodes lower(const Op& op, const Site& at) {
  if (op.red == 1 && op.green == 1 && op.blue == 1) return {};
  return scaled({op.red, op.green, op.blue}, at);
}
}  // namespace rgb_gain

// (1 − amount)·v + amount·(T·v + offset).
ColorMatrix blended(double amount, const std::array<double, 9>& target, const Rgb& offset = {}) {
  ColorMatrix matrix;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column)
      matrix.m[4 * row + column] =
          static_cast<float>((row == column ? 1 - amount : 0) + amount * target[3 * row + column]);
    matrix.m[4 * row + 3] = static_cast<float>(amount * offset[row]);
  }
  return matrix;
}

namespace sepia {
struct Op {
  double amount = 1;
};
constexpr auto fields =
    std::array{field<&Op::amount>("amount", {.doc = "0 leaves the picture, 1 is the full brown of old photographs",
                                             .lo = 0,
                                             .hi = 1,
                                             .unit = "fraction",
                                             .neutral = 0,
                                             .strong = 1,
                                             .draw = uniform(0.3, 1)})};
constexpr std::array<double, 9> kBrown{0.393, 0.769, 0.189, 0.349, 0.686, 0.168, 0.272, 0.534, 0.131};
Nodes lower(const Op& op, const Site& at) {
  if (op.amount == 0 || !has_colour(at)) return {};
  return {blended(op.amount, kBrown)};
}
}  // namespace sepia

namespace colorize {
struct Op {
  double amount = 1;
  std::vector<double> black{0.05, 0.05, 0.2}, white{1, 0.95, 0.8};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "0 leaves the picture, 1 replaces its colours", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 1, .draw = uniform(0.3, 1)}),
    field<&Op::black>("black", {.doc = "Red, green and blue that black becomes", .lo = 0, .hi = 1, .unit = "fraction",
        .min_count = 3, .max_count = 3}),
    field<&Op::white>("white", {.doc = "Red, green and blue that white becomes", .lo = 0, .hi = 1, .unit = "fraction",
        .min_count = 3, .max_count = 3})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  if (op.amount == 0 || !has_colour(at)) return {};
  std::array<double, 9> ramp{};
  for (std::size_t row = 0; row < 3; ++row)
    for (std::size_t column = 0; column < 3; ++column)
      ramp[3 * row + column] = (op.white[row] - op.black[row]) * kLuma[column];
  return {blended(op.amount, ramp, {op.black[0], op.black[1], op.black[2]})};
}
}  // namespace colorize

namespace color_temperature {
constexpr double kDaylight = 6500;
struct Op {
  double kelvin = kDaylight;
};
constexpr auto fields = std::array{field<&Op::kelvin>("kelvin", {.doc = "Light of a black body this hot: low is red",
                                                                 .lo = 2000,
                                                                 .hi = 25000,
                                                                 .unit = "K",
                                                                 .neutral = kDaylight,
                                                                 .strong = 2500,
                                                                 .draw = log_uniform(4500, 9500)})};

// Linear sRGB, green 1, of a black body: chromaticity by the cubic splines of Kim et al. (US patent 7024034, 2006).
Rgb black_body(double kelvin) {
  const double t = 1000 / kelvin;
  const double x = kelvin <= 4000 ? ((-0.2661239 * t - 0.2343589) * t + 0.8776956) * t + 0.179910
                                  : ((-3.0258469 * t + 2.1070379) * t + 0.2226347) * t + 0.240390;
  const double y = kelvin <= 2222   ? ((-1.1063814 * x - 1.34811020) * x + 2.18555832) * x - 0.20219683
                   : kelvin <= 4000 ? ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867
                                    : ((3.0817580 * x - 5.87338670) * x + 3.75112997) * x - 0.37001483;
  const double z = 1 - x - y;
  const double red = 3.2406 * x - 1.5372 * y - 0.4986 * z, green = -0.9689 * x + 1.8758 * y + 0.0415 * z,
               blue = 0.0557 * x - 0.2040 * y + 1.0570 * z;
  return {red / green, 1, blue > 0 ? blue / green : 0};
}

Nodes lower(const Op& op, const Site& at) {
  if (op.kelvin == kDaylight || !has_colour(at)) return {};
  const Rgb light = black_body(op.kelvin), day = black_body(kDaylight);
  Rgb gain{};
  for (std::size_t c = 0; c < 3; ++c) gain[c] = exact::pow(light[c] / day[c], 1 / 2.2);
  return rgb_gain::scaled(gain, at);
}
}  // namespace color_temperature

}  // namespace

void add_tint(OpTable& t) {
  t.add(op<rgb_shift::Op, rgb_shift::lower>({.name = "rgb_shift",
                                             .summary = "Add to red, green and blue",
                                             .detail = "v' = v + red, green or blue; grey images take the luma 0.299 "
                                                       "R + 0.587 G + 0.114 B of the three.",
                                             .family = "color",
                                             .example = "rgb_shift: {red: 0.1, blue: -0.05}",
                                             .node = NodeKind::table,
                                             .fields = rgb_shift::fields,
                                             .tints = true}));
  t.add(op<rgb_gain::Op, rgb_gain::lower>({.name = "rgb_gain",
                                           .summary = "Multiply red, green and blue",
                                           .detail = "v' = v times red, green or blue: another white balance; grey "
                                                     "images take the luma 0.299 R + 0.587 G + 0.114 B of the three.",
                                           .family = "color",
                                           .example = "rgb_gain: {red: 1.1, blue: 0.9}",
                                           .node = NodeKind::table,
                                           .fields = rgb_gain::fields,
                                           .tints = true}));
  t.add(op<sepia::Op, sepia::lower>(
      {.name = "sepia",
       .summary = "Brown like an old photograph",
       .detail = "(R', G', B') = (1 − amount)·(R, G, B) + amount·M·(R, G, B), the rows of M (0.393, 0.769, 0.189), "
                 "(0.349, 0.686, 0.168), (0.272, 0.534, 0.131), the matrix that is usual for it. Grey images stay.",
       .family = "color",
       .example = "sepia: {amount: 0.6}",
       .node = NodeKind::color_matrix,
       .fields = sepia::fields,
       .tints = true}));
  t.add(op<colorize::Op, colorize::lower>(
      {.name = "colorize",
       .summary = "Replace all colours by a ramp between two",
       .detail = "(1 − amount)·v + amount·(black + Y·(white − black)), Y = 0.299 R + 0.587 G + 0.114 B, as Pillow's "
                 "ImageOps.colorize. Grey images stay.",
       .family = "color",
       .example = "colorize: {black: [0, 0, 0.3], white: [1, 0.9, 0.7]}",
       .node = NodeKind::color_matrix,
       .fields = colorize::fields,
       .tints = true}));
  t.add(op<color_temperature::Op, color_temperature::lower>(
      {.name = "color_temperature",
       .summary = "Light the scene with a warmer or colder lamp",
       .detail = "v' = v·g, g the colour of a black body over that of one at 6500 K in linear sRGB, green 1, to the "
                 "power 1/2.2: physics-based colour jitter along the Planckian locus (Zini et al., Planckian Jitter, "
                 "2023). Grey images stay.",
       .family = "color",
       .example = "color_temperature: {kelvin: 4000}",
       .node = NodeKind::table,
       .fields = color_temperature::fields,
       .tints = true}));
}

}  // namespace leaven::ops
