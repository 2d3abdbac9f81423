// Colour and light: brightness, contrast, saturation, hue, and the four of them as color_jitter.
#include <array>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "ops/families.hpp"
#include "ops/image/channels.hpp"

namespace leaven::ops {
namespace {

enum class Around : std::uint8_t { mid, mean };
constexpr std::array<std::string_view, 2> kAroundNames{"mid", "mean"};
constexpr std::string_view kAroundDoc = "Level that stays where it is: mid grey, or the picture's mean grey";

Nodes scaled_light(double by) { return by == 1 ? Nodes{} : Nodes{affine_curve(by, 0)}; }

Nodes contrast_about(double grey, double by) { return by == 1 ? Nodes{} : Nodes{affine_curve(by, grey * (1 - by))}; }

Nodes scaled_contrast(double by, Around around, const Site& at) {
  if (around == Around::mid) return contrast_about(0.5, by);
  if (by == 1) return {};
  has_colour(at);
  return {Reduce{.mean_grey = true, .tail = [by](const Statistics& s, const RasterShape&) {
                   return affine_curve(by, s.mean_grey * (1 - by));
                 }}};
}

// Each colour becomes own·itself + (1 − own)·luma.
ColorMatrix blend_with_luma(double own) {
  ColorMatrix matrix;
  for (std::size_t row = 0; row < 3; ++row)
    for (std::size_t column = 0; column < 3; ++column)
      matrix.m[4 * row + column] = static_cast<float>((1 - own) * kLuma[column] + (row == column ? own : 0));
  return matrix;
}

Nodes scaled_saturation(double by, const Site& at) {
  if (!has_colour(at) || by == 1) return {};
  return {blend_with_luma(by)};
}

/// Turns the plane of I and Q of YIQ by `turns`, red towards green, and scales it by `by`. The constants are those of FCC NTSC to
/// three digits, as NVIDIA DALI has them.
ColorMatrix changed_chroma(double turns, double by) {
  constexpr std::array<double, 9> kToYiq{0.299, 0.587, 0.114, 0.596, -0.274, -0.321, 0.211, -0.523, 0.311};
  constexpr std::array<double, 9> kToRgb{1, 0.956, 0.621, 1, -0.272, -0.647, 1, -1.107, 1.705};
  const double c = by * exact::cos(turns * 6.283185307179586), s = by * exact::sin(turns * 6.283185307179586);
  const std::array<double, 9> change{1, 0, 0, 0, c, s, 0, -s, c};
  const auto product = [](const std::array<double, 9>& a, const std::array<double, 9>& b) {
    std::array<double, 9> out{};
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 3; ++j)
        for (std::size_t k = 0; k < 3; ++k) out[3 * i + j] += a[3 * i + k] * b[3 * k + j];
    return out;
  };
  const std::array<double, 9> all = product(kToRgb, product(change, kToYiq));
  ColorMatrix matrix;
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) matrix.m[4 * i + j] = static_cast<float>(all[3 * i + j]);
  return matrix;
}

Nodes turned_hue(double by, const Site& at) {
  require_bounded(at);
  if (!has_colour(at) || by == 0) return {};
  return {ColorFunction{.form = ColorFunction::Form::hue_shift, .a = by}};
}

namespace brightness {
struct Op {
  double by = 1;
};
constexpr auto fields = std::array{field<&Op::by>("by", {.doc = "Factor on every value: 0 is black, 2 twice as bright",
                                                         .lo = 0,
                                                         .hi = 10,
                                                         .unit = "factor",
                                                         .neutral = 1,
                                                         .strong = 1.8,
                                                         .draw = uniform(0.8, 1.2)})};
Nodes lower(const Op& op, const Site&) { return scaled_light(op.by); }
}  // namespace brightness

namespace linear {
struct Op {
  double gain = 1;
  double offset = 0;
};
constexpr auto fields = std::array{field<&Op::gain>("gain", {.doc = "Factor on every value",
                                                             .lo = 0,
                                                             .hi = 10,
                                                             .unit = "factor",
                                                             .neutral = 1,
                                                             .strong = 1.8,
                                                             .draw = uniform(0.8, 1.2)}),
                                   field<&Op::offset>("offset", {.doc = "What is added then, as a share of full scale",
                                                                 .lo = -1,
                                                                 .hi = 1,
                                                                 .unit = "fraction",
                                                                 .neutral = 0,
                                                                 .strong = 0.5,
                                                                 .draw = uniform(-0.2, 0.2)})};
Nodes lower(const Op& op, const Site&) {
  return op.gain == 1 && op.offset == 0 ? Nodes{} : Nodes{affine_curve(op.gain, op.offset)};
}
}  // namespace linear

