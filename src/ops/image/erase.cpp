// Holes in the picture.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "ops/image/canvas.hpp"

namespace leaven::ops {
namespace {

namespace cutout {
constexpr int kMostHoles = 64;
struct Op {
  int holes = 1;
  double size = 0.2;
  std::vector<double> fill{0.0};
  std::vector<double> regions{};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::holes>("holes", {.doc = "How many holes", .lo = 1, .hi = kMostHoles, .unit = "1"}),
    field<&Op::size>("size", {.doc = "Side of a hole, as a share of the picture's shorter side", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 0.5, .draw = uniform(0.05, 0.25)}),
    field<&Op::fill>("fill", {.doc = "Colour of the holes: one number for all channels, or one a channel", .lo = 0,
        .hi = 1, .unit = "fraction", .min_count = 1, .max_count = 4}),
    field<&Op::regions>("regions", {.doc = "The holes: x, y, width, height of each", .lo = -65535, .hi = 65535,
        .unit = "px", .min_count = 4, .max_count = 4 * kMostHoles, .resolved = true})};
// clang-format on

void resolve(Op& op, const Site& at) {
  if (!op.regions.empty()) return;
  const double side = std::nearbyint(op.size * std::min(at.image.width, at.image.height));
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(op.holes); ++i) {
    const double x = draw(integer(0, at.image.width - 1), at.key, 2 * i);
    const double y = draw(integer(0, at.image.height - 1), at.key, 2 * i + 1);
    const double half = std::floor(side / 2);
    op.regions.insert(op.regions.end(), {x - half, y - half, side, side});
  }
}

Nodes lower(const Op& op, const Site& at) {
  if (op.regions.size() % 4 != 0)
    throw usage_error("regions must have four numbers a hole, got " + std::to_string(op.regions.size()))
        .with_field("regions");
  Holes holes{.fill = fill_for(op.fill, at.image, 1)};
  for (std::size_t i = 0; i < op.regions.size(); i += 4) {
    const auto part = [&](std::size_t k) { return static_cast<int>(std::nearbyint(op.regions[i + k])); };
    if (const Region region{part(0), part(1), part(2), part(3)}; !region.empty()) holes.regions.push_back(region);
  }
  if (holes.regions.empty()) return {};
  return {Positional{holes}};
}
}  // namespace cutout

}  // namespace

void add_erase(OpTable& t) {
  t.add(op<cutout::Op, cutout::lower, cutout::resolve>(
      {.name = "cutout",
       .summary = "Cover square parts of the picture",
       .detail = "Squares of side round(size·min(W, H)) px whose middle pixels are uniform over the picture, so that "
                 "a hole may reach over the edge: DeVries and Taylor (2017).",
       .family = "erase",
       .example = "cutout: {holes: 2, size: 0.2}",
       .labels = LabelRule::hides,
       .node = NodeKind::positional,
       .fields = cutout::fields}));
}

}  // namespace leaven::ops
