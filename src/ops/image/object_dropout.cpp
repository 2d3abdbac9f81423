// Holes in, or over, what is marked on the picture.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "ops/image/holes.hpp"
#include "ops/image/marked.hpp"

namespace leaven::ops {
namespace {

namespace object_dropout {

enum class Cover : std::uint8_t { parts, whole };
constexpr std::array<std::string_view, 2> kCoverNames{"parts", "whole"};
struct Op {
  double chance = 0.5;
  Cover cover = Cover::parts;
  int holes = 1;
  std::array<double, 2> size{0.2, 0.4};
  std::vector<double> mask_values{kAnyMark};
  FillWith fill_with = FillWith::constant;
  std::vector<double> fill{0.0};
  std::vector<double> regions{};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::chance>("chance", {.doc = "Chance of each marked thing to be covered", .lo = 0, .hi = 1, .unit = "fraction",
        .neutral = 0, .strong = 1}),
    field<&Op::cover>("cover", {.doc = "Holes in a thing, or a hole over its whole box", .choices = kCoverNames}),
    field<&Op::holes>("holes", {.doc = "Of parts: how many holes a thing gets", .lo = 1, .hi = kMostHoles, .unit = "1"}),
    field<&Op::size>("size", {.doc = "Of parts: smallest and largest side of a hole, as a share of the thing's", .lo = 0,
        .hi = 1, .unit = "fraction"}),
    field<&Op::mask_values>("mask_values", {.doc = "Where masks alone mark things: values that count; −1: all but 0",
        .lo = -1, .hi = 65535, .unit = "1", .min_count = 1, .max_count = 256}),
    fill_with_field<Op>(),
    hole_fill_field<Op>(),
    regions_field<Op>()};
// clang-format on

void add_region(Op& op, const Box& box) {
  if (op.regions.size() >= 4 * kMostHoles) return;
  const double left = std::floor(box.left), top = std::floor(box.top);
  op.regions.insert(op.regions.end(), {left, top, std::ceil(box.right) - left, std::ceil(box.bottom) - top});
}

// A hole whose middle is a point of the thing.
void add_part(Op& op, const Marked& thing, Key key, std::uint64_t element) {
  const Point middle = point_in(thing, op.mask_values, key, element);
  const double width = thing.box.width() * draw(uniform(op.size[0], op.size[1]), key, element + 1);
  const double height = thing.box.height() * draw(uniform(op.size[0], op.size[1]), key, element + 2);
  const double left = std::nearbyint(middle.x - width / 2), top = std::nearbyint(middle.y - height / 2);
  add_region(op, {left, top, left + std::nearbyint(width), top + std::nearbyint(height)});
}

void resolve(Op& op, const Site& at) {
  if (!op.regions.empty()) return;
  if (op.size[0] > op.size[1])
    throw usage_error("size must be [smallest, largest], got " + to_text(Value(std::vector(op.size.begin(), op.size.end()))))
        .with_field("size");
  std::uint64_t element = 0;
  for (const Marked& thing : marked_on(at, op.mask_values)) {
    const bool chosen = draw_unit(at.key, element) < op.chance;
    ++element;
    for (int i = 0; i < op.holes; ++i, element += 3)
      if (chosen && op.cover == Cover::parts) add_part(op, thing, at.key, element);
    if (chosen && op.cover == Cover::whole) add_region(op, thing.box);
  }
  if (op.regions.empty()) op.regions = {0, 0, 0, 0};  // said: there is none
}

Nodes lower(const Op& op, const Site& at) { return covered(regions_from(op.regions), op.fill_with, op.fill, at); }

}  // namespace object_dropout

}  // namespace

void add_object_dropout(OpTable& t) {
  t.add(op<object_dropout::Op, object_dropout::lower, object_dropout::resolve>(
      {.name = "object_dropout",
       .summary = "Cover marked things, or parts of them",
       .detail = "Each thing is chosen with some chance. parts: holes with a middle in the thing (in its polygon or mask, else "
                 "in its box), their sides uniform shares of the box's. whole: its box is covered, so that it counts as hidden "
                 "and goes below min_visibility. At most 64 holes. Where only masks of the whole picture mark anything, each "
                 "of them is one thing.",
       .family = "erase",
       .example = "object_dropout: {chance: 0.5, size: [0.2, 0.4]}",
       .labels = LabelRule::hides,
       .node = NodeKind::positional,
       .reads = Reads::marks,
       .fields = object_dropout::fields}));
}

}  // namespace leaven::ops
