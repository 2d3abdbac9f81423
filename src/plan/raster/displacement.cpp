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

}  // namespace leaven::plan
