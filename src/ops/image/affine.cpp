// Rotation, scale, shear and translation in one map, and the two that have no file of their own.
#include <cmath>

#include "ops/image/canvas.hpp"

namespace leaven::ops {
namespace {

namespace affine {
struct Op {
  double degrees = 0, scale = 1, shear_x = 0, shear_y = 0, translate_x = 0, translate_y = 0;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::degrees>("degrees", {.doc = "Angle, counter-clockwise as seen", .lo = -360, .hi = 360, .unit = "degrees",
        .neutral = 0, .strong = 45, .draw = uniform(-10, 10)}),
    field<&Op::scale>("scale", {.doc = "Magnification, 2 shows everything twice as large", .lo = 0.05, .hi = 20,
        .unit = "factor", .neutral = 1, .strong = 1.5, .draw = log_uniform(0.9, 1.1)}),
    field<&Op::shear_x>("shear_x", {.doc = "Shear along x: lower rows move right", .lo = -80, .hi = 80,
        .unit = "degrees", .neutral = 0, .strong = 20, .draw = uniform(-5, 5)}),
    field<&Op::shear_y>("shear_y", {.doc = "Shear along y: columns to the right move down", .lo = -80, .hi = 80,
        .unit = "degrees", .neutral = 0, .strong = 20}),
    field<&Op::translate_x>("translate_x", {.doc = "Shift to the right, as a share of the width", .lo = -1, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 0.25, .draw = uniform(-0.05, 0.05)}),
    field<&Op::translate_y>("translate_y", {.doc = "Shift down, as a share of the height", .lo = -1, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 0.25, .draw = uniform(-0.05, 0.05)}),
    border_field<Op>(),
    fill_field<Op>(),
    filter_field<Op>()};
// clang-format on

bool changes_nothing(const Op& op) {
  return op.degrees == 0 && op.scale == 1 && op.shear_x == 0 && op.shear_y == 0 && op.translate_x == 0 &&
         op.translate_y == 0;
}

Nodes lower(const Op& op, const Site& at) {
  if (changes_nothing(op)) return {};
  const Matrix3 back = Matrix3::shear(-op.shear_x, 0) * Matrix3::shear(0, -op.shear_y) *
                       Matrix3::scaling(1 / op.scale, 1 / op.scale) * Matrix3::rotation(-op.degrees);
  const Size size = at.image.size();
  const Point shift{op.translate_x * size.width, op.translate_y * size.height};
  return {Geometry{.to_input = about_centre(back, size, size, shift),
                   .canvas = size,
                   .border = {op.border, fill_for(op.fill, at)},
                   .filter = op.filter}};
}
}  // namespace affine

namespace translate {
struct Op {
  double x = 0, y = 0;
  bool whole = true;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::x>("x", {.doc = "Shift to the right, as a share of the width", .lo = -1, .hi = 1, .unit = "fraction",
        .neutral = 0, .strong = 0.45, .draw = uniform(-0.1, 0.1)}),
    field<&Op::y>("y", {.doc = "Shift down, as a share of the height", .lo = -1, .hi = 1, .unit = "fraction",
        .neutral = 0, .strong = 0.45, .draw = uniform(-0.1, 0.1)}),
    field<&Op::whole>("whole", {.doc = "Round the shift to whole pixels, so that nothing is sampled anew"}),
    border_field<Op>(),
    fill_field<Op>(),
    filter_field<Op>()};
// clang-format on

Nodes lower(const Op& op, const Site& at) {
  const Size size = at.image.size();
  Point shift{op.x * size.width, op.y * size.height};
  if (op.whole) shift = {std::nearbyint(shift.x), std::nearbyint(shift.y)};
  if (shift.x == 0 && shift.y == 0) return {};
  return {Geometry{.to_input = Matrix3::translation(-shift.x, -shift.y),
                   .canvas = size,
                   .border = {op.border, fill_for(op.fill, at)},
                   .filter = op.filter}};
}
}  // namespace translate

namespace shear {
struct Op {
  double x = 0, y = 0;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::x>("x", {.doc = "Shear along x: lower rows move right", .lo = -80, .hi = 80, .unit = "degrees",
        .neutral = 0, .strong = 20, .draw = uniform(-10, 10)}),
    field<&Op::y>("y", {.doc = "Shear along y: columns to the right move down", .lo = -80, .hi = 80, .unit = "degrees",
        .neutral = 0, .strong = 20, .draw = uniform(-10, 10)}),
    border_field<Op>(),
    fill_field<Op>(),
    filter_field<Op>()};
// clang-format on

Nodes lower(const Op& op, const Site& at) {
  if (op.x == 0 && op.y == 0) return {};
  const Size size = at.image.size();
  return {Geometry{.to_input = about_centre(Matrix3::shear(-op.x, 0) * Matrix3::shear(0, -op.y), size, size),
                   .canvas = size,
                   .border = {op.border, fill_for(op.fill, at)},
                   .filter = op.filter}};
}
}  // namespace shear

}  // namespace

void add_affine(OpTable& t) {
  t.add(op<affine::Op, affine::lower>(
      {.name = "affine",
       .summary = "Rotate, scale, shear and shift in one map",
       .detail = "p' = C + t + R(degrees)·S(scale)·Shy(shear_y)·Shx(shear_x)·(p − C), C the centre: torchvision's "
                 "order. Shx: x' = x + tan(shear_x)·y, Shy: y' = y + tan(shear_y)·x, y down. Positive angles turn "
                 "counter-clockwise as seen, as in rotate (torchvision's affine turns the other way).",
       .family = "geometry",
       .example = "affine: {degrees: 8, scale: 1.1, shear_x: 5, translate_x: 0.05}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = affine::fields}));
  t.add(op<translate::Op, translate::lower>(
      {.name = "translate",
       .summary = "Shift the picture",
       .detail = "x' = x + s, s the share of the width, rounded to whole pixels unless whole is off; y likewise.",
       .family = "geometry",
       .example = "translate: {x: 0.1, y: -0.05}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = translate::fields}));
  t.add(op<shear::Op, shear::lower>(
      {.name = "shear",
       .summary = "Slant the picture",
       .detail = "About the centre, first along x, then along y: x' = x + tan(x)·y, then y' = y + tan(y)·x', y down; "
                 "affine does the same with its shear_x and shear_y.",
       .family = "geometry",
       .example = "shear: {x: 12}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = shear::fields}));
}

}  // namespace leaven::ops
