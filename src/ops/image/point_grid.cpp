#include "ops/image/point_grid.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace leaven::ops {

PointGrid::PointGrid(Size size, int columns, int rows)
    : size_(size),
      columns_(columns),
      rows_(rows),
      wide_(static_cast<double>(size.width) / columns),
      high_(static_cast<double>(size.height) / rows),
      buckets_(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows)) {}

int PointGrid::column_of(double x) const { return std::clamp(static_cast<int>(x / wide_), 0, columns_ - 1); }
int PointGrid::row_of(double y) const { return std::clamp(static_cast<int>(y / high_), 0, rows_ - 1); }

void PointGrid::add(Point p) {
  const auto bucket = static_cast<std::size_t>(row_of(p.y)) * static_cast<std::size_t>(columns_) + static_cast<std::size_t>(column_of(p.x));
  buckets_[bucket].push_back(static_cast<std::int32_t>(points_.size()));
  points_.push_back(p);
}

std::int32_t PointGrid::nearest(Point p) const {
  const int column = column_of(p.x), row = row_of(p.y);
  std::int32_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  // Rings of buckets; what lies in ring r + 1 is at least r buckets away.
  for (int ring = 0; ring <= std::max(columns_, rows_); ++ring) {
    const double clear = (ring - 1) * std::min(wide_, high_);
    if (ring > 0 && clear > 0 && clear * clear > least) break;
    for (int y = row - ring; y <= row + ring; ++y)
      for (int x = column - ring; x <= column + ring; ++x) {
        if (std::max(std::abs(y - row), std::abs(x - column)) != ring || x < 0 || y < 0 || x >= columns_ || y >= rows_) continue;
        for (const std::int32_t i : buckets_[static_cast<std::size_t>(y) * static_cast<std::size_t>(columns_) + static_cast<std::size_t>(x)]) {
          const Point& there = points_[static_cast<std::size_t>(i)];
          const double apart = (there.x - p.x) * (there.x - p.x) + (there.y - p.y) * (there.y - p.y);
          if (apart < least || (apart == least && i < best)) least = apart, best = i;
        }
      }
  }
  return best;
}

std::vector<std::int32_t> PointGrid::nearest_of_pixels() const {
  std::vector<std::int32_t> nearest_point;
  nearest_point.reserve(static_cast<std::size_t>(size_.width) * static_cast<std::size_t>(size_.height));
  for (int y = 0; y < size_.height; ++y)
    for (int x = 0; x < size_.width; ++x) nearest_point.push_back(nearest({x + 0.5, y + 0.5}));
  return nearest_point;
}

}  // namespace leaven::ops