namespace contrast {
enum class Compat : std::uint8_t { leaven, dali };
constexpr std::array<std::string_view, 2> kCompatNames{"leaven", "dali"};
struct Op {
  double by = 1;
  Around around = Around::mid;
  Compat compat = Compat::leaven;
};
constexpr auto fields = std::array{field<&Op::by>("by", {.doc = "Factor on the distance from the grey that stays",
                                                         .lo = 0,
                                                         .hi = 10,
                                                         .unit = "factor",
                                                         .neutral = 1,
                                                         .strong = 1.8,
                                                         .draw = uniform(0.8, 1.2)}),
                                   field<&Op::around>("around", {.doc = kAroundDoc, .choices = kAroundNames}),
                                   field<&Op::compat>("compat", {.doc = "Whose mid grey: DALI's is level 128 of 8 bits",
                                                                 .choices = kCompatNames})};

/// Half of the range of whole numbers that the type has room for.
double half_range(Dtype dtype) {
  switch (dtype) {
    case Dtype::u8: return 128 / 255.0;
    case Dtype::u16: return 32768 / 65535.0;
    case Dtype::f32: break;
  }
  return 0.5;
}

Nodes lower(const Op& op, const Site& at) {
  if (op.compat == Compat::leaven) return scaled_contrast(op.by, op.around, at);
  if (op.around != Around::mid) throw usage_error("compat: dali has a mid grey of its own, so around must be mid");
  return contrast_about(half_range(at.image.dtype), op.by);
}
}  // namespace contrast

namespace saturation {
enum class Compat : std::uint8_t { leaven, imgaug, dali };
constexpr std::array<std::string_view, 3> kCompatNames{"leaven", "imgaug", "dali"};
struct Op {
  double by = 1;
  Compat compat = Compat::leaven;
};
constexpr auto fields =
    std::array{field<&Op::by>("by", {.doc = "Factor on the distance from grey: 0 is grey, 2 twice as colourful",
                                     .lo = 0,
                                     .hi = 10,
                                     .unit = "factor",
                                     .neutral = 1,
                                     .strong = 2,
                                     .draw = uniform(0.8, 1.2)}),
               field<&Op::compat>("compat", {.doc = "Whose formula: imgaug's is a factor on the S of HSV, DALI's on I and Q of YIQ",
                                             .choices = kCompatNames})};
Nodes lower(const Op& op, const Site& at) {
  if (op.compat == Compat::leaven) return scaled_saturation(op.by, at);
  if (op.compat == Compat::dali) return op.by == 1 || !has_colour(at) ? Nodes{} : Nodes{changed_chroma(0, op.by)};
  OpValue hsv(op_table().at("hsv"));
  hsv.set("saturation", op.by);
  return hsv.lower(at);
}
}  // namespace saturation

namespace hue {
enum class Compat : std::uint8_t { leaven, dali };
constexpr std::array<std::string_view, 2> kCompatNames{"leaven", "dali"};
struct Op {
  double by = 0;
  Compat compat = Compat::leaven;
};
constexpr auto fields = std::array{field<&Op::by>("by", {.doc = "Turn of the colour circle: 1/3 makes red green",
                                                         .lo = -0.5,
                                                         .hi = 0.5,
                                                         .unit = "turns",
                                                         .neutral = 0,
                                                         .strong = 0.5,
                                                         .draw = uniform(-0.03, 0.03)}),
                              field<&Op::compat>("compat", {.doc = "Whose formula: DALI's turns I and Q of YIQ",
                                                            .choices = kCompatNames})};

Nodes lower(const Op& op, const Site& at) {
  if (op.compat == Compat::leaven) return turned_hue(op.by, at);
  if (op.by == 0 || !has_colour(at)) return {};
  return {changed_chroma(op.by, 1)};
}
}  // namespace hue

namespace color_jitter {
struct Op {
  double brightness = 1, contrast = 1, saturation = 1, hue = 0;
  int order = 0;
  Around around = Around::mid;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::brightness>("brightness", {.doc = "As brightness: {by}", .lo = 0, .hi = 10, .unit = "factor",
        .neutral = 1, .strong = 1.8, .draw = uniform(0.8, 1.2)}),
    field<&Op::contrast>("contrast", {.doc = "As contrast: {by}", .lo = 0, .hi = 10, .unit = "factor", .neutral = 1,
        .strong = 1.8, .draw = uniform(0.8, 1.2)}),
    field<&Op::saturation>("saturation", {.doc = "As saturation: {by}", .lo = 0, .hi = 10, .unit = "factor",
        .neutral = 1, .strong = 2, .draw = uniform(0.8, 1.2)}),
    field<&Op::hue>("hue", {.doc = "As hue: {by}", .lo = -0.5, .hi = 0.5, .unit = "turns", .neutral = 0, .strong = 0.5,
        .draw = uniform(-0.03, 0.03)}),
    field<&Op::order>("order", {.doc = "Which of the 24 orders of the four: 0 is as listed, 23 the reverse", .lo = 0,
        .hi = 23, .unit = "1", .draw = integer(0, 23)}),
    field<&Op::around>("around", {.doc = kAroundDoc, .choices = kAroundNames})};
// clang-format on

// Permutation number `index` of 0…3 in lexicographic order.
std::array<int, 4> order_of(int index) {
  std::array<int, 4> left{0, 1, 2, 3}, order{};
  int rest = index, choices = 6;
  for (int i = 0; i < 4; ++i) {
    const auto pick = static_cast<std::size_t>(rest / choices);
    order[static_cast<std::size_t>(i)] = left[pick];
    for (std::size_t k = pick; k + 1 < left.size(); ++k) left[k] = left[k + 1];
    rest %= choices;
    choices /= i < 2 ? 3 - i : 1;
  }
  return order;
}

Nodes lower(const Op& op, const Site& at) {
  const std::array<Nodes, 4> parts{scaled_light(op.brightness), scaled_contrast(op.contrast, op.around, at),
                                   scaled_saturation(op.saturation, at), turned_hue(op.hue, at)};
  Nodes nodes;
  for (const int part : order_of(op.order))
    nodes.insert(nodes.end(), parts[static_cast<std::size_t>(part)].begin(),
                 parts[static_cast<std::size_t>(part)].end());
  return nodes;
}
}  // namespace color_jitter

