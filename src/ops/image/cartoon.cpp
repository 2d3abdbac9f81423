// Flat areas: cartoons, cells around points, and the modes of colours.
#include <algorithm>
#include <array>
#include <cmath>

#include "ops/image/channels.hpp"
#include "ops/image/filters.hpp"
#include "ops/image/mean_shift.hpp"
#include "ops/image/patches.hpp"
#include "ops/image/point_grid.hpp"

namespace leaven::ops {
namespace {

namespace mean_shift {
struct Op {
  int radius = 4;
  double color_radius = 0.15;
  int rounds = 4;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::radius>("radius", {.doc = "How far along each axis the mean reaches", .lo = 0, .hi = 16, .unit = "px",
        .neutral = 0, .strong = 6, .draw = integer(2, 5)}),
    field<&Op::color_radius>("color_radius", {.doc = "How different a colour may be and still count", .lo = 0.01, .hi = 2,
        .unit = "fraction", .draw = uniform(0.08, 0.25)}),
    field<&Op::rounds>("rounds", {.doc = "How often every pixel moves on to the mean around it", .lo = 1, .hi = 20,
        .unit = "1"})};
// clang-format on
Nodes lower(const Op& op, const Site&) {
  if (op.radius == 0) return {};
  return on_planes([op](Planes& planes) { shift_to_means(planes, op.radius, static_cast<float>(op.color_radius), op.rounds); });
}
}  // namespace mean_shift

namespace cartoon {
struct Op {
  int tones = 8;
  double edges = 0.8, saturation = 1.3, strength = 1;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::tones>("tones", {.doc = "Steps of the lightness", .lo = 2, .hi = 64, .unit = "1", .draw = integer(5, 12)}),
    field<&Op::edges>("edges", {.doc = "How dark the lines along edges are", .lo = 0, .hi = 1, .unit = "fraction",
        .draw = uniform(0.5, 1)}),
    field<&Op::saturation>("saturation", {.doc = "Factor on the distance of colours from grey", .lo = 0, .hi = 4,
        .unit = "factor", .draw = uniform(1, 1.8)}),
    field<&Op::strength>("strength", {.doc = "0 shows the picture, 1 the cartoon", .lo = 0, .hi = 1, .unit = "fraction",
        .neutral = 0, .strong = 1, .draw = uniform(0.6, 1)})};
// clang-format on

/// The lightness in steps, without hard steps where it changes slowly: within a step it rises by a smooth curve.
float in_tones(float v, float tones) {
  const float scaled = v * tones, step = std::floor(scaled), within = scaled - step;
  const float soft = within * within * within * (within * (6 * within - 15) + 10);
  return (step + soft) / tones;
}

void draw_cartoon(Planes& planes, const Op& op) {
  constexpr int kRadius = 3, kRounds = 2;
  constexpr float kColours = 0.12f, kLine = 0.012f;  // lines begin where the lightness is this far below its surroundings
  std::vector<Plane> before;
  for (int c = 0; c < planes.colours(); ++c) before.push_back(planes[c].clone());
  shift_to_means(planes, kRadius, kColours, kRounds);
  const Plane grey = grey_of(planes);
  const Plane fine = gaussian_blurred(grey, 0.8), coarse = gaussian_blurred(grey, 1.6);
  const auto tones = static_cast<float>(op.tones), edges = static_cast<float>(op.edges),
             away = static_cast<float>(op.saturation), strength = static_cast<float>(op.strength);
  for (int y = 0; y < planes.height(); ++y)
    for (int x = 0; x < planes.width(); ++x) {
      const float light = grey.at(x, y), lift = in_tones(light, tones);
      const float depth = std::clamp((coarse.at(x, y) - fine.at(x, y)) / kLine - 0.5f, 0.0f, 1.0f);
      for (int c = 0; c < planes.colours(); ++c) {
        float& v = planes[c].at(x, y);
        const float drawn = std::clamp(lift + away * (v - light), 0.0f, 1.0f) * (1 - edges * depth);
        const float own = before[static_cast<std::size_t>(c)].at(x, y);
        v = own + strength * (drawn - own);
      }
    }
}
Nodes lower(const Op& op, const Site& at) {
  if (op.strength == 0) return {};
  require_bounded(at);
  return on_planes([op](Planes& planes) { draw_cartoon(planes, op); });
}
}  // namespace cartoon

namespace voronoi {
enum class Layout : std::uint8_t { scattered, grid, jittered };
constexpr std::array<std::string_view, 3> kLayoutNames{"scattered", "grid", "jittered"};
struct Op {
  int cells = 400;
  Layout layout = Layout::jittered;
  double replaced = 1;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::cells>("cells", {.doc = "About how many cells", .lo = 1, .hi = 65536, .unit = "1", .draw = integer(100, 1000)}),
    field<&Op::layout>("layout", {.doc = "Where their points lie: anywhere, on a grid, or each in its square of a grid",
        .choices = kLayoutNames}),
    field<&Op::replaced>("replaced", {.doc = "Share of the cells that become flat", .lo = 0, .hi = 1, .unit = "fraction",
        .neutral = 0, .strong = 1, .draw = uniform(0.2, 1)})};
// clang-format on

PointGrid points_of(const Op& op, Size size, Key key) {
  const double side = std::max(1.0, std::sqrt(static_cast<double>(size.width) * size.height / op.cells));
  PointGrid grid(size, std::max(1, static_cast<int>(std::nearbyint(size.width / side))),
                 std::max(1, static_cast<int>(std::nearbyint(size.height / side))));
  std::uint64_t element = 0;
  for (int row = 0; row < grid.rows(); ++row)
    for (int column = 0; column < grid.columns(); ++column, element += 2) {
      const double u = draw_unit(key, element), v = draw_unit(key, element + 1);
      const double wide = static_cast<double>(size.width) / grid.columns(), high = static_cast<double>(size.height) / grid.rows();
      switch (op.layout) {
        case Layout::scattered: grid.add({u * size.width, v * size.height}); break;
        case Layout::grid: grid.add({(column + 0.5) * wide, (row + 0.5) * high}); break;
        case Layout::jittered: grid.add({(column + u) * wide, (row + v) * high}); break;
      }
    }
  return grid;
}
Nodes lower(const Op& op, const Site& at) {
  if (op.replaced == 0) return {};
  return on_planes([op, key = at.key](Planes& planes) {
    const PointGrid points = points_of(op, planes.shape().size(), key);
    flatten_patches(planes, points.nearest_of_pixels(), op.replaced, {~key.low, key.high});
  });
}
}  // namespace voronoi

}  // namespace

void add_cartoon(OpTable& t) {
  t.add(op<cartoon::Op, cartoon::lower>(
      {.name = "cartoon",
       .summary = "Draw the picture as a cartoon: flat areas, few tones, dark lines",
       .detail = "After Winnemöller, Olsen and Gooch, \"Real-time video abstraction\" (2006): colours move to their modes (two "
                 "rounds of mean shift), the lightness goes in soft steps, colours move away from grey, and lines are drawn "
                 "where a Gaussian of 0.8 px lies below one of 1.6 px. Alpha stays.",
       .family = "style",
       .example = "cartoon: {tones: 6}",
       .node = NodeKind::opaque,
       .fields = cartoon::fields,
       .joins_channels = true}));
  t.add(op<voronoi::Op, voronoi::lower>(
      {.name = "voronoi",
       .summary = "Flat cells around points",
       .detail = "Every pixel belongs to the nearest point by its middle; a share of the cells takes its mean colour. Alpha "
                 "stays.",
       .family = "style",
       .example = "voronoi: {cells: 300, layout: scattered}",
       .node = NodeKind::opaque,
       .fields = voronoi::fields}));
  t.add(op<mean_shift::Op, mean_shift::lower>(
      {.name = "mean_shift",
       .summary = "Every pixel's colour moves to the mode of the colours near it",
       .detail = "Comaniciu and Meer (2002): in every round a pixel's colour and place move to the mean of the pixels of the "
                 "square around the place whose colour lies within color_radius (Euclidean). The colour is kept. Alpha stays.",
       .family = "blur",
       .example = "mean_shift: {radius: 4, color_radius: 0.15}",
       .node = NodeKind::opaque,
       .fields = mean_shift::fields,
       .joins_channels = true}));
}

}  // namespace leaven::ops
