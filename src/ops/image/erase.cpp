// Holes in the picture.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "ops/image/holes.hpp"

namespace leaven::ops {
namespace {

namespace cutout {
struct Op {
  int holes = 1;
  double size = 0.2;
  FillWith fill_with = FillWith::constant;
  std::vector<double> fill{0.0};
  std::vector<double> regions{};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::holes>("holes", {.doc = "How many holes", .lo = 1, .hi = kMostHoles, .unit = "1"}),
    field<&Op::size>("size", {.doc = "Side of a hole, as a share of the picture's shorter side", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 0.5, .draw = uniform(0.05, 0.25)}),
    fill_with_field<Op>(),
    hole_fill_field<Op>(),
    regions_field<Op>()};
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

Nodes lower(const Op& op, const Site& at) { return covered(regions_from(op.regions), op.fill_with, op.fill, at); }
}  // namespace cutout

namespace erasing {
constexpr std::uint64_t kTries = 10;
struct Op {
  double area = 0.1;
  std::array<double, 2> ratio{0.3, 1 / 0.3};
  FillWith fill_with = FillWith::constant;
  std::vector<double> fill{0.0};
  std::vector<double> regions{};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::area>("area", {.doc = "Share of the picture that is covered", .lo = 0, .hi = 1, .unit = "fraction",
        .neutral = 0, .strong = 0.4, .draw = uniform(0.02, 0.33)}),
    field<&Op::ratio>("ratio", {.doc = "Smallest and largest ratio of width to height", .lo = 0.01, .hi = 100,
        .unit = "factor"}),
    fill_with_field<Op>(),
    hole_fill_field<Op>(),
    regions_field<Op>(1)};
// clang-format on

void resolve(Op& op, const Site& at) {
  if (!op.regions.empty()) return;
  if (op.ratio[0] > op.ratio[1])
    throw usage_error("ratio must be [smallest, largest], got " +
                      to_text(Value(std::vector(op.ratio.begin(), op.ratio.end()))))
        .with_field("ratio");
  const Size in = at.image.size();
  const double area = op.area * in.width * in.height;
  double width = 0, height = 0;
  for (std::uint64_t i = 0; i < kTries; ++i) {
    const double ratio = draw(log_uniform(op.ratio[0], op.ratio[1]), at.key, 2 + i);
    width = std::nearbyint(std::sqrt(area * ratio)), height = std::nearbyint(std::sqrt(area / ratio));
    if (width <= in.width && height <= in.height) break;
  }
  width = std::min(width, static_cast<double>(in.width)), height = std::min(height, static_cast<double>(in.height));
  op.regions = {draw(integer(0, in.width - width), at.key, 0), draw(integer(0, in.height - height), at.key, 1), width,
                height};
}

Nodes lower(const Op& op, const Site& at) { return covered(regions_from(op.regions), op.fill_with, op.fill, at); }
}  // namespace erasing

namespace coarse_dropout {
struct Op {
  int holes = 4;
  std::array<double, 2> width{0.1, 0.2}, height{0.1, 0.2};
  FillWith fill_with = FillWith::constant;
  std::vector<double> fill{0.0};
  std::vector<double> regions{};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::holes>("holes", {.doc = "How many holes", .lo = 0, .hi = kMostHoles, .unit = "1", .neutral = 0,
        .strong = 16, .draw = integer(1, 8)}),
    field<&Op::width>("width", {.doc = "Smallest and largest width of a hole, as a share of the picture's", .lo = 0,
        .hi = 1, .unit = "fraction"}),
    field<&Op::height>("height", {.doc = "Smallest and largest height of a hole, as a share of the picture's", .lo = 0,
        .hi = 1, .unit = "fraction"}),
    fill_with_field<Op>(),
    hole_fill_field<Op>(),
    regions_field<Op>()};
// clang-format on

// A whole number of pixels, at least one where the share is above 0.
double side_of(const std::array<double, 2>& share, int of, const char* name, Key key, std::uint64_t element) {
  if (share[0] > share[1])
    throw usage_error(std::string(name) + " must be [smallest, largest], got " +
                      to_text(Value(std::vector(share.begin(), share.end()))))
        .with_field(name);
  return std::ceil(std::nearbyint(draw(uniform(share[0], share[1]), key, element) * of * 2) / 2);
}

void resolve(Op& op, const Site& at) {
  if (!op.regions.empty()) return;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(op.holes); ++i) {
    const double width = side_of(op.width, at.image.width, "width", at.key, 4 * i),
                 height = side_of(op.height, at.image.height, "height", at.key, 4 * i + 1);
    op.regions.insert(op.regions.end(), {draw(integer(0, at.image.width - width), at.key, 4 * i + 2),
                                         draw(integer(0, at.image.height - height), at.key, 4 * i + 3), width, height});
  }
  if (op.regions.empty()) op.regions = {0, 0, 0, 0};  // said: there is none
}

Nodes lower(const Op& op, const Site& at) { return covered(regions_from(op.regions), op.fill_with, op.fill, at); }
}  // namespace coarse_dropout

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
  t.add(op<erasing::Op, erasing::lower, erasing::resolve>(
      {.name = "erasing",
       .summary = "Cover a random rectangle",
       .detail =
           "A rectangle of area·W·H px whose ratio is log-uniform in ratio, drawn up to 10 times until it fits, "
           "then cut to fit; place uniform. Zhong et al., Random erasing data augmentation (2020), where the area "
           "is uniform in 0.02 to 0.33 (0.4 in the paper's best setting) and the fill is noise.",
       .family = "erase",
       .example = "erasing: {area: {uniform: [0.02, 0.33]}, fill_with: noise}",
       .labels = LabelRule::hides,
       .node = NodeKind::positional,
       .fields = erasing::fields}));
  t.add(op<coarse_dropout::Op, coarse_dropout::lower, coarse_dropout::resolve>(
      {.name = "coarse_dropout",
       .summary = "Cover several rectangles of different sizes",
       .detail =
           "Each hole's width and height are uniform in their ranges, in whole pixels, and the hole lies anywhere "
           "within the picture.",
       .family = "erase",
       .example = "coarse_dropout: {holes: 6, width: [0.05, 0.1], height: [0.05, 0.1]}",
       .labels = LabelRule::hides,
       .node = NodeKind::positional,
       .fields = coarse_dropout::fields}));
}

}  // namespace leaven::ops
