// Changing the frame around the picture: up or down to a size, by shares of its sides, into a larger canvas.
#include <algorithm>
#include <cmath>

#include "ops/image/canvas.hpp"

namespace leaven::ops {
namespace {

constexpr double kClose = 1e-9;  // px: what rounding may take from a whole number

// The fields by which pad_to and crop_to say how large the frame must be; both take them in this order.
template <class Op>
consteval FieldInfo aspect_field() {
  return field<&Op::aspect>(
      "aspect", {.doc = "Width over height, 1 for a square; 0: as it is", .lo = 0, .hi = 100, .unit = "factor"});
}
template <class Op>
consteval FieldInfo multiple_field() {
  return field<&Op::multiple>("multiple",
                              {.doc = "Both sides are a multiple of this", .lo = 1, .hi = 65535, .unit = "px"});
}
template <class Op>
consteval FieldInfo power_field() {
  return field<&Op::power>("power",
                           {.doc = "Both sides are a power of this; 1: any side", .lo = 1, .hi = 65535, .unit = "1"});
}

// The largest base^k that is at most `side`.
int power_below(int side, int base) {
  if (base < 2) return side;
  std::int64_t power = 1;
  while (power * base <= side) power *= base;
  return static_cast<int>(power);
}

namespace pad_to {
struct Op {
  int width = 0, height = 0;
  double aspect = 0;
  int multiple = 1, power = 1;
  double at_x = 0.5, at_y = 0.5;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
};
constexpr auto fields =
    std::array{field<&Op::width>("width", {.doc = "Least width", .lo = 0, .hi = 65535, .unit = "px"}),
               field<&Op::height>("height", {.doc = "Least height", .lo = 0, .hi = 65535, .unit = "px"}),
               aspect_field<Op>(),
               multiple_field<Op>(),
               power_field<Op>(),
               at_x_field<Op>(),
               at_y_field<Op>(),
               border_field<Op>(),
               fill_field<Op>()};

int grown(int side, const Op& op) {
  side = (side + op.multiple - 1) / op.multiple * op.multiple;
  const int below = power_below(side, op.power);
  return below == side ? side : below * op.power;
}

Nodes lower(const Op& op, const Site& at) {
  const Size in = at.image.size();
  Size out{std::max(in.width, op.width), std::max(in.height, op.height)};
  if (op.aspect > 0) {
    const double width = std::ceil(out.height * op.aspect - kClose), height = std::ceil(out.width / op.aspect - kClose);
    out = {static_cast<int>(std::max(width, double(out.width))),
           static_cast<int>(std::max(height, double(out.height)))};
  }
  out = {grown(out.width, op), grown(out.height, op)};
  if (out == in) return {};
  return {cut({-place_within(out.width - in.width, op.at_x), -place_within(out.height - in.height, op.at_y), out.width,
               out.height},
              {op.border, fill_for(op.fill, at)})};
}
}  // namespace pad_to

namespace crop_to {
struct Op {
  int width = 0, height = 0;
  double aspect = 0;
  int multiple = 1, power = 1;
  double at_x = 0.5, at_y = 0.5;
};
constexpr auto fields =
    std::array{field<&Op::width>("width", {.doc = "Most width; 0: no limit", .lo = 0, .hi = 65535, .unit = "px"}),
               field<&Op::height>("height", {.doc = "Most height; 0: no limit", .lo = 0, .hi = 65535, .unit = "px"}),
               aspect_field<Op>(),
               multiple_field<Op>(),
               power_field<Op>(),
               at_x_field<Op>(),
               at_y_field<Op>()};

int shrunk(int side, const Op& op) {
  return power_below(side < op.multiple ? side : side / op.multiple * op.multiple, op.power);
}

Nodes lower(const Op& op, const Site& at) {
  const Size in = at.image.size();
  Size out{op.width == 0 ? in.width : std::min(in.width, op.width),
           op.height == 0 ? in.height : std::min(in.height, op.height)};
  if (op.aspect > 0) {
    const double width = std::max(1.0, std::floor(out.height * op.aspect + kClose)),
                 height = std::max(1.0, std::floor(out.width / op.aspect + kClose));
    out = {static_cast<int>(std::min(width, double(out.width))),
           static_cast<int>(std::min(height, double(out.height)))};
  }
  out = {shrunk(out.width, op), shrunk(out.height, op)};
  if (out == in) return {};
  return {cut({place_within(in.width - out.width, op.at_x), place_within(in.height - out.height, op.at_y), out.width,
               out.height},
              {BorderKind::edge})};
}
}  // namespace crop_to

// Whole pixels that a share of a side makes, towards none: shares above −0.5 on both sides always leave a pixel.
int whole_share(double share, int side) { return static_cast<int>(std::trunc(share * side)); }

// The frame moved outwards by these shares of the picture's sides.
Region widened(Size in, double left, double right, double top, double bottom) {
  const int l = whole_share(left, in.width), r = whole_share(right, in.width), t = whole_share(top, in.height),
            b = whole_share(bottom, in.height);
  return {-l, -t, l + in.width + r, t + in.height + b};
}

namespace crop_and_pad {
struct Op {
  double left = 0, right = 0, top = 0, bottom = 0;
  bool keep_size = true;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
  bool antialias = true;
};
template <auto Side>
consteval FieldInfo side_field(std::string_view name, std::string_view doc) {
  return field<Side>(name, {.doc = doc,
                            .lo = -0.49,
                            .hi = 4,
                            .unit = "fraction",
                            .neutral = 0,
                            .strong = -0.25,
                            .draw = uniform(-0.1, 0.1)});
}
constexpr auto fields =
    std::array{side_field<&Op::left>("left", "Columns added at the left as a share of the width; below 0: cut off"),
               side_field<&Op::right>("right", "Columns added at the right as a share of the width; below 0: cut off"),
               side_field<&Op::top>("top", "Rows added above as a share of the height; below 0: cut off"),
               side_field<&Op::bottom>("bottom", "Rows added below as a share of the height; below 0: cut off"),
               field<&Op::keep_size>("keep_size", {.doc = "Resize to the size before"}),
               border_field<Op>(),
               fill_field<Op>(),
               filter_field<Op>(),
               antialias_field<Op>()};

Nodes lower(const Op& op, const Site& at) {
  const Size in = at.image.size();
  const Region frame = widened(in, op.left, op.right, op.top, op.bottom);
  if (frame == Region::whole(in)) return {};
  const Geometry framed = cut(frame, {op.border, fill_for(op.fill, at)});
  if (!op.keep_size || framed.canvas == in) return {framed};
  return {framed, stretch(framed.canvas, in, op.filter, op.antialias)};
}
}  // namespace crop_and_pad

namespace random_crop_from_borders {
struct Op {
  double left = 0, right = 0, top = 0, bottom = 0;
};
template <auto Side>
consteval FieldInfo side_field(std::string_view name, std::string_view doc) {
  return field<Side>(
      name,
      {.doc = doc, .lo = 0, .hi = 0.49, .unit = "fraction", .neutral = 0, .strong = 0.3, .draw = uniform(0, 0.1)});
}
constexpr auto fields = std::array{side_field<&Op::left>("left", "Share of the width cut off at the left"),
                                   side_field<&Op::right>("right", "Share of the width cut off at the right"),
                                   side_field<&Op::top>("top", "Share of the height cut off above"),
                                   side_field<&Op::bottom>("bottom", "Share of the height cut off below")};

Nodes lower(const Op& op, const Site& at) {
  const Region frame = widened(at.image.size(), -op.left, -op.right, -op.top, -op.bottom);
  if (frame == Region::whole(at.image.size())) return {};
  return {cut(frame, {BorderKind::edge})};
}
}  // namespace random_crop_from_borders

namespace zoom_out {
struct Op {
  double ratio = 1, at_x = 0.5, at_y = 0.5;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
};
constexpr auto fields =
    std::array{field<&Op::ratio>("ratio", {.doc = "Side of the canvas over that of the picture",
                                           .lo = 1,
                                           .hi = 16,
                                           .unit = "factor",
                                           .neutral = 1,
                                           .strong = 4,
                                           .draw = uniform(1, 4)}),
               at_x_field<Op>(uniform(0, 1)), at_y_field<Op>(uniform(0, 1)), border_field<Op>(), fill_field<Op>()};

Nodes lower(const Op& op, const Site& at) {
  const Size in = at.image.size();
  const Size out{static_cast<int>(std::nearbyint(in.width * op.ratio)),
                 static_cast<int>(std::nearbyint(in.height * op.ratio))};
  if (out == in) return {};
  return {cut({-place_within(out.width - in.width, op.at_x), -place_within(out.height - in.height, op.at_y), out.width,
               out.height},
              {op.border, fill_for(op.fill, at)})};
}
}  // namespace zoom_out

void add_to_sizes(OpTable& t) {
  t.add(op<pad_to::Op, pad_to::lower>(
      {.name = "pad_to",
       .summary = "Pad up to a size, an aspect, a multiple or a power",
       .detail = "In this order: at least width and height; the smaller side grows to ceil of what the aspect asks; "
                 "both round up to the multiple; then up to power^k. What is there already stays.",
       .family = "crop",
       .example = "pad_to: {multiple: 32, at_x: 0, at_y: 0}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = pad_to::fields}));
  t.add(op<crop_to::Op, crop_to::lower>(
      {.name = "crop_to",
       .summary = "Crop down to a size, an aspect, a multiple or a power",
       .detail = "In this order: at most width and height; the larger side shrinks to floor of what the aspect asks; "
                 "both round down to the multiple (a side below it stays); then down to power^k.",
       .family = "crop",
       .example = "crop_to: {aspect: 1}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = crop_to::fields}));
}

void add_by_shares(OpTable& t) {
  t.add(op<crop_and_pad::Op, crop_and_pad::lower>(
      {.name = "crop_and_pad",
       .summary = "Move each side of the frame inwards or outwards",
       .detail =
           "A side moves by trunc(share·W) or trunc(share·H) px; keep_size then stretches the frame onto the size "
           "before.",
       .family = "crop",
       .example = "crop_and_pad: {left: 0.1, top: -0.1}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = crop_and_pad::fields}));
  t.add(op<random_crop_from_borders::Op, random_crop_from_borders::lower>(
      {.name = "random_crop_from_borders",
       .summary = "Cut a random strip off each side",
       .detail = "Each side loses trunc(share·W) or trunc(share·H) px.",
       .family = "crop",
       .example = "random_crop_from_borders: {left: {uniform: [0, 0.2]}, right: {uniform: [0, 0.2]}}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = random_crop_from_borders::fields}));
  t.add(op<zoom_out::Op, zoom_out::lower>(
      {.name = "zoom_out",
       .summary = "Lay the picture somewhere on a larger canvas",
       .detail = "The canvas has round(ratio·W) by round(ratio·H) px, and every place of the picture on it is equally "
                 "likely: Liu et al., SSD (2016).",
       .family = "crop",
       .example = "zoom_out: {ratio: 2, fill: [0.485, 0.456, 0.406]}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = zoom_out::fields}));
}

}  // namespace

void add_frame(OpTable& t) {
  add_to_sizes(t);
  add_by_shares(t);
}

}  // namespace leaven::ops
