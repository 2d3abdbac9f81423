// Resizing to a size and by a factor.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "ops/image/canvas.hpp"

namespace leaven::ops {
namespace {

namespace resize {
struct Op {
  int width = 224, height = 224;
  Filter filter = Filter::bilinear;
  bool antialias = true;
};
constexpr auto fields = std::array{
    field<&Op::width>("width",
                      {.doc = "Width of the output; 0: what keeps the aspect", .lo = 0, .hi = 65535, .unit = "px"}),
    field<&Op::height>("height",
                       {.doc = "Height of the output; 0: what keeps the aspect", .lo = 0, .hi = 65535, .unit = "px"}),
    filter_field<Op>(), antialias_field<Op>()};

Nodes lower(const Op& op, const Site& at) {
  const Size in = at.image.size();
  if (op.width == 0 && op.height == 0) throw usage_error("width or height must be above 0 px, got 0 for both");
  const Size out{op.width ? op.width : in_proportion(op.height, in.width, in.height),
                 op.height ? op.height : in_proportion(op.width, in.height, in.width)};
  if (out == in) return {};
  return {stretch(in, out, op.filter, op.antialias)};
}
}  // namespace resize

namespace scale {
struct Op {
  double factor = 1;
  Canvas canvas = Canvas::fit;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
  bool antialias = true;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::factor>("factor", {.doc = "Magnification, 2 shows everything twice as large", .lo = 0.01, .hi = 100,
        .unit = "factor", .neutral = 1, .strong = 1.5, .draw = log_uniform(0.8, 1.25)}),
    field<&Op::canvas>("canvas", {.doc = "Keep the size and zoom about the centre, or let it grow and shrink",
        .choices = kCanvasNames}),
    border_field<Op>(),
    fill_field<Op>(),
    filter_field<Op>(),
    antialias_field<Op>()};
// clang-format on

int scaled(int side, double factor) {
  constexpr double kMost = 1e9;  // far more than an image may have, and still an int
  return std::max(1, static_cast<int>(std::nearbyint(std::min(kMost, side * factor))));
}

Nodes lower(const Op& op, const Site& at) {
  if (op.factor == 1) return {};
  const Size in = at.image.size();
  if (op.canvas == Canvas::fit)
    return {stretch(in, {scaled(in.width, op.factor), scaled(in.height, op.factor)}, op.filter, op.antialias)};
  return {Geometry{.to_input = about_centre(Matrix3::scaling(1 / op.factor, 1 / op.factor), in, in),
                   .canvas = in,
                   .border = {op.border, fill_for(op.fill, at)},
                   .filter = op.filter,
                   .antialias = op.antialias}};
}
}  // namespace scale

}  // namespace

void add_resize(OpTable& t) {
  t.add(op<resize::Op, resize::lower>({.name = "resize",
                                       .summary = "Resize to a width and a height",
                                       .detail = "Output pixel centre (x, y) shows input point (x·W/width, "
                                                 "y·H/height). With antialias the filter is widened by the shrink "
                                                 "factor, as Pillow does for every filter. bicubic: Keys, a = −0.5; "
                                                 "lanczos: 3 lobes; area: exact mean. antialias: false is what "
                                                 "OpenCV and albumentations call linear and cubic (Keys there with "
                                                 "a = −0.75), and torchvision for tensors with antialias=False.",
                                       .family = "geometry",
                                       .example = "resize: {width: 256, height: 0, filter: lanczos}",
                                       .labels = LabelRule::moves,
                                       .node = NodeKind::geometry,
                                       .fields = resize::fields}));
  t.add(op<scale::Op, scale::lower>({.name = "scale",
                                     .summary = "Enlarge or shrink by a factor",
                                     .detail = "canvas: fit makes the output round(W·factor) by round(H·factor) px "
                                               "and stretches the picture onto it exactly; canvas: keep zooms about "
                                               "the centre.",
                                     .family = "geometry",
                                     .example = "scale: {factor: 1.2, canvas: keep}",
                                     .labels = LabelRule::moves,
                                     .node = NodeKind::geometry,
                                     .fields = scale::fields}));
}

}  // namespace leaven::ops
