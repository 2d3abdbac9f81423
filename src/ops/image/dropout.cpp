// Dropping a regular grid of squares, and single pixels.
#include <algorithm>
#include <cmath>

#include "ops/image/holes.hpp"
#include "ops/image/planes.hpp"
#include "ops/image/random_plane.hpp"

namespace leaven::ops {
namespace {

constexpr int kMostCells = 64;  // a side

template <class Op>
consteval FieldInfo offset_x_field() {
  return field<&Op::offset_x>("offset_x", {.doc = "How far the grid is shifted to the right, as a share of a cell",
                                           .lo = 0,
                                           .hi = 1,
                                           .unit = "fraction",
                                           .draw = uniform(0, 1)});
}
template <class Op>
consteval FieldInfo offset_y_field() {
  return field<&Op::offset_y>("offset_y", {.doc = "How far the grid is shifted down, as a share of a cell",
                                           .lo = 0,
                                           .hi = 1,
                                           .unit = "fraction",
                                           .draw = uniform(0, 1)});
}
template <class Op>
consteval FieldInfo ratio_field() {
  return field<&Op::ratio>("ratio", {.doc = "Side of a hole, as a share of a cell",
                                     .lo = 0,
                                     .hi = 1,
                                     .unit = "fraction",
                                     .neutral = 0,
                                     .strong = 0.7,
                                     .draw = uniform(0.2, 0.5)});
}

struct Span {
  int from{}, length{};
};

// The holes along one axis of `size` px: one a cell, its edges at whole pixels; those that lie outside are left out.
std::vector<Span> holes_along(int size, double cell, double ratio, double offset) {
  std::vector<Span> holes;
  for (int i = -1; i * cell < size; ++i) {
    const double start = (i + offset) * cell;
    const int from = std::max(0, static_cast<int>(std::nearbyint(start))),
              to = std::min(size, static_cast<int>(std::nearbyint(start + ratio * cell)));
    if (to > from) holes.push_back({from, to - from});
  }
  return holes;
}

std::vector<Region> crossed(const std::vector<Span>& across, const std::vector<Span>& down) {
  std::vector<Region> regions;
  for (const Span& y : down)
    for (const Span& x : across) regions.push_back({x.from, y.from, x.length, y.length});
  return regions;
}

namespace grid_dropout {
struct Op {
  int columns = 8, rows = 8;
  double ratio = 0.4, offset_x = 0, offset_y = 0;
  FillWith fill_with = FillWith::constant;
  std::vector<double> fill{0.0};
};
constexpr auto fields = std::array{
    field<&Op::columns>("columns", {.doc = "Cells from left to right", .lo = 1, .hi = kMostCells, .unit = "1"}),
    field<&Op::rows>("rows", {.doc = "Cells from top to bottom", .lo = 1, .hi = kMostCells, .unit = "1"}),
    ratio_field<Op>(),
    offset_x_field<Op>(),
    offset_y_field<Op>(),
    fill_with_field<Op>(),
    hole_fill_field<Op>()};

Nodes lower(const Op& op, const Site& at) {
  const Size in = at.image.size();
  return covered(crossed(holes_along(in.width, in.width / static_cast<double>(op.columns), op.ratio, op.offset_x),
                         holes_along(in.height, in.height / static_cast<double>(op.rows), op.ratio, op.offset_y)),
                 op.fill_with, op.fill, at);
}
}  // namespace grid_dropout

namespace grid_mask {
struct Op {
  double unit = 0.4, ratio = 0.4, offset_x = 0, offset_y = 0;
  FillWith fill_with = FillWith::constant;
  std::vector<double> fill{0.0};
};
constexpr auto fields =
    std::array{field<&Op::unit>("unit", {.doc = "Side of a cell, as a share of the picture's shorter side",
                                         .lo = 1.0 / kMostCells,
                                         .hi = 1,
                                         .unit = "fraction",
                                         .draw = uniform(0.43, 1)}),
               ratio_field<Op>(),
               offset_x_field<Op>(),
               offset_y_field<Op>(),
               fill_with_field<Op>(),
               hole_fill_field<Op>()};

Nodes lower(const Op& op, const Site& at) {
  const Size in = at.image.size();
  const double cell = std::max(1.0, op.unit * std::min(in.width, in.height));
  return covered(
      crossed(holes_along(in.width, cell, op.ratio, op.offset_x), holes_along(in.height, cell, op.ratio, op.offset_y)),
      op.fill_with, op.fill, at);
}
}  // namespace grid_mask

namespace pixel_dropout {
struct Op {
  double amount = 0.05;
  bool per_channel = false;
  std::vector<double> fill{0.0};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Share of the pixels that are replaced", .lo = 0, .hi = 1, .unit = "fraction",
        .neutral = 0, .strong = 0.4, .draw = uniform(0.005, 0.05)}),
    field<&Op::per_channel>("per_channel", {.doc = "Each channel by itself, instead of whole pixels"}),
    hole_fill_field<Op>()};
// clang-format on

// Four numbers come from one block, so that a pixel costs a quarter of one unless channels go their own ways.
void drop(Planes& planes, const Op& op, const std::array<float, 4>& fill, Key key, int first) {
  const auto below = static_cast<std::uint64_t>(std::nearbyint(op.amount * 4294967296.0));
  std::array<std::uint32_t, 4> block{};
  std::uint64_t pixel = 0;
  for (int y = 0; y < planes.height(); ++y)
    for (int x = 0; x < planes.width(); ++x, ++pixel) {
      if (op.per_channel) block = channel_words(key, pixel, first);
      else if (pixel % 4 == 0) block = random_block(key, pixel / 4);
      for (int c = 0; c < planes.colours(); ++c) {
        const auto k = static_cast<std::size_t>(c);
        if (block[op.per_channel ? k : pixel % 4] < below) planes[c].at(x, y) = fill[k];
      }
    }
}

Nodes lower(const Op& op, const Site& at) {
  if (op.amount == 0) return {};
  return on_planes(
      [op, fill = fill_for(op.fill, at), key = at.key, first = at.group.first](Planes& planes) { drop(planes, op, fill, key, first); });
}
}  // namespace pixel_dropout

}  // namespace

