// Padding: a larger canvas around the picture.
#include "ops/image/canvas.hpp"

namespace leaven::ops {
namespace {

namespace pad {
struct Op {
  int left = 0, right = 0, top = 0, bottom = 0;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
};
constexpr auto fields =
    std::array{field<&Op::left>("left", {.doc = "Columns added at the left", .lo = 0, .hi = 65535, .unit = "px"}),
               field<&Op::right>("right", {.doc = "Columns added at the right", .lo = 0, .hi = 65535, .unit = "px"}),
               field<&Op::top>("top", {.doc = "Rows added above", .lo = 0, .hi = 65535, .unit = "px"}),
               field<&Op::bottom>("bottom", {.doc = "Rows added below", .lo = 0, .hi = 65535, .unit = "px"}),
               border_field<Op>(),
               fill_field<Op>()};

Nodes lower(const Op& op, const Site& at) {
  if (op.left == 0 && op.right == 0 && op.top == 0 && op.bottom == 0) return {};
  return {cut({-op.left, -op.top, op.left + at.image.width + op.right, op.top + at.image.height + op.bottom},
              {op.border, fill_for(op.fill, at)})};
}
}  // namespace pad

}  // namespace

void add_pad(OpTable& t) {
  t.add(op<pad::Op, pad::lower>(
      {.name = "pad",
       .summary = "Add rows and columns around the picture",
       .detail = "reflect mirrors about the outermost pixel centres (d c b | a b c d | c b a), symmetric about the "
                 "picture's edge (c b a | a b c d | d c b), edge repeats the outermost pixel, wrap starts again from "
                 "the other side.",
       .family = "crop",
       .example = "pad: {left: 4, right: 4, top: 4, bottom: 4, border: reflect}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = pad::fields}));
}

}  // namespace leaven::ops
