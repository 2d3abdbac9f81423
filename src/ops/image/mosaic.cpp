// Several pictures side by side: a mosaic of four, a grid of cells of two, and two along a random outline.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numeric>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "ops/image/canvas.hpp"
#include "ops/image/mix.hpp"

namespace leaven::ops {
namespace {

namespace mosaic {
enum class Fit : std::uint8_t { cover, corner };
constexpr std::array<std::string_view, 2> kFitNames{"cover", "corner"};
struct Op {
  Partners partners = Partners::any;
  int width = 0, height = 0;
  double at_x = 0.5, at_y = 0.5;
  Fit fit = Fit::cover;
  std::vector<double> fill{114 / 255.0};
};
// clang-format off
constexpr auto fields = std::array{
    partners_field<Op>(),
    field<&Op::width>("width", {.doc = "Width of the mosaic; 0: the picture's own", .lo = 0, .hi = 65535, .unit = "px"}),
    field<&Op::height>("height", {.doc = "Height of the mosaic; 0: the picture's own", .lo = 0, .hi = 65535, .unit = "px"}),
    field<&Op::at_x>("at_x", {.doc = "Where the four meet, as a share of the width", .lo = 0, .hi = 1,
        .unit = "fraction", .draw = uniform(0.25, 0.75)}),
    field<&Op::at_y>("at_y", {.doc = "Where the four meet, as a share of the height", .lo = 0, .hi = 1,
        .unit = "fraction", .draw = uniform(0.25, 0.75)}),
    field<&Op::fit>("fit", {.doc = "Each picture fills its quarter (cover), or is whole with a corner where they meet (corner)",
        .choices = kFitNames}),
    fill_field<Op>()};
// clang-format on

MixLayer covering(const Site& at, int picture, const Region& quarter) {
  MixLayer layer;
  layer.picture = picture;
  layer.nodes = ops::covering(picture_size(at, picture), {quarter.width, quarter.height}, {0, 0, quarter.width, quarter.height});
  layer.x = quarter.x;
  layer.y = quarter.y;
  return layer;
}

// The longer side is half of the mosaic's longer side.
MixLayer cornered(const Site& at, int picture, Size canvas, int x, int y) {
  const Size in = picture_size(at, picture);
  const double scale = std::max(canvas.width, canvas.height) / 2.0 / std::max(in.width, in.height);
  const Size size{std::max(1, static_cast<int>(std::nearbyint(in.width * scale))),
                  std::max(1, static_cast<int>(std::nearbyint(in.height * scale)))};
  MixLayer layer;
  layer.picture = picture;
  if (size != in) layer.nodes = {stretch(in, size, Filter::bilinear, true)};
  layer.x = picture % 2 == 0 ? x - size.width : x;
  layer.y = picture < 2 ? y - size.height : y;
  return layer;
}

Nodes lower(const Op& op, const Site& at) {
  const Size canvas{op.width > 0 ? op.width : at.image.width, op.height > 0 ? op.height : at.image.height};
  const int x = static_cast<int>(std::nearbyint(op.at_x * canvas.width)), y = static_cast<int>(std::nearbyint(op.at_y * canvas.height));
  std::vector<MixLayer> layers;
  for (int picture = 0; picture < 4; ++picture) {
    const bool right = picture % 2 == 1, below = picture >= 2;
    const Region quarter{right ? x : 0, below ? y : 0, right ? canvas.width - x : x, below ? canvas.height - y : y};
    if (quarter.empty()) continue;
    layers.push_back(op.fit == Fit::cover ? covering(at, picture, quarter) : cornered(at, picture, canvas, x, y));
  }
  return {mix_of(canvas, std::move(layers), fill_for(op.fill, at, 1))};
}
}  // namespace mosaic

namespace gridmix {
struct Op {
  Partners partners = Partners::any;
  int grid = 4;
  double alpha = 1, share = kUnset;
  std::vector<double> cells{};
};
// clang-format off
constexpr auto fields = std::array{
    partners_field<Op>(),
    field<&Op::grid>("grid", {.doc = "Cells along each side", .lo = 1, .hi = 16, .unit = "1"}),
    field<&Op::alpha>("alpha", {.doc = "Both parameters of the beta law of which the share is drawn", .lo = 0.01, .hi = 100,
        .unit = "1"}),
    field<&Op::share>("share", {.doc = "Chance of a cell to show the picture itself", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 1, .strong = 0.5, .resolved = true}),
    field<&Op::cells>("cells", {.doc = "Row by row, 1 for a cell of the partner", .lo = 0, .hi = 1, .unit = "1",
        .min_count = 1, .max_count = 256, .resolved = true})};
// clang-format on

void resolve(Op& op, const Site& at) {
  if (std::isnan(op.share)) op.share = draw_share(op.alpha, at.key);
  if (!op.cells.empty()) return;
  for (std::uint64_t i = 1; i <= static_cast<std::uint64_t>(op.grid) * static_cast<std::uint64_t>(op.grid); ++i)
    op.cells.push_back(draw_unit(at.key, i) >= op.share ? 1 : 0);
}

Nodes lower(const Op& op, const Site& at) {
  const auto grid = static_cast<std::size_t>(op.grid);
  if (op.cells.size() != grid * grid)
    throw usage_error("cells must be " + std::to_string(grid * grid) + " numbers for a grid of " + std::to_string(grid) + ", got " +
                      std::to_string(op.cells.size()));
  const auto edge = [&](std::size_t i, int length) { return static_cast<int>(i * static_cast<std::size_t>(length) / grid); };
  std::vector<MixLayer> layers{MixLayer{}};
  for (std::size_t row = 0; row < grid; ++row)
    for (std::size_t from = 0; from < grid;) {
      std::size_t to = from;  // neighbours are one layer
      while (to < grid && op.cells[row * grid + to] >= 0.5) ++to;
      const Region part{edge(from, at.image.width), edge(row, at.image.height), edge(to, at.image.width) - edge(from, at.image.width),
                        edge(row + 1, at.image.height) - edge(row, at.image.height)};
      if (!part.empty()) layers.push_back(covering_layer(at, 1, part));
      from = std::max(to, from) + 1;
    }
  if (layers.size() == 1) return {};
  return {mix_of(at.image.size(), std::move(layers))};
}
}  // namespace gridmix

namespace fmix {
struct Op {
  Partners partners = Partners::any;
  double alpha = 1, share = kUnset, decay = 3;
};
// clang-format off
constexpr auto fields = std::array{
    partners_field<Op>(),
    field<&Op::alpha>("alpha", {.doc = "Both parameters of the beta law of which the share is drawn", .lo = 0.01, .hi = 100,
        .unit = "1"}),
    field<&Op::share>("share", {.doc = "Share of the pixels that show the picture itself", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 1, .strong = 0.5, .resolved = true}),
    field<&Op::decay>("decay", {.doc = "Power by which waves grow weaker with their frequency: more makes rounder shapes",
        .lo = 1, .hi = 6, .unit = "1"})};
// clang-format on

void resolve(Op& op, const Site& at) {
  if (std::isnan(op.share)) op.share = draw_share(op.alpha, at.key);
}

// Waves along each axis: beyond, a decay of 3 leaves less than a thousandth.
constexpr int kWaves = 12;

// A sum of waves with random phases whose strength falls with their frequency, at every pixel. Frequencies count waves
// along the longer side, so that shapes are as long as they are high.
std::vector<double> landscape(Size size, double decay, Key key) {
  constexpr double kTurn = 6.283185307179586;
  const auto width = static_cast<std::size_t>(size.width), height = static_cast<std::size_t>(size.height);
  std::vector<double> field(width * height), cosines(width), sines(width);
  const double longer = std::max(size.width, size.height);
  const Law gauss = normal(0, 1);
  std::uint64_t element = 8;
  for (int v = 0; v <= kWaves; ++v) {
    std::fill(cosines.begin(), cosines.end(), 0.0);
    std::fill(sines.begin(), sines.end(), 0.0);
    for (int u = v == 0 ? 1 : -kWaves; u <= kWaves; ++u, element += 2) {
      const double fx = u * longer / size.width, fy = v * longer / size.height, frequency = std::sqrt(fx * fx + fy * fy);
      const double strength = exact::exp(-decay * exact::log(std::max(1.0, frequency)));
      const double a = strength * draw(gauss, key, element), b = strength * draw(gauss, key, element + 1);
      for (std::size_t x = 0; x < width; ++x) {
        const double turn = kTurn * u * (static_cast<double>(x) + 0.5) / size.width, c = exact::cos(turn), s = exact::sin(turn);
        cosines[x] += a * c + b * s;
        sines[x] += b * c - a * s;
      }
    }
    for (std::size_t y = 0; y < height; ++y) {
      const double turn = kTurn * v * (static_cast<double>(y) + 0.5) / size.height, c = exact::cos(turn), s = exact::sin(turn);
      for (std::size_t x = 0; x < width; ++x) field[y * width + x] += cosines[x] * c + sines[x] * s;
    }
  }
  return field;
}

Nodes lower(const Op& op, const Site& at) {
  const Size size = at.image.size();
  const std::vector<double> field = landscape(size, op.decay, at.key);
  const auto count = static_cast<std::size_t>(std::nearbyint((1 - op.share) * static_cast<double>(field.size())));
  if (count == 0) return {};
  std::vector<std::uint32_t> order(field.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto lower_first = [&](std::uint32_t a, std::uint32_t b) { return field[a] < field[b] || (field[a] == field[b] && a < b); };
  if (count < order.size()) std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), lower_first);
  auto mask = std::make_shared<Raster>(RasterShape{size.width, size.height, 1, Dtype::u8});
  auto* shown = reinterpret_cast<std::uint8_t*>(mask->data());
  std::fill_n(shown, field.size(), std::uint8_t{0});
  for (std::size_t i = 0; i < count; ++i) shown[order[i]] = 255;
  MixLayer partner = covering_layer(at, 1, Region::whole(size));
  partner.mask = std::move(mask);
  return {mix_of(size, {MixLayer{}, std::move(partner)})};
}
}  // namespace fmix

}  // namespace

