// The symmetries of the square: no pixel is resampled.
#include "ops/image/canvas.hpp"

namespace leaven::ops {
namespace {

Geometry exact_move(const Matrix3& to_input, Size canvas) {
  return {.to_input = to_input,
          .canvas = canvas,
          .border = {BorderKind::edge},
          .filter = Filter::nearest,
          .antialias = false};
}

namespace horizontal_flip {
struct Op {};
Nodes lower(const Op&, const Site& at) {
  return {exact_move({{-1, 0, static_cast<double>(at.image.width), 0, 1, 0, 0, 0, 1}}, at.image.size())};
}
}  // namespace horizontal_flip

namespace vertical_flip {
struct Op {};
Nodes lower(const Op&, const Site& at) {
  return {exact_move({{1, 0, 0, 0, -1, static_cast<double>(at.image.height), 0, 0, 1}}, at.image.size())};
}
}  // namespace vertical_flip

namespace transpose {
struct Op {};
Nodes lower(const Op&, const Site& at) {
  return {exact_move({{0, 1, 0, 1, 0, 0, 0, 0, 1}}, {at.image.height, at.image.width})};
}
}  // namespace transpose

namespace rotate90 {
struct Op {
  int times = 1;
};
constexpr auto fields = std::array{field<&Op::times>(
    "times", {.doc = "Quarter turns counter-clockwise", .lo = 1, .hi = 3, .unit = "turns", .draw = integer(1, 3)})};
Nodes lower(const Op& op, const Site& at) {
  const Size in = at.image.size();
  const Size out = op.times == 2 ? in : Size{in.height, in.width};
  return {exact_move(about_centre(Matrix3::rotation(-90.0 * op.times), in, out), out)};
}
}  // namespace rotate90

namespace d4 {
struct Op {
  int element = 0;
};
constexpr auto fields = std::array{field<&Op::element>(
    "element", {.doc = "0 nothing, 1 to 3 quarter turns, 4 to 7 mirror x, mirror y, transpose, anti-transpose",
                .lo = 0,
                .hi = 7,
                .unit = "1",
                .draw = integer(0, 7)})};

// From output to input, about the centre.
Matrix3 back(int element) {
  switch (element) {
    case 4: return Matrix3::scaling(-1, 1);
    case 5: return Matrix3::scaling(1, -1);
    case 6: return {{0, 1, 0, 1, 0, 0, 0, 0, 1}};
    case 7: return {{0, -1, 0, -1, 0, 0, 0, 0, 1}};
    default: return Matrix3::rotation(-90.0 * element);
  }
}

Nodes lower(const Op& op, const Site& at) {
  if (op.element == 0) return {};
  const Matrix3 map = back(op.element);
  const Size in = at.image.size();
  const Size out = map.m[0] == 0 ? Size{in.height, in.width} : in;
  return {exact_move(about_centre(map, in, out), out)};
}
}  // namespace d4

}  // namespace

void add_flip(OpTable& t) {
  t.add(op<horizontal_flip::Op, horizontal_flip::lower>({.name = "horizontal_flip",
                                                         .summary = "Mirror left and right",
                                                         .detail = "x' = W − x",
                                                         .family = "geometry",
                                                         .example = "horizontal_flip",
                                                         .labels = LabelRule::moves,
                                                         .node = NodeKind::geometry}));
  t.add(op<vertical_flip::Op, vertical_flip::lower>({.name = "vertical_flip",
                                                     .summary = "Mirror top and bottom",
                                                     .detail = "y' = H − y",
                                                     .family = "geometry",
                                                     .example = "vertical_flip",
                                                     .labels = LabelRule::moves,
                                                     .node = NodeKind::geometry}));
  t.add(op<transpose::Op, transpose::lower>({.name = "transpose",
                                             .summary = "Swap rows and columns",
                                             .detail = "(x', y') = (y, x)",
                                             .family = "geometry",
                                             .example = "transpose",
                                             .labels = LabelRule::moves,
                                             .node = NodeKind::geometry}));
  t.add(op<rotate90::Op, rotate90::lower>({.name = "rotate90",
                                           .summary = "Rotate by quarter turns",
                                           .detail = "Counter-clockwise as seen; width and height swap for 1 and 3.",
                                           .family = "geometry",
                                           .example = "rotate90: {times: 1}",
                                           .labels = LabelRule::moves,
                                           .node = NodeKind::geometry,
                                           .fields = rotate90::fields}));
  t.add(op<d4::Op, d4::lower>(
      {.name = "d4",
       .summary = "One of the eight symmetries of the square",
       .detail = "The dihedral group of order 8, each element equally likely unless one is named: 0 identity, 1 to 3 "
                 "quarter turns counter-clockwise, 4 horizontal_flip, 5 vertical_flip, 6 transpose, 7 anti-transpose "
                 "(x', y') = (H − y, W − x). Width and height swap for 1, 3, 6 and 7.",
       .family = "geometry",
       .example = "d4: {element: 3}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = d4::fields}));
}

}  // namespace leaven::ops
