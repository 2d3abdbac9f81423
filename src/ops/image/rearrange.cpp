// Pixels that change places: cells of a grid, or each pixel with a neighbour.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "ops/image/canvas.hpp"
#include "ops/image/mix.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {
namespace {

namespace grid_shuffle {
constexpr int kMostCells = 16;  // a side
struct Op {
  int columns = 3, rows = 3;
  std::vector<double> order{};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::columns>("columns", {.doc = "Cells from left to right", .lo = 1, .hi = kMostCells, .unit = "1"}),
    field<&Op::rows>("rows", {.doc = "Cells from top to bottom", .lo = 1, .hi = kMostCells, .unit = "1"}),
    field<&Op::order>("order", {.doc = "The cell that each place shows, counted row by row from 0", .lo = 0,
        .hi = kMostCells * kMostCells - 1, .unit = "1", .min_count = 1, .max_count = kMostCells * kMostCells,
        .resolved = true})};
// clang-format on

// Fisher and Yates' shuffle: every order is equally likely.
void resolve(Op& op, const Site& at) {
  if (!op.order.empty()) return;
  for (int i = 0; i < op.columns * op.rows; ++i) op.order.push_back(i);
  for (std::size_t i = op.order.size(); i-- > 1;) std::swap(op.order[i], op.order[draw_below(at.key, i + 1, i)]);
}

void require_permutation(const Op& op) {
  std::vector<bool> seen(static_cast<std::size_t>(op.columns * op.rows));
  for (const double place : op.order)
    if (const auto i = static_cast<std::size_t>(place); i < seen.size()) seen[i] = true;
  if (op.order.size() != seen.size() || std::find(seen.begin(), seen.end(), false) != seen.end())
    throw usage_error("order must name each of the " + std::to_string(seen.size()) + " cells once, got " +
                      to_text(Value(op.order)))
        .with_field("order");
}

/// A part of the picture, laid at x, y.
MixLayer part_at(const Region& part, int x, int y) {
  MixLayer layer;
  layer.nodes.push_back(cut(part, {}));
  layer.x = x, layer.y = y;
  return layer;
}

// All cells have one size; the columns and rows that are left over at the right and the bottom stay.
Nodes lower(const Op& op, const Site& at) {
  require_permutation(op);
  const Size in = at.image.size();
  const int width = in.width / op.columns, height = in.height / op.rows;
  if (width == 0 || height == 0) return {};
  std::vector<MixLayer> layers;
  for (int place = 0; place < op.columns * op.rows; ++place) {
    const int cell = static_cast<int>(op.order[static_cast<std::size_t>(place)]);
    layers.push_back(part_at({cell % op.columns * width, cell / op.columns * height, width, height}, place % op.columns * width,
                             place / op.columns * height));
  }
  const int right = width * op.columns, bottom = height * op.rows;
  if (right < in.width) layers.push_back(part_at({right, 0, in.width - right, in.height}, right, 0));
  if (bottom < in.height) layers.push_back(part_at({0, bottom, right, in.height - bottom}, 0, bottom));
  return {mix_of(in, std::move(layers))};
}
}  // namespace grid_shuffle

namespace pixel_spread {
struct Op {
  int radius = 2;
};
constexpr auto fields = std::array{field<&Op::radius>("radius", {.doc = "How far along each axis a pixel may come from",
                                                                 .lo = 0,
                                                                 .hi = 64,
                                                                 .unit = "px",
                                                                 .neutral = 0,
                                                                 .strong = 8,
                                                                 .draw = integer(1, 3)})};

// 0 … 2·radius, by the high bits of a product: its bias is below 2^-25.
int offset(std::uint32_t random, int radius) {
  return static_cast<int>((static_cast<std::uint64_t>(random) * static_cast<std::uint64_t>(2 * radius + 1)) >> 32) -
         radius;
}

void spread(Planes& planes, int radius, Key key) {
  const int width = planes.width(), height = planes.height(), colours = planes.colours();
  std::vector<Plane> before;
  for (int c = 0; c < colours; ++c) before.push_back(planes[c].clone());
  const Plane* alpha = planes.shape().alpha ? &planes[colours] : nullptr;
  std::array<std::uint32_t, 4> block{};
  std::uint64_t pixel = 0;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x, ++pixel) {
      if (pixel % 2 == 0) block = random_block(key, pixel / 2);
      const std::size_t half = 2 * (pixel % 2);
      const int from_x = mirrored(x + offset(block[half], radius), width),
                from_y = mirrored(y + offset(block[half + 1], radius), height);
      if (alpha && alpha->at(from_x, from_y) == 0) continue;  // it has no colour to give
      for (int c = 0; c < colours; ++c) planes[c].at(x, y) = before[static_cast<std::size_t>(c)].at(from_x, from_y);
    }
}

Nodes lower(const Op& op, const Site& at) {
  if (op.radius == 0) return {};
  return on_planes([radius = op.radius, key = at.key](Planes& planes) { spread(planes, radius, key); });
}
}  // namespace pixel_spread

}  // namespace

void add_rearrange(OpTable& t) {
  t.add(op<grid_shuffle::Op, grid_shuffle::lower, grid_shuffle::resolve>(
      {.name = "grid_shuffle",
       .summary = "Cut the picture into a grid of cells and shuffle them",
       .detail = "Cells of floor(W/columns) by floor(H/rows) px; what is left over at the right and the bottom stays. "
                 "Every order is equally likely. What lies in several cells becomes a thing in each, and is dropped where too "
                 "little of it is left (min_visibility, of the whole thing). A jigsaw, as in Noroozi and Favaro (2016).",
       .family = "geometry",
       .example = "grid_shuffle: {columns: 4, rows: 4}",
       .labels = LabelRule::splits,
       .node = NodeKind::mix,
       .fields = grid_shuffle::fields}));
  t.add(op<pixel_spread::Op, pixel_spread::lower>(
      {.name = "pixel_spread",
       .summary = "Each pixel takes the colour of one nearby",
       .detail =
           "Uniform among the (2·radius + 1)² pixels around it, the picture reflected at its edges. Alpha stays, and "
           "fully transparent pixels give no colour.",
       .family = "noise",
       .example = "pixel_spread: {radius: 3}",
       .node = NodeKind::opaque,
       .fields = pixel_spread::fields}));
}

}  // namespace leaven::ops
