#include "plan/raster/point_map.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "plan/raster/displacement.hpp"
#include "plan/raster/mixing.hpp"

namespace leaven::plan {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
/// A point so near the horizon lies as good as infinitely far away: shares of the view's centre.
constexpr double kHorizon = 1e-6;
/// px between points of an edge that a displacement bends.
constexpr double kPiece = 4;

/// Of a projective map: the side of its horizon on which `centre` lies.
HalfPlane view_of(const Matrix3& map, Point centre) {
  const auto& m = map.m;
  const double w = m[6] * centre.x + m[7] * centre.y + m[8], sign = w < 0 ? -1 : 1;
  return {sign * m[6], sign * m[7], sign * m[8] - (map.is_affine() ? 0 : kHorizon * std::abs(w))};
}

}  // namespace

PointMap::PointMap(const Geometry& node) : forward_(node.to_input.inverse()), back_(node.to_input), canvas_(node.canvas) {
  if (!forward_) throw usage_error("a map that cannot be turned round has no labels");
  const auto& m = forward_->m;
  // The sign of w is that of the points in view: the canvas centre's.
  const Point middle{node.canvas.width / 2.0, node.canvas.height / 2.0}, centre = node.to_input.map(middle);
  const double w = m[6] * centre.x + m[7] * centre.y + m[8], sign = w < 0 ? -1 : 1;
  view_ = view_of(*forward_, centre);
  back_view_ = view_of(back_, middle);
  direction_ = forward_->determinant() * sign < 0 ? -1 : 1;
}

PointMap::PointMap(std::span<const Region> holes, Size canvas) : canvas_(canvas) {
  for (const Region& r : holes) {
    const auto x = static_cast<double>(r.x), y = static_cast<double>(r.y);
    if (!r.empty()) holes_.push_back({{x, y}, {x + r.width, y}, {x + r.width, y + r.height}, {x, y + r.height}});
  }
}

Point PointMap::map(Point p) const {
  if (grid_) return undisplaced(*grid_, p);
  if (!forward_) return p;
  return view_.at(p) > 0 ? forward_->map(p) : Point{kNaN, kNaN};
}

Outline PointMap::pieces(const Outline& outline, bool closed) const {
  Outline fine;
  const std::size_t edges = closed ? outline.size() : outline.size() - 1;
  for (std::size_t i = 0; i < edges; ++i) {
    const Point &a = outline[i], &b = outline[(i + 1) % outline.size()];
    const int parts = std::clamp(static_cast<int>(std::hypot(b.x - a.x, b.y - a.y) / kPiece), 1, 256);
    for (int k = 0; k < parts; ++k)
      fine.push_back({a.x + (b.x - a.x) * k / parts, a.y + (b.y - a.y) * k / parts});
  }
  if (!closed) fine.push_back(outline.back());
  return fine;
}

Outline PointMap::map_outline(const Outline& outline) const {
  if (outline.empty() || !moves()) return outline;
  Outline mapped = grid_ ? pieces(outline, true) : forward_->is_affine() ? outline : clipped(outline, view_);
  for (Point& p : mapped) p = grid_ ? undisplaced(*grid_, p) : forward_->map(p);
  return mapped;
}

Outline PointMap::map_back(const Outline& outline) const {
  if (outline.empty() || !moves()) return outline;
  Outline mapped = grid_ ? pieces(outline, true) : back_.is_affine() ? outline : clipped(outline, back_view_);
  for (Point& p : mapped) {
    const Point moved = grid_ ? displacement_at(*grid_, p) : back_.map(p);
    p = grid_ ? Point{p.x + moved.x, p.y + moved.y} : moved;
  }
  return mapped;
}

Outline PointMap::map_line(const Outline& line) const {
  if (line.empty() || !moves()) return line;
  Outline mapped;
  // A line that crosses the horizon ends there; what comes back from behind it is another line, and rare: it is dropped.
  for (const Point& p : grid_ ? pieces(line, false) : line) {
    const Point q = map(p);
    if (!std::isfinite(q.x)) break;
    mapped.push_back(q);
  }
  return mapped;
}

std::vector<PointMap> point_maps(std::span<const LoweredStep> steps, const RasterShape& source) {
  std::vector<PointMap> maps;
  RasterShape shape = source;
  for (const LoweredStep& step : steps)
    for (const Node& node : step.nodes) {
      try {
        if (const auto* geometry = std::get_if<Geometry>(&node)) {
          maps.emplace_back(*geometry);
        } else if (const auto* displacement = std::get_if<Displacement>(&node)) {
          maps.emplace_back(*displacement, shape.size());
        } else if (const auto* positional = std::get_if<Positional>(&node)) {
          if (const auto* holes = std::get_if<Holes>(&positional->what)) maps.emplace_back(holes->regions, shape.size());
        } else if (const auto* opaque = std::get_if<Opaque>(&node)) {
          if (!opaque->keeps_geometry) throw usage_error("moves pixels in a way that labels cannot follow");
          if (!opaque->hides.empty()) maps.emplace_back(opaque->hides, shape.size());
        } else if (const auto* mix = std::get_if<Mix>(&node)) {
          const LoweredStep strand{step.path, own_strand(*mix, shape)};
          for (PointMap& map : point_maps(std::span(&strand, 1), shape)) maps.push_back(std::move(map));
        }
      } catch (Error& error) {
        throw error.with_step(step.path);
      }
      shape = shape_after(node, shape);
    }
  return maps;
}

std::vector<Point> map_points(std::span<const LoweredStep> steps, const RasterShape& source, std::vector<Point> points) {
  for (const PointMap& map : point_maps(steps, source))
    for (Point& p : points) p = map.map(p);
  return points;
}

}  // namespace leaven::plan
