// Crops of a size: one at random that is then resized, and the five that test-time augmentation takes.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "ops/image/canvas.hpp"

namespace leaven::ops {
namespace {

namespace random_sized_crop {
struct Op {
  int width = 224, height = 224;
  std::array<double, 2> heights{128, 256};
  double ratio = 1;
  std::vector<double> region{};
  Filter filter = Filter::bilinear;
  bool antialias = true;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::width>("width", {.doc = "Width of the output", .lo = 1, .hi = 65535, .unit = "px"}),
    field<&Op::height>("height", {.doc = "Height of the output", .lo = 1, .hi = 65535, .unit = "px"}),
    field<&Op::heights>("heights", {.doc = "Smallest and largest height of the part that is shown", .lo = 1,
        .hi = 65535, .unit = "px"}),
    field<&Op::ratio>("ratio", {.doc = "Width over height of the part that is shown", .lo = 0.01, .hi = 100,
        .unit = "factor"}),
    field<&Op::region>("region", {.doc = "The part that is shown: x, y, width, height", .lo = 0, .hi = 65535,
        .unit = "px", .min_count = 4, .max_count = 4, .resolved = true}),
    filter_field<Op>(),
    antialias_field<Op>()};
// clang-format on

void resolve(Op& op, const Site& at) {
  if (!op.region.empty()) return;
  if (op.heights[0] > op.heights[1])
    throw usage_error("heights must be [smallest, largest], got " +
                      to_text(Value(std::vector(op.heights.begin(), op.heights.end()))))
        .with_field("heights");
  const Size in = at.image.size();
  const double drawn = draw(integer(std::nearbyint(op.heights[0]), std::nearbyint(op.heights[1])), at.key, 0);
  const double most = std::min(static_cast<double>(in.height), std::floor(in.width / op.ratio));
  const int height = static_cast<int>(std::max(1.0, std::min(drawn, most)));
  const int width = std::clamp(static_cast<int>(std::nearbyint(height * op.ratio)), 1, in.width);
  op.region = {draw(integer(0, in.width - width), at.key, 1), draw(integer(0, in.height - height), at.key, 2),
               double(width), double(height)};
}

Nodes lower(const Op& op, const Site&) {
  const std::vector<double>& r = op.region;
  if (r[2] <= 0 || r[3] <= 0)
    throw usage_error("region must have a width and a height above 0, got " + to_text(Value(r))).with_field("region");
  return {Geometry{.to_input = Matrix3::translation(r[0], r[1]) * Matrix3::scaling(r[2] / op.width, r[3] / op.height),
                   .canvas = {op.width, op.height},
                   .border = {BorderKind::edge},
                   .filter = op.filter,
                   .antialias = op.antialias}};
}
}  // namespace random_sized_crop

namespace five_crop {
constexpr int kCentre = 4;
struct Op {
  int width = 224, height = 224, which = kCentre;
  bool mirrored = false;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::width>("width", {.doc = "Width of the window", .lo = 1, .hi = 65535, .unit = "px"}),
    field<&Op::height>("height", {.doc = "Height of the window", .lo = 1, .hi = 65535, .unit = "px"}),
    field<&Op::which>("which", {.doc = "0 top left, 1 top right, 2 bottom left, 3 bottom right, 4 centre", .lo = 0,
        .hi = 4, .unit = "1", .draw = integer(0, 4)}),
    field<&Op::mirrored>("mirrored", {.doc = "Mirror left and right before: the other five of ten crops"}),
    border_field<Op>(),
    fill_field<Op>()};
// clang-format on

Nodes lower(const Op& op, const Site& at) {
  const Size in = at.image.size();
  const double across = op.which == kCentre ? 0.5 : op.which % 2, down = op.which == kCentre ? 0.5 : op.which / 2;
  const Geometry window =
      cut({place_within(in.width - op.width, across), place_within(in.height - op.height, down), op.width, op.height},
          {op.border, fill_for(op.fill, at)});
  if (!op.mirrored) return {window};
  return {Geometry{.to_input = {{-1, 0, static_cast<double>(in.width), 0, 1, 0, 0, 0, 1}},
                   .canvas = in,
                   .border = {BorderKind::edge},
                   .filter = Filter::nearest,
                   .antialias = false},
          window};
}
}  // namespace five_crop

}  // namespace

void add_sized_crop(OpTable& t) {
  t.add(op<random_sized_crop::Op, random_sized_crop::lower, random_sized_crop::resolve>(
      {.name = "random_sized_crop",
       .summary = "Cut out a part of a random height and resize it",
       .detail = "Height uniform among the whole numbers in heights, at most what fits; width round(height·ratio); "
                 "place uniform.",
       .family = "crop",
       .example = "random_sized_crop: {width: 256, height: 256, heights: [128, 512]}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = random_sized_crop::fields}));
  t.add(op<five_crop::Op, five_crop::lower>(
      {.name = "five_crop",
       .summary = "Cut out one of the four corners or the centre",
       .detail =
           "For test-time augmentation, where all five are shown and their predictions averaged; with the five of "
           "the mirrored picture they are ten crops (Krizhevsky et al., 2012). The centre is that of center_crop.",
       .family = "crop",
       .example = "five_crop: {width: 224, height: 224, which: 0}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = five_crop::fields}));
}

}  // namespace leaven::ops