void add_mosaic(OpTable& t) {
  t.add(op<mosaic::Op, mosaic::lower>(
      {.name = "mosaic",
       .summary = "Four pictures in one, around a point",
       .detail = "The picture itself stands top left, three others beside and below it, around a point that is drawn "
                 "(Bochkovskiy et al., \"YOLOv4\", 2020). cover fills each quarter with a picture scaled to cover it and cut "
                 "about its middle; corner is YOLO's way: each picture whole, its longer side half of the mosaic's, the rest "
                 "in one colour. Marks of all four are kept as far as they are seen; classes count by pixels.",
       .family = "mix",
       .example = "mosaic: {fit: cover}",
       .labels = LabelRule::mixes,
       .node = NodeKind::mix,
       .fields = mosaic::fields,
       .partners = 3,
       .tints = true}));
  t.add(op<gridmix::Op, gridmix::lower, gridmix::resolve>(
      {.name = "gridmix",
       .summary = "Cells of a grid from two pictures",
       .detail = "Each cell of a grid shows the picture itself with chance λ, else the same place of the partner, which is "
                 "scaled to cover the picture; λ is drawn of Beta(α, α) (Baek et al., \"GridMix\", 2021). Classes count by the "
                 "pixels that are seen.",
       .family = "mix",
       .example = "gridmix: {grid: 4}",
       .labels = LabelRule::mixes,
       .node = NodeKind::mix,
       .fields = gridmix::fields,
       .partners = 1,
       .tints = true}));
  t.add(op<fmix::Op, fmix::lower, fmix::resolve>(
      {.name = "fmix",
       .summary = "Two pictures, parted along random round outlines",
       .detail = "Gaussian noise in Fourier space, weaker by frequency^−decay, makes a landscape; its lowest 1 − λ pixels show "
                 "the partner, which is scaled to cover the picture, λ drawn of Beta(α, α) (Harris et al., \"FMix\", 2020; "
                 "decay 3 and α = 1 there). Waves shorter than a 12th of the longer side are left out.",
       .family = "mix",
       .example = "fmix: {decay: 3}",
       .labels = LabelRule::mixes,
       .node = NodeKind::mix,
       .fields = fmix::fields,
       .partners = 1,
       .tints = true}));
}

}  // namespace leaven::ops