namespace grayscale {
struct Op {};
Nodes lower(const Op&, const Site& at) {
  if (!has_colour(at)) return {};
  return {blend_with_luma(0)};
}
}  // namespace grayscale

}  // namespace

void add_color(OpTable& t) {
  t.add(op<brightness::Op, brightness::lower>({.name = "brightness",
                                               .summary = "Make brighter or darker",
                                               .detail = "v' = by·v, as torchvision and Pillow.",
                                               .family = "color",
                                               .example = "brightness: {by: 1.2}",
                                               .node = NodeKind::table,
                                               .fields = brightness::fields}));
  t.add(op<linear::Op, linear::lower>({.name = "linear",
                                       .summary = "Multiply every value and add to it",
                                       .detail = "v' = gain·v + offset, cut off at black and white once, at the end: as albumentations' "
                                                 "RandomBrightnessContrast.",
                                       .family = "color",
                                       .example = "linear: {gain: 1.2, offset: -0.1}",
                                       .node = NodeKind::table,
                                       .fields = linear::fields}));
  t.add(op<contrast::Op, contrast::lower>({.name = "contrast",
                                           .summary = "Raise or lower the contrast",
                                           .detail = "v' = g + by·(v − g). around: mid has g = 1/2; around: mean has "
                                                     "g = the mean of 0.299 R + 0.587 G + 0.114 B over the picture, "
                                                     "as torchvision and Pillow (which round it). compat: dali has g = "
                                                     "128/255, 32768/65535 in 16 bits and 1/2 in floats, as NVIDIA DALI's "
                                                     "contrast; its brightness is as ours.",
                                           .family = "color",
                                           .example = "contrast: {by: 0.8, around: mean}",
                                           .node = NodeKind::table,
                                           .reads = Reads::shapes,
                                           .fields = contrast::fields}));
  t.add(op<saturation::Op, saturation::lower>({.name = "saturation",
                                               .summary = "Make colours stronger or paler",
                                               .detail = "v' = Y + by·(v − Y), Y = 0.299 R + 0.587 G + 0.114 B: "
                                                         "torchvision's and Pillow's blend, not the S of HSV. "
                                                         "compat: imgaug is S' = min(1, S·by) with H and V as they "
                                                         "are: imgaug's MultiplySaturation. compat: dali is a factor on I and Q of YIQ, "
                                                         "with constants of three digits, as NVIDIA DALI's saturation and "
                                                         "color_twist. Grey images stay.",
                                               .family = "color",
                                               .example = "saturation: {by: 1.5}",
                                               .node = NodeKind::color_matrix,
                                               .fields = saturation::fields}));
  t.add(op<hue::Op, hue::lower>(
      {.name = "hue",
       .summary = "Turn the colour circle",
       .detail = "HSV hue plus by, modulo 1, S and V unchanged (Smith 1978), as torchvision and albumentations have it; "
                 "computed in floating point. Greys and grey images stay. compat: dali turns I and Q of YIQ by by: I' = I·cos "
                 "+ Q·sin, Q' = Q·cos − I·sin, with constants of three digits as NVIDIA DALI has them.",
       .family = "color",
       .example = "hue: {by: 0.05}",
       .node = NodeKind::color_function,
       .fields = hue::fields}));
  t.add(op<color_jitter::Op, color_jitter::lower>(
      {.name = "color_jitter",
       .summary = "Brightness, contrast, saturation and hue in a random order",
       .detail = "The four ops of these names one after the other; the order is one of the 24, drawn like the values.",
       .family = "color",
       .example = "color_jitter: {brightness: {uniform: [0.6, 1.4]}, hue: {uniform: [-0.1, 0.1]}}",
       .node = NodeKind::color_matrix,
       .fields = color_jitter::fields}));
  t.add(op<grayscale::Op, grayscale::lower>({.name = "grayscale",
                                             .summary = "Turn to grey, with as many channels as before",
                                             .detail = "R' = G' = B' = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).",
                                             .family = "color",
                                             .example = "grayscale",
                                             .node = NodeKind::color_matrix}));
}

}  // namespace leaven::ops
