// Where output pixels look: rows of points walked back through maps and borders, in double.
#pragma once

#include <cstdint>

#include "core/node.hpp"

namespace leaven::kernels {

/// Points are kept for at most this many pixels at a time; arrays have room for it, 64-byte aligned.
inline constexpr int kPoints = 64;

struct Points {
  double* x{};
  double* y{};
};

/// Centres of the pixels [x, x + count) of row y, through `map`.
void project_row(const Matrix3& map, int x, int y, int count, const Points& points);

/// Each point through `map`. Points that it sends nowhere (w ≤ 0) get `answer` in answers[i], if that is still −1.
void map_points(const Matrix3& map, int count, const Points& points, int answer, std::int32_t* answers);
/// Each point moved by the grid's displacement there. Beyond the grid its outermost vectors go on.
void displace_points(const DisplacementGrid& grid, int count, const Points& points);
/// Points outside the canvas: a constant border gives them `answer`, others fold them back inside; infinite ones get the
/// answer as well. Answered points are moved to the canvas' first pixel, so that later steps stay finite.
void meet_border(Size canvas, BorderKind border, int count, const Points& points, int answer, std::int32_t* answers);

}  // namespace leaven::kernels
