#include "core/geometry.hpp"

#include <algorithm>
#include <cmath>

#include "core/exact_math.hpp"

namespace leaven {

namespace {
constexpr double kPi = 3.14159265358979323846;
}

Region Region::joined(const Region& a, const Region& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  const int left = std::min(a.x, b.x), top = std::min(a.y, b.y);
  const int right = std::max(a.x + a.width, b.x + b.width), bottom = std::max(a.y + a.height, b.y + b.height);
  return {left, top, right - left, bottom - top};
}

Matrix3 Matrix3::translation(double dx, double dy) { return {{1, 0, dx, 0, 1, dy, 0, 0, 1}}; }
Matrix3 Matrix3::scaling(double sx, double sy) { return {{sx, 0, 0, 0, sy, 0, 0, 0, 1}}; }

Matrix3 Matrix3::rotation(double degrees) {
  double turn = std::fmod(degrees, 360.0);
  if (turn < 0) turn += 360.0;
  double c, s;
  if (turn == 0) c = 1, s = 0;
  else if (turn == 90) c = 0, s = 1;
  else if (turn == 180) c = -1, s = 0;
  else if (turn == 270) c = 0, s = -1;
  else c = exact::cos(turn * kPi / 180), s = exact::sin(turn * kPi / 180);
  return {{c, s, 0, -s, c, 0, 0, 0, 1}};
}

Matrix3 Matrix3::shear(double degrees_x, double degrees_y) {
  return {{1, exact::tan(degrees_x * kPi / 180), 0, exact::tan(degrees_y * kPi / 180), 1, 0, 0, 0, 1}};
}

// Heckbert, "Fundamentals of texture mapping and image warping" (1989): unit square to quadrilateral in closed form.
static std::optional<Matrix3> unit_square_to(const std::array<Point, 4>& q) {
  const double sx = q[0].x - q[1].x + q[2].x - q[3].x, sy = q[0].y - q[1].y + q[2].y - q[3].y;
  const double dx1 = q[1].x - q[2].x, dx2 = q[3].x - q[2].x, dy1 = q[1].y - q[2].y, dy2 = q[3].y - q[2].y;
  const double det = dx1 * dy2 - dx2 * dy1;
  if (det == 0) return std::nullopt;
  const double g = (sx * dy2 - dx2 * sy) / det, h = (dx1 * sy - sx * dy1) / det;
  return Matrix3{{q[1].x - q[0].x + g * q[1].x, q[3].x - q[0].x + h * q[3].x, q[0].x,
                  q[1].y - q[0].y + g * q[1].y, q[3].y - q[0].y + h * q[3].y, q[0].y, g, h, 1}};
}

std::optional<Matrix3> Matrix3::from_corners(const std::array<Point, 4>& from, const std::array<Point, 4>& to) {
  const auto square_to_from = unit_square_to(from);
  const auto square_to_to = unit_square_to(to);
  if (!square_to_from || !square_to_to) return std::nullopt;
  const auto from_to_square = square_to_from->inverse();
  if (!from_to_square) return std::nullopt;
  Matrix3 map = *square_to_to * *from_to_square;
  if (map.m[8] == 0) return std::nullopt;
  for (double& v : map.m) v /= map.m[8];
  return map;
}

Matrix3 Matrix3::operator*(const Matrix3& r) const {
  Matrix3 p;
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      p.m[3 * i + j] = m[3 * i] * r.m[j] + m[3 * i + 1] * r.m[3 + j] + m[3 * i + 2] * r.m[6 + j];
  return p;
}

Point Matrix3::map(Point p) const {
  const double x = m[0] * p.x + m[1] * p.y + m[2], y = m[3] * p.x + m[4] * p.y + m[5];
  if (is_affine() && m[8] == 1) return {x, y};
  const double w = m[6] * p.x + m[7] * p.y + m[8];
  return {x / w, y / w};
}

double Matrix3::determinant() const {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
}

std::optional<Matrix3> Matrix3::inverse() const {
  const double d = determinant();
  if (d == 0 || !std::isfinite(d)) return std::nullopt;
  Matrix3 r{{m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
             m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
             m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3]}};
  for (double& v : r.m) v = v / d + 0.0;  // + 0.0: no negative zeros
  if (is_affine() && m[8] == 1) r.m[6] = r.m[7] = 0, r.m[8] = 1;
  return r;
}

}  // namespace leaven
