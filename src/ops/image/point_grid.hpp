// Points of the plane, to be asked which is nearest.
#pragma once

#include <cstdint>
#include <vector>

#include "core/geometry.hpp"

namespace leaven::ops {

class PointGrid {
 public:
  /// Buckets, as many as there will be about points.
  PointGrid(Size size, int columns, int rows);
  int columns() const { return columns_; }
  int rows() const { return rows_; }
  void add(Point p);
  /// The number of the point nearest to each pixel's middle, row by row; of equally near ones the first.
  std::vector<std::int32_t> nearest_of_pixels() const;

 private:
  std::int32_t nearest(Point p) const;
  int column_of(double x) const;
  int row_of(double y) const;

  Size size_;
  int columns_, rows_;
  double wide_, high_;  ///< of a bucket, px
  std::vector<Point> points_{};
  std::vector<std::vector<std::int32_t>> buckets_;
};

}  // namespace leaven::ops
