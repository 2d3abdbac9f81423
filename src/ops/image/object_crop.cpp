// Crops that go by what is marked on the picture.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "ops/image/canvas.hpp"
#include "ops/image/marked.hpp"

namespace leaven::ops {
namespace {

template <class Op>
consteval FieldInfo region_field() {
  return field<&Op::region>("region", {.doc = "The part that is shown: x, y, width, height",
                                       .lo = 0,
                                       .hi = 65535,
                                       .unit = "px",
                                       .min_count = 4,
                                       .max_count = 4,
                                       .resolved = true});
}

// The region at its own size, or stretched onto width × height where both are given.
template <class Op>
Nodes shown(const Op& op, const Site& at) {
  const std::vector<double>& r = op.region;
  const Region region{static_cast<int>(std::nearbyint(r[0])), static_cast<int>(std::nearbyint(r[1])),
                      static_cast<int>(std::nearbyint(r[2])), static_cast<int>(std::nearbyint(r[3]))};
  if (region.empty())
    throw usage_error("region must have a width and a height above 0, got " + to_text(Value(r))).with_field("region");
  if ((op.width > 0) != (op.height > 0)) throw usage_error("width and height must be given together, or neither");
  if (op.width == 0) {
    if (region == Region::whole(at.image.size())) return {};
    return {cut(region, {BorderKind::edge})};
  }
  return {Geometry{.to_input = Matrix3::translation(region.x, region.y) *
                               Matrix3::scaling(double(region.width) / op.width, double(region.height) / op.height),
                   .canvas = {op.width, op.height},
                   .border = {BorderKind::edge},
                   .filter = op.filter,
                   .antialias = op.antialias}};
}

std::vector<double> numbers_of(const Region& r) { return {double(r.x), double(r.y), double(r.width), double(r.height)}; }

template <class Op>
consteval FieldInfo out_width_field() {
  return field<&Op::width>("width", {.doc = "Width of the output; 0: that of the part", .lo = 0, .hi = 65535, .unit = "px"});
}
template <class Op>
consteval FieldInfo out_height_field() {
  return field<&Op::height>("height", {.doc = "Height of the output; 0: that of the part", .lo = 0, .hi = 65535, .unit = "px"});
}

namespace box_safe_crop {
enum class Keep : std::uint8_t { all, one };
constexpr std::array<std::string_view, 2> kKeepNames{"all", "one"};
struct Op {
  int width = 0, height = 0;
  Keep keep = Keep::all;
  double erosion = 0;
  std::vector<double> region{};
  Filter filter = Filter::bilinear;
  bool antialias = true;
};
// clang-format off
constexpr auto fields = std::array{
    out_width_field<Op>(),
    out_height_field<Op>(),
    field<&Op::keep>("keep", {.doc = "What must stay: all that is marked, or one thing, drawn", .choices = kKeepNames}),
    field<&Op::erosion>("erosion", {.doc = "Share of the sides of what must stay that may be cut off all the same",
        .lo = 0, .hi = 1, .unit = "fraction"}),
    region_field<Op>(),
    filter_field<Op>(),
    antialias_field<Op>()};
// clang-format on

// What must be shown; where nothing is marked, any one point.
Box kept(const Op& op, const Site& at) {
  const std::vector<Marked> things = marked_on(at);
  if (things.empty()) {
    const double x = draw_unit(at.key, 4) * at.image.width, y = draw_unit(at.key, 5) * at.image.height;
    return {x, y, x, y};
  }
  Box box = things[draw_below(at.key, things.size(), 6)].box;
  if (op.keep == Keep::all)
    for (const Marked& thing : things)
      box = {std::min(box.left, thing.box.left), std::min(box.top, thing.box.top), std::max(box.right, thing.box.right),
             std::max(box.bottom, thing.box.bottom)};
  const double x = op.erosion * box.width() / 2, y = op.erosion * box.height() / 2;
  return {box.left + x, box.top + y, box.right - x, box.bottom - y};
}

void resolve(Op& op, const Site& at) {
  if (!op.region.empty()) return;
  const Box box = kept(op, at);
  const double left = draw(integer(0, std::min(std::floor(box.left), at.image.width - 1.0)), at.key, 0);
  const double top = draw(integer(0, std::min(std::floor(box.top), at.image.height - 1.0)), at.key, 1);
  const double right = draw(integer(std::max(std::ceil(box.right), left + 1), at.image.width), at.key, 2);
  const double bottom = draw(integer(std::max(std::ceil(box.bottom), top + 1), at.image.height), at.key, 3);
  op.region = {left, top, right - left, bottom - top};
}

Nodes lower(const Op& op, const Site& at) { return shown(op, at); }
}  // namespace box_safe_crop

namespace iou_crop {
constexpr std::uint64_t kRounds = 50, kTries = 40;
struct Op {
  int width = 0, height = 0;
  std::array<double, 2> scale{0.3, 1}, ratio{0.5, 2};
  std::vector<double> overlaps{0, 0.1, 0.3, 0.5, 0.7, 0.9, 1};
  std::vector<double> region{};
  Filter filter = Filter::bilinear;
  bool antialias = true;
};
// clang-format off
constexpr auto fields = std::array{
    out_width_field<Op>(),
    out_height_field<Op>(),
    field<&Op::scale>("scale", {.doc = "Smallest and largest share of each side", .lo = 0.01, .hi = 1, .unit = "fraction"}),
    field<&Op::ratio>("ratio", {.doc = "Smallest and largest ratio of width to height", .lo = 0.01, .hi = 100,
        .unit = "factor"}),
    field<&Op::overlaps>("overlaps", {.doc = "How much a box must overlap (IoU), one of these; 1: the whole picture", .lo = 0, .hi = 1, .unit = "fraction", .min_count = 1, .max_count = 64}),
    region_field<Op>(),
    filter_field<Op>(),
    antialias_field<Op>()};
// clang-format on

double overlap(const Box& a, const Box& b) {
  const Box both{std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right), std::min(a.bottom, b.bottom)};
  return both.area() / (a.area() + b.area() - both.area());
}

// Whether one of the things whose centres lie in the part overlaps it enough.
bool fits(const Region& part, const std::vector<Marked>& things, double least) {
  const Box crop{double(part.x), double(part.y), double(part.x + part.width), double(part.y + part.height)};
  return std::ranges::any_of(things, [&](const Marked& thing) {
    const double x = (thing.box.left + thing.box.right) / 2, y = (thing.box.top + thing.box.bottom) / 2;
    return x > crop.left && x < crop.right && y > crop.top && y < crop.bottom && overlap(thing.box, crop) >= least;
  });
}

Region sampled(const Op& op, const Site& at) {
  const std::vector<Marked> things = marked_on(at);
  const Size in = at.image.size();
  for (std::uint64_t round = 0; round < kRounds && !things.empty(); ++round) {
    const std::uint64_t first = round * (4 * kTries + 1);
    const double least = op.overlaps[draw_below(at.key, op.overlaps.size(), first)];
    if (least >= 1) break;
    for (std::uint64_t i = 0; i < kTries; ++i) {
      const auto unit = [&](std::uint64_t k) { return draw_unit(at.key, first + 1 + 4 * i + k); };
      const int width = static_cast<int>(in.width * (op.scale[0] + (op.scale[1] - op.scale[0]) * unit(0)));
      const int height = static_cast<int>(in.height * (op.scale[0] + (op.scale[1] - op.scale[0]) * unit(1)));
      if (width < 1 || height < 1) continue;
      const double ratio = static_cast<double>(width) / height;
      if (ratio < op.ratio[0] || ratio > op.ratio[1]) continue;
      const Region part{static_cast<int>((in.width - width) * unit(2)), static_cast<int>((in.height - height) * unit(3)), width,
                        height};
      if (fits(part, things, least)) return part;
    }
  }
  return Region::whole(in);
}

void resolve(Op& op, const Site& at) {
  if (!op.region.empty()) return;
  if (op.scale[0] > op.scale[1] || op.ratio[0] > op.ratio[1])
    throw usage_error("scale and ratio must be [smallest, largest], got " +
                      to_text(Value(std::vector(op.scale.begin(), op.scale.end()))) + " and " +
                      to_text(Value(std::vector(op.ratio.begin(), op.ratio.end()))));
  op.region = numbers_of(sampled(op, at));
}

Nodes lower(const Op& op, const Site& at) { return shown(op, at); }
}  // namespace iou_crop

namespace crop_around_object {
struct Op {
  int width = 224, height = 224;
  std::vector<double> mask_values{kAnyMark};
  double x = kUnset, y = kUnset;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::width>("width", {.doc = "Width of the window", .lo = 1, .hi = 65535, .unit = "px"}),
    field<&Op::height>("height", {.doc = "Height of the window", .lo = 1, .hi = 65535, .unit = "px"}),
    field<&Op::mask_values>("mask_values", {.doc = "Where masks alone mark things: values that count; −1: all but 0",
        .lo = -1, .hi = 65535, .unit = "1", .min_count = 1, .max_count = 256}),
    field<&Op::x>("x", {.doc = "Left edge of the window", .lo = -65535, .hi = 65535, .unit = "px", .resolved = true}),
    field<&Op::y>("y", {.doc = "Top edge of the window", .lo = -65535, .hi = 65535, .unit = "px", .resolved = true}),
    border_field<Op>(),
    fill_field<Op>()};
// clang-format on

// All places of the window on this axis, of those that show the pixel at `wanted` (below 0: whatever they show).
double place(int image, int window, double wanted, Key key, std::uint64_t element) {
  double first = std::min(0, image - window), last = std::max(0, image - window);
  if (wanted >= 0) {
    const double pixel = std::min(std::floor(wanted), image - 1.0);
    first = std::max(first, pixel - window + 1);
    last = std::min(last, pixel);
  }
  return draw(integer(first, last), key, element);
}

void resolve(Op& op, const Site& at) {
  const std::vector<Marked> things = marked_on(at, op.mask_values);
  Point shown{-1, -1};
  if (!things.empty()) shown = point_in(things[draw_below(at.key, things.size(), 2)], op.mask_values, at.key, 3);
  if (std::isnan(op.x)) op.x = place(at.image.width, op.width, shown.x, at.key, 0);
  if (std::isnan(op.y)) op.y = place(at.image.height, op.height, shown.y, at.key, 1);
}

Nodes lower(const Op& op, const Site& at) {
  return {cut({static_cast<int>(std::nearbyint(op.x)), static_cast<int>(std::nearbyint(op.y)), op.width, op.height},
              {op.border, fill_for(op.fill, at)})};
}
}  // namespace crop_around_object

}  // namespace

