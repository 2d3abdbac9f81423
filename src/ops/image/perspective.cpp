// Perspective: the four corners move inwards by different amounts.
#include "core/error.hpp"
#include "ops/image/canvas.hpp"

namespace leaven::ops {
namespace {

namespace perspective {
struct Op {
  double distortion = 0.2;
  std::vector<double> corners{};
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::distortion>("distortion", {.doc = "How far a corner may move inwards, as a share of half the side",
        .lo = 0, .hi = 0.6, .unit = "fraction", .neutral = 0, .strong = 0.6, .draw = uniform(0.05, 0.25)}),
    field<&Op::corners>("corners", {
        .doc = "Part of that way which each corner moves: x, y of top left, top right, bottom right, bottom left",
        .lo = 0, .hi = 1, .unit = "fraction", .min_count = 8, .max_count = 8, .resolved = true}),
    border_field<Op>(),
    fill_field<Op>(),
    filter_field<Op>()};
// clang-format on

void resolve(Op& op, const Site& at) {
  if (!op.corners.empty()) return;
  for (std::uint64_t i = 0; i < 8; ++i) op.corners.push_back(draw_unit(at.key, i));
}

Nodes lower(const Op& op, const Site& at) {
  if (op.distortion == 0) return {};
  const Size size = at.image.size();
  const double w = size.width, h = size.height, x = op.distortion * w / 2, y = op.distortion * h / 2;
  const std::vector<double>& u = op.corners;
  const std::array<Point, 4> whole{{{0, 0}, {w, 0}, {w, h}, {0, h}}};
  const std::array<Point, 4> moved{
      {{u[0] * x, u[1] * y}, {w - u[2] * x, u[3] * y}, {w - u[4] * x, h - u[5] * y}, {u[6] * x, h - u[7] * y}}};
  const auto to_input = Matrix3::from_corners(moved, whole);
  if (!to_input) throw bug("three corners lie on a line");
  return {Geometry{
      .to_input = *to_input, .canvas = size, .border = {op.border, fill_for(op.fill, at)}, .filter = op.filter}};
}
}  // namespace perspective

}  // namespace

void add_perspective(OpTable& t) {
  t.add(op<perspective::Op, perspective::lower, perspective::resolve>(
      {.name = "perspective",
       .summary = "See the picture from an angle",
       .detail = "Each corner moves inwards by distortion · (W/2, H/2) · (u, v) with u, v uniform in [0, 1] "
                 "(torchvision's law, not rounded to pixels); the projective map through the four corners moves the "
                 "rest. Below a distortion of 2/3 the four corners always span a convex shape.",
       .family = "geometry",
       .example = "perspective: {distortion: 0.3}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = perspective::fields}));
}

}  // namespace leaven::ops
