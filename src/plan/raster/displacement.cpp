#include "plan/raster/displacement.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace leaven::plan {

namespace {

/// Weights of nodes −1, 0, 1, 2 at t in [0, 1) (de Boor, "A practical guide to splines", 1978).
std::array<double, 4> spline_weights(double t) {
  const double u = 1 - t;
  return {u * u * u / 6, (3 * t * t * t - 6 * t * t + 4) / 6, (3 * u * u * u - 6 * u * u + 4) / 6, t * t * t / 6};
}

}  // namespace

Point displacement_at(const DisplacementGrid& grid, Point p) {
  if (std::isnan(p.x) || std::isnan(p.y)) return {};
  // Node 0 lies at −spacing; far outside every weight falls on the outermost node, so the clamp changes nothing.
  const double u = std::clamp(p.x / grid.spacing_x + 1, -4.0, grid.columns + 4.0);
  const double v = std::clamp(p.y / grid.spacing_y + 1, -4.0, grid.rows + 4.0);
  const double column = std::floor(u), row = std::floor(v);
  const auto weights_x = spline_weights(u - column), weights_y = spline_weights(v - row);
  Point d{};
  for (int j = 0; j < 4; ++j)
    for (int i = 0; i < 4; ++i) {
      const int x = std::clamp(static_cast<int>(column) + i - 1, 0, grid.columns - 1);
      const int y = std::clamp(static_cast<int>(row) + j - 1, 0, grid.rows - 1);
      const float* vector = grid.vectors.data() + 2 * (static_cast<std::ptrdiff_t>(y) * grid.columns + x);
      const double weight = weights_x[static_cast<std::size_t>(i)] * weights_y[static_cast<std::size_t>(j)];
      d.x += weight * static_cast<double>(vector[0]);
      d.y += weight * static_cast<double>(vector[1]);
    }
  return d;
}

namespace {

constexpr double kClose = 1e-9;  // px

/// How far q + d(q) lies from p.
Point miss(const DisplacementGrid& grid, Point p, Point q) {
  const Point d = displacement_at(grid, q);
  return {q.x + d.x - p.x, q.y + d.y - p.y};
}

/// Newton's method for q + d(q) = p, each step halved until it comes nearer; where it ends, the nearest point stands.
Point by_newton(const DisplacementGrid& grid, Point p) {
  constexpr int kMost = 100, kMostHalvings = 30;
  constexpr double kStep = 1e-4;  // px, for the derivatives
  Point q = p, off = miss(grid, p, q);
  for (int i = 0; i < kMost && std::max(std::abs(off.x), std::abs(off.y)) > kClose; ++i) {
    const Point left = miss(grid, p, {q.x - kStep, q.y}), right = miss(grid, p, {q.x + kStep, q.y}),
                above = miss(grid, p, {q.x, q.y - kStep}), below = miss(grid, p, {q.x, q.y + kStep});
    const double xx = (right.x - left.x) / (2 * kStep), xy = (below.x - above.x) / (2 * kStep),
                 yx = (right.y - left.y) / (2 * kStep), yy = (below.y - above.y) / (2 * kStep), det = xx * yy - xy * yx;
    Point step{(yy * off.x - xy * off.y) / det, (xx * off.y - yx * off.x) / det};
    if (!std::isfinite(step.x) || !std::isfinite(step.y)) step = off;
    const double before = off.x * off.x + off.y * off.y;
    int halvings = 0;
    for (; halvings < kMostHalvings; ++halvings, step = {step.x / 2, step.y / 2}) {
      const Point next = miss(grid, p, {q.x - step.x, q.y - step.y});
      if (!(next.x * next.x + next.y * next.y < before)) continue;
      q = {q.x - step.x, q.y - step.y}, off = next;
      break;
    }
    if (halvings == kMostHalvings) break;
  }
  return q;
}

}  // namespace

Point undisplaced(const DisplacementGrid& grid, Point p) {
  constexpr int kMost = 200;
  if (!std::isfinite(p.x) || !std::isfinite(p.y)) return p;  // a perspective's horizon stays where it is
  Point q = p;
  for (int i = 0; i < kMost; ++i) {
    const Point d = displacement_at(grid, q);
    const Point next{p.x - d.x, p.y - d.y};
    const bool close = std::abs(next.x - q.x) <= kClose && std::abs(next.y - q.y) <= kClose;
    q = next;
    if (close) return q;
  }
  return by_newton(grid, p);
}

}  // namespace leaven::plan