void add_object_crop(OpTable& t) {
  t.add(op<box_safe_crop::Op, box_safe_crop::lower, box_safe_crop::resolve>(
      {.name = "box_safe_crop",
       .summary = "Cut out a random part that shows what is marked",
       .detail = "Each edge of the part is uniform over the whole pixels between the picture's edge and what must stay: the "
                 "box around all that is marked, or around one thing. With width and height the part is resized to them. A "
                 "picture with nothing marked gives any part.",
       .family = "crop",
       .example = "box_safe_crop: {width: 320, height: 320}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .reads = Reads::marks,
       .fields = box_safe_crop::fields}));
  t.add(op<iou_crop::Op, iou_crop::lower, iou_crop::resolve>(
      {.name = "iou_crop",
       .summary = "Cut out a random part that overlaps a box enough",
       .detail = "Liu et al., \"SSD\" (2016), by torchvision's law: an overlap is drawn from overlaps; then up to 40 parts, "
                 "sides uniform in scale, of an allowed ratio, until a box whose centre lies in the part reaches the overlap "
                 "with it; then another overlap. 1, or nothing marked, is the whole picture.",
       .family = "crop",
       .example = "iou_crop: {width: 300, height: 300}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .reads = Reads::marks,
       .fields = iou_crop::fields}));
  t.add(op<crop_around_object::Op, crop_around_object::lower, crop_around_object::resolve>(
      {.name = "crop_around_object",
       .summary = "Cut out a window that shows a part of something marked",
       .detail = "A thing is drawn, then a point in it (in its polygon or mask, else in its box), then one of the places of "
                 "the window that show the point and stay in the picture. Where only masks of the whole picture mark "
                 "anything, their pixels are the thing; where nothing is marked, every place is as likely.",
       .family = "crop",
       .example = "crop_around_object: {width: 256, height: 256}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .reads = Reads::marks,
       .fields = crop_around_object::fields}));
}

}  // namespace leaven::ops
