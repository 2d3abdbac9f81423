// Resizing into a size: by the longer or the shorter side, into a box, with a random scale, to another aspect.
#include <algorithm>
#include <cmath>

#include "ops/image/canvas.hpp"

namespace leaven::ops {
namespace {

// The picture with its longer (or shorter) side `size` px long.
Size with_side(Size in, int size, bool longer) {
  const bool by_width = longer == (in.width >= in.height);
  return by_width ? Size{size, in_proportion(size, in.height, in.width)}
                  : Size{in_proportion(size, in.width, in.height), size};
}

// The largest picture of this aspect in the box.
Size within(Size in, Size box) {
  const bool by_width =
      static_cast<std::int64_t>(box.width) * in.height <= static_cast<std::int64_t>(box.height) * in.width;
  return by_width ? Size{box.width, std::min(box.height, in_proportion(box.width, in.height, in.width))}
                  : Size{std::min(box.width, in_proportion(box.height, in.width, in.height)), box.height};
}

template <class Op>
consteval FieldInfo enlarge_field() {
  return field<&Op::enlarge>("enlarge", {.doc = "Whether smaller pictures are enlarged; else they stay as they are"});
}

namespace restore_size {
struct Op {
  Filter filter = Filter::bilinear;
  bool antialias = true;
};
constexpr auto fields = std::array{filter_field<Op>(), antialias_field<Op>()};

Nodes lower(const Op& op, const Site& at) {
  if (at.source.width == 0 || at.source == at.image.size()) return {};
  return {stretch(at.image.size(), at.source, op.filter, op.antialias)};
}
}  // namespace restore_size

namespace longest_max_size {
struct Op {
  int size = 1024;
  bool enlarge = true;
  Filter filter = Filter::bilinear;
  bool antialias = true;
};
constexpr auto fields =
    std::array{field<&Op::size>("size", {.doc = "Length of the longer side", .lo = 1, .hi = 65535, .unit = "px"}),
               enlarge_field<Op>(), filter_field<Op>(), antialias_field<Op>()};

Nodes lower(const Op& op, const Site& at) {
  const Size in = at.image.size(), out = with_side(in, op.size, true);
  if (out == in || (!op.enlarge && std::max(in.width, in.height) < op.size)) return {};
  return {stretch(in, out, op.filter, op.antialias)};
}
}  // namespace longest_max_size

namespace smallest_max_size {
struct Op {
  int size = 256, longest = 0;
  bool enlarge = true;
  Filter filter = Filter::bilinear;
  bool antialias = true;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::size>("size", {.doc = "Length of the shorter side", .lo = 1, .hi = 65535, .unit = "px"}),
    field<&Op::longest>("longest", {.doc = "Most that the longer side may have; 0: no limit", .lo = 0, .hi = 65535,
        .unit = "px"}),
    enlarge_field<Op>(),
    filter_field<Op>(),
    antialias_field<Op>()};
// clang-format on

Nodes lower(const Op& op, const Site& at) {
  const Size in = at.image.size();
  if (!op.enlarge && std::min(in.width, in.height) < op.size) return {};
  Size out = with_side(in, op.size, false);
  if (op.longest != 0 && std::max(out.width, out.height) > op.longest) out = with_side(in, op.longest, true);
  if (out == in) return {};
  return {stretch(in, out, op.filter, op.antialias)};
}
}  // namespace smallest_max_size

namespace scale_jitter {
struct Op {
  int width = 1024, height = 1024;
  double factor = 1;
  Filter filter = Filter::bilinear;
  bool antialias = true;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::width>("width", {.doc = "Width of the box that factor 1 fills", .lo = 1, .hi = 65535, .unit = "px"}),
    field<&Op::height>("height", {.doc = "Height of the box that factor 1 fills", .lo = 1, .hi = 65535, .unit = "px"}),
    field<&Op::factor>("factor", {.doc = "Size relative to the box", .lo = 0.01, .hi = 20, .unit = "factor",
        .draw = uniform(0.1, 2)}),
    filter_field<Op>(),
    antialias_field<Op>()};
// clang-format on

Nodes lower(const Op& op, const Site& at) {
  const Size in = at.image.size();
  const double scale =
      op.factor * std::min(op.width / static_cast<double>(in.width), op.height / static_cast<double>(in.height));
  const Size out{std::max(1, static_cast<int>(std::nearbyint(in.width * scale))),
                 std::max(1, static_cast<int>(std::nearbyint(in.height * scale)))};
  if (out == in) return {};
  return {stretch(in, out, op.filter, op.antialias)};
}
}  // namespace scale_jitter

namespace letterbox {
struct Op {
  int width = 640, height = 640;
  bool enlarge = true;
  double at_x = 0.5, at_y = 0.5;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{114.0 / 255};
  Filter filter = Filter::bilinear;
  bool antialias = true;
};
constexpr auto fields =
    std::array{field<&Op::width>("width", {.doc = "Width of the output", .lo = 1, .hi = 65535, .unit = "px"}),
               field<&Op::height>("height", {.doc = "Height of the output", .lo = 1, .hi = 65535, .unit = "px"}),
               enlarge_field<Op>(),
               at_x_field<Op>(),
               at_y_field<Op>(),
               border_field<Op>(),
               fill_field<Op>(),
               filter_field<Op>(),
               antialias_field<Op>()};

Nodes lower(const Op& op, const Site& at) {
  const Size in = at.image.size(), box{op.width, op.height};
  const bool stays = !op.enlarge && in.width <= box.width && in.height <= box.height;
  const Size size = stays ? in : within(in, box);
  const Geometry resized = stretch(in, size, op.filter, op.antialias);
  if (size == box) return size == in ? Nodes{} : Nodes{resized};
  const Geometry framed = cut({-place_within(box.width - size.width, op.at_x),
                               -place_within(box.height - size.height, op.at_y), box.width, box.height},
                              {op.border, fill_for(op.fill, at)});
  return size == in ? Nodes{framed} : Nodes{resized, framed};
}
}  // namespace letterbox

namespace change_aspect_ratio {
struct Op {
  double factor = 1, ratio = 0;
  Filter filter = Filter::bilinear;
  bool antialias = true;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::factor>("factor", {.doc = "How much wider the picture becomes against its height", .lo = 0.05, .hi = 20,
        .unit = "factor", .neutral = 1, .strong = 2, .draw = log_uniform(0.75, 4.0 / 3)}),
    field<&Op::ratio>("ratio", {.doc = "Width over height before the factor; 0: the picture's own", .lo = 0, .hi = 100,
        .unit = "factor"}),
    filter_field<Op>(),
    antialias_field<Op>()};
// clang-format on

Nodes lower(const Op& op, const Site& at) {
  if (op.factor == 1 && op.ratio == 0) return {};
  const Size in = at.image.size();
  const double own = in.width / static_cast<double>(in.height), area = in.width * static_cast<double>(in.height);
  const double ratio = (op.ratio == 0 ? own : op.ratio) * op.factor;
  const Size out{std::max(1, static_cast<int>(std::nearbyint(std::sqrt(area * ratio)))),
                 std::max(1, static_cast<int>(std::nearbyint(std::sqrt(area / ratio))))};
  if (out == in) return {};
  return {stretch(in, out, op.filter, op.antialias)};
}
}  // namespace change_aspect_ratio

}  // namespace

void add_fit(OpTable& t) {
  t.add(op<restore_size::Op, restore_size::lower>(
      {.name = "restore_size",
       .summary = "Resize to the size that the picture came with",
       .detail = "Whatever the steps before made of it: at the end of steps that crop, pad or turn it, it keeps the size. The "
                 "aspect is not kept.",
       .family = "geometry",
       .example = "restore_size",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = restore_size::fields}));
  t.add(op<longest_max_size::Op, longest_max_size::lower>(
      {.name = "longest_max_size",
       .summary = "Resize so that the longer side has a length",
       .detail = "The other side is round(shorter·size/longer), at least 1 px.",
       .family = "geometry",
       .example = "longest_max_size: {size: 640}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = longest_max_size::fields}));
  t.add(op<smallest_max_size::Op, smallest_max_size::lower>(
      {.name = "smallest_max_size",
       .summary = "Resize so that the shorter side has a length",
       .detail = "The other side is round(longer·size/shorter); where that is above longest, the longer side gets "
                 "longest instead. With a choice of sizes this is detection's random shortest size: "
                 "size: {choice: [480, 512, 544]}, longest: 1333.",
       .family = "geometry",
       .example = "smallest_max_size: {size: 480, longest: 1333}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = smallest_max_size::fields}));
  t.add(op<scale_jitter::Op, scale_jitter::lower>(
      {.name = "scale_jitter",
       .summary = "Resize to a random share of a box",
       .detail =
           "r = factor·min(width/W, height/H), output round(W·r) by round(H·r) px; a random_crop of the box after "
           "it makes all sizes alike. Large scale jittering takes factors in 0.1 to 2, standard scale jittering "
           "in 0.8 to 1.25: Ghiasi et al., Simple copy-paste (2021).",
       .family = "geometry",
       .example = "scale_jitter: {width: 512, height: 512, factor: {uniform: [0.1, 2]}}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = scale_jitter::fields}));
  t.add(op<letterbox::Op, letterbox::lower>(
      {.name = "letterbox",
       .summary = "Fit the whole picture into a box and fill what is left over",
       .detail =
           "The largest picture of the same aspect in the box, then the border around it. The fill is 114 of 255, "
           "as YOLO detectors are trained with.",
       .family = "geometry",
       .example = "letterbox: {width: 416, height: 416}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = letterbox::fields}));
  t.add(op<change_aspect_ratio::Op, change_aspect_ratio::lower>(
      {.name = "change_aspect_ratio",
       .summary = "Make the picture wider or narrower, with the same area",
       .detail = "a = ratio·factor, output round(√(W·H·a)) by round(√(W·H/a)) px.",
       .family = "geometry",
       .example = "change_aspect_ratio: {factor: 1.3}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = change_aspect_ratio::fields}));
}

}  // namespace leaven::ops
