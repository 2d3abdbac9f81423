#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "plan/raster/displacement.hpp"
#include "plan/raster/planner.hpp"

namespace leaven::plan {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void map_forward(const Geometry& node, std::vector<Point>& points) {
  const auto forward = node.to_input.inverse();
  if (!forward) throw usage_error("a map that cannot be turned round has no labels");
  const auto& m = forward->m;
  // The sign of w is that of the points in view: the canvas centre's.
  const Point centre = node.to_input.map({node.canvas.width / 2.0, node.canvas.height / 2.0});
  const bool flipped = m[6] * centre.x + m[7] * centre.y + m[8] < 0;
  for (Point& p : points) {
    const double w = m[6] * p.x + m[7] * p.y + m[8];
    p = (flipped ? -w : w) > 0 ? forward->map(p) : Point{kNaN, kNaN};
  }
}

/// The q with q + d(q) = p. Fixed-point iteration converges where the field does not fold (its slope is below 1);
/// where it does, the last point stands: several answers exist there.
Point source_to_output(const DisplacementGrid& grid, Point p) {
  constexpr double kClose = 1e-9;  // px
  constexpr int kMost = 200;
  Point q = p;
  for (int i = 0; i < kMost; ++i) {
    const Point d = displacement_at(grid, q);
    const Point next{p.x - d.x, p.y - d.y};
    const bool close = std::abs(next.x - q.x) <= kClose && std::abs(next.y - q.y) <= kClose;
    q = next;
    if (close) break;
  }
  return q;
}

}  // namespace

std::vector<Point> map_points(std::span<const LoweredStep> steps, const RasterShape&, std::vector<Point> points) {
  for (const LoweredStep& step : steps)
    for (const Node& node : step.nodes) {
      try {
        if (const auto* geometry = std::get_if<Geometry>(&node)) {
          map_forward(*geometry, points);
        } else if (const auto* displacement = std::get_if<Displacement>(&node)) {
          for (Point& p : points) p = source_to_output(*displacement->grid, p);
        } else if (const auto* opaque = std::get_if<Opaque>(&node); opaque && !opaque->keeps_geometry) {
          throw usage_error("moves pixels in a way that labels cannot follow");
        }
      } catch (Error& error) {
        throw error.with_step(step.path);
      }
    }
  return points;
}

}  // namespace leaven::plan
