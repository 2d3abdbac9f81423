// Rotation by any angle.
#include <cmath>

#include "ops/image/canvas.hpp"

namespace leaven::ops {
namespace {

namespace rotate {
enum class Compat : std::uint8_t { leaven, imgaug };
constexpr std::array<std::string_view, 2> kCompatNames{"leaven", "imgaug"};
struct Op {
  double degrees = 0;
  Canvas canvas = Canvas::keep;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
  Compat compat = Compat::leaven;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::degrees>("degrees", {.doc = "Angle, counter-clockwise as seen", .lo = -360, .hi = 360, .unit = "degrees",
        .neutral = 0, .strong = 45, .draw = uniform(-15, 15)}),
    field<&Op::canvas>("canvas", {.doc = "Keep the size, or grow it until all corners fit", .choices = kCanvasNames}),
    border_field<Op>(),
    fill_field<Op>(),
    filter_field<Op>(),
    field<&Op::compat>("compat", {.doc = "Whose sign: of imgaug, positive angles turn clockwise", .choices = kCompatNames})};
// clang-format on

// Corners within 1e-9 px of a whole pixel count as on it, so that quarter turns add no row.
Size fitted(const Matrix3& turn, Size in) {
  const double c = std::fabs(turn.m[0]), s = std::fabs(turn.m[1]);
  return {static_cast<int>(std::ceil(in.width * c + in.height * s - 1e-9)),
          static_cast<int>(std::ceil(in.width * s + in.height * c - 1e-9))};
}

Nodes lower(const Op& op, const Site& at) {
  if (std::fmod(op.degrees, 360.0) == 0) return {};
  const Matrix3 back = Matrix3::rotation(op.compat == Compat::imgaug ? op.degrees : -op.degrees);
  const Size in = at.image.size();
  const Size out = op.canvas == Canvas::fit ? fitted(back, in) : in;
  return {Geometry{.to_input = about_centre(back, in, out),
                   .canvas = out,
                   .border = {op.border, fill_for(op.fill, at)},
                   .filter = op.filter}};
}
}  // namespace rotate

}  // namespace

void add_rotate(OpTable& t) {
  t.add(op<rotate::Op, rotate::lower>(
      {.name = "rotate",
       .summary = "Rotate about the centre by any angle",
       .detail = "A point p of the picture goes to C' + R(degrees)·(p − C), C and C' the centres of input and output; "
                 "positive angles turn counter-clockwise as seen, here and in affine, as in Pillow, albumentations.Rotate and "
                 "torchvision's rotate. compat: imgaug turns clockwise, as imgaug and torchvision's affine do. canvas: fit makes the output "
                 "ceil(W·|cos| + H·|sin|) by ceil(W·|sin| + H·|cos|) px.",
       .family = "geometry",
       .example = "rotate: {degrees: 12, border: reflect}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = rotate::fields}));
}

}  // namespace leaven::ops