void add_dropout(OpTable& t) {
  t.add(op<grid_dropout::Op, grid_dropout::lower>(
      {.name = "grid_dropout",
       .summary = "Cover one rectangle in each cell of a grid",
       .detail =
           "columns × rows cells; a hole has ratio of its cell's sides, with edges at whole pixels, and the whole "
           "grid is shifted by the offsets.",
       .family = "erase",
       .example = "grid_dropout: {columns: 6, rows: 4, ratio: 0.5}",
       .labels = LabelRule::hides,
       .node = NodeKind::positional,
       .fields = grid_dropout::fields}));
  t.add(op<grid_mask::Op, grid_mask::lower>(
      {.name = "grid_mask",
       .summary = "Cover a regular grid of squares",
       .detail =
           "Squares of side ratio·d, one every d = unit·min(W, H) px, shifted by the offsets: Chen et al., "
           "GridMask data augmentation (2020), where d is uniform in 96 to 224 of 224 px and a hole has 0.4 of d.",
       .family = "erase",
       .example = "grid_mask: {unit: 0.5, ratio: 0.4}",
       .labels = LabelRule::hides,
       .node = NodeKind::positional,
       .fields = grid_mask::fields}));
  t.add(op<pixel_dropout::Op, pixel_dropout::lower>(
      {.name = "pixel_dropout",
       .summary = "Replace single pixels by one colour",
       .detail = "Each pixel, or each value of a pixel, with probability amount and by itself; alpha stays.",
       .family = "erase",
       .example = "pixel_dropout: {amount: 0.02}",
       .node = NodeKind::opaque,
       .fields = pixel_dropout::fields}));
}

}  // namespace leaven::ops
