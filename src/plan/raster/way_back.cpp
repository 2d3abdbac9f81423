#include "plan/raster/way_back.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "plan/raster/displacement.hpp"

namespace leaven::plan {

namespace {

/// How many times finer than the field itself the grid of its inverse is: a spline cannot hold the inverse of one exactly,
/// and at four times the error stays below 0.05 px for fields that come near to folding.
constexpr int kFiner = 4;
constexpr int kRefinements = 30;
constexpr float kFitted = 1e-4F;  // px

Point node_of(const DisplacementGrid& grid, int column, int row) { return {(column - 1) * grid.spacing_x, (row - 1) * grid.spacing_y}; }

/// The field e with q = p + e(p) where q + d(q) = p: the vectors at its nodes are known, the spline's control vectors are
/// found by adding what it still misses there (Jacobi's method; the spline weights of a node, 4/9 and less around, let it
/// converge).
std::shared_ptr<const DisplacementGrid> turned_round(const DisplacementGrid& grid, Size canvas) {
  auto back = std::make_shared<DisplacementGrid>();
  back->spacing_x = grid.spacing_x / kFiner;
  back->spacing_y = grid.spacing_y / kFiner;
  back->columns = static_cast<int>(std::floor(canvas.width / back->spacing_x)) + 4;
  back->rows = static_cast<int>(std::floor(canvas.height / back->spacing_y)) + 4;
  const auto nodes = static_cast<std::size_t>(back->columns) * static_cast<std::size_t>(back->rows);
  std::vector<float> wanted(2 * nodes);
  for (std::size_t n = 0; n < nodes; ++n) {
    const Point p = node_of(*back, static_cast<int>(n) % back->columns, static_cast<int>(n) / back->columns);
    const Point q = undisplaced(grid, p);
    wanted[2 * n] = static_cast<float>(q.x - p.x);
    wanted[2 * n + 1] = static_cast<float>(q.y - p.y);
  }
  back->vectors = wanted;
  float missing = 1;
  for (int i = 0; i < kRefinements && missing > kFitted; ++i) {
    std::vector<float> next = back->vectors;
    missing = 0;
    for (std::size_t n = 0; n < nodes; ++n) {
      const Point has = displacement_at(*back, node_of(*back, static_cast<int>(n) % back->columns, static_cast<int>(n) / back->columns));
      const float dx = wanted[2 * n] - static_cast<float>(has.x), dy = wanted[2 * n + 1] - static_cast<float>(has.y);
      next[2 * n] += dx;
      next[2 * n + 1] += dy;
      missing = std::max({missing, std::abs(dx), std::abs(dy)});
    }
    back->vectors = std::move(next);
  }
  // A value of the spline is a mean of its vectors.
  for (const float v : back->vectors) back->reach = std::max(back->reach, std::abs(static_cast<double>(v)));
  return back;
}

/// Nothing for a node that moves nothing. `in`: the size of what comes into it.
std::optional<Node> turned_round(const Node& node, Size in, Filter filter) {
  if (const auto* geometry = std::get_if<Geometry>(&node)) {
    const auto forward = geometry->to_input.inverse();
    if (!forward) throw usage_error("a map that cannot be turned round has no way back");
    return Geometry{*forward, in, {}, filter, true};
  }
  if (const auto* displacement = std::get_if<Displacement>(&node)) return Displacement{turned_round(*displacement->grid, in), {}, filter};
  if (const auto* opaque = std::get_if<Opaque>(&node); opaque && !opaque->keeps_geometry)
    throw usage_error("moves pixels in a way that has no way back");
  if (std::holds_alternative<Mix>(node)) throw usage_error("mixes pictures, and what a model says of several has no way back to one");
  return std::nullopt;
}

}  // namespace

std::vector<LoweredStep> steps_back(std::span<const LoweredStep> steps, const RasterShape& source, Filter filter) {
  std::vector<LoweredStep> back;
  RasterShape shape = source;
  for (const LoweredStep& step : steps) {
    Nodes turned;  // in the order of the step, as `back` is in that of the chain
    for (const Node& node : step.nodes) {
      try {
        if (auto way = turned_round(node, shape.size(), filter)) turned.push_back(std::move(*way));
      } catch (Error& error) {
        throw error.with_step(step.path);
      }
      shape = shape_after(node, shape);
    }
    if (!turned.empty()) back.push_back({step.path, Nodes(turned.rbegin(), turned.rend())});
  }
  return {back.rbegin(), back.rend()};
}

}  // namespace leaven::plan
