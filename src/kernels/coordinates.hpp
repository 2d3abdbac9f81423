// Where output pixels look: rows of points walked back through maps and borders, in double.
#pragma once

#include <cstdint>
#include <vector>

#include "core/node.hpp"

namespace leaven::kernels {

/// Points are kept for at most this many pixels at a time.
inline constexpr int kPoints = 64;

/// Arrays of kPoints numbers, 64-byte aligned, with 64 spare bytes behind.
struct Points {
  double* x{};
  double* y{};
};

/// Centres of the pixels [x, x + count) of row y, through `map`.
void project_row(const Matrix3& map, int x, int y, int count, const Points& points);

/// Each point through `map`. Points that it sends nowhere (w ≤ 0) get `answer` in answers[i], if that is still −1;
/// returns whether there are such points.
bool map_points(const Matrix3& map, int count, const Points& points, int answer, std::int32_t* answers);
/// Each point moved by the grid's displacement there. Beyond the grid its outermost vectors go on.
void displace_points(const DisplacementGrid& grid, int count, const Points& points);
/// Points outside the canvas: a constant border gives them `answer`, others fold them back inside; infinite ones get the
/// answer as well. Answered points are moved to the canvas' first pixel, so that later steps stay finite. Returns whether
/// there are any.
bool meet_border(Size canvas, BorderKind border, int count, const Points& points, int answer, std::int32_t* answers);

/// Displacements along rows of pixel centres: the spline's pieces along one row are cubics of x.
class GridRow {
 public:
  explicit GridRow(const DisplacementGrid& grid) : grid_(grid) {}
  /// The displaced centres of the pixels [x, x + count) of row y.
  void place(int x, int y, int count, const Points& points);

  struct Cubic {
    double c[4];
  };

 private:
  void start(int y);

  const DisplacementGrid& grid_;
  std::vector<Cubic> along_x_{}, along_y_{};  ///< dx and dy on the cell behind each node, from node −1 on
  int row_{-1};
};

}  // namespace leaven::kernels
