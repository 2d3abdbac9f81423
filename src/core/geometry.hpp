// Points, sizes and 3×3 maps in the one continuous frame: pixel i covers [i, i+1), its centre is i + 0.5.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace leaven {

struct Point {
  double x{}, y{};
};

struct Size {
  int width{}, height{};
  friend bool operator==(const Size&, const Size&) = default;
};

/// Sides of what is decoded at 1/by.
constexpr Size shrunk(Size whole, int by) { return {(whole.width + by - 1) / by, (whole.height + by - 1) / by}; }

/// Whole pixels [x, x + width) × [y, y + height).
struct Region {
  int x{}, y{}, width{}, height{};
  friend bool operator==(const Region&, const Region&) = default;
  bool empty() const { return width <= 0 || height <= 0; }
  static Region whole(Size size) { return {0, 0, size.width, size.height}; }
  /// The smallest region that holds both; an empty one counts for nothing.
  static Region joined(const Region& a, const Region& b);
};

/// Row-major 3×3 projective map. Image frame: x to the right, y down; a positive angle turns the picture
/// counter-clockwise as the viewer sees it.
struct Matrix3 {
  std::array<double, 9> m{1, 0, 0, 0, 1, 0, 0, 0, 1};

  static Matrix3 identity() { return {}; }
  static Matrix3 translation(double dx, double dy);
  static Matrix3 scaling(double sx, double sy);
  /// Counter-clockwise by `degrees` around the origin. Multiples of 90 are exact.
  static Matrix3 rotation(double degrees);
  /// x' = x + tan(ax)·y, y' = y + tan(ay)·x; degrees.
  static Matrix3 shear(double degrees_x, double degrees_y);
  /// The map that takes `from[i]` to `to[i]`; nothing when three of the points lie on a line.
  static std::optional<Matrix3> from_corners(const std::array<Point, 4>& from, const std::array<Point, 4>& to);

  Matrix3 operator*(const Matrix3& right) const;
  Point map(Point p) const;
  double determinant() const;
  /// Nothing when singular.
  std::optional<Matrix3> inverse() const;
  bool is_affine() const { return m[6] == 0 && m[7] == 0; }
  friend bool operator==(const Matrix3&, const Matrix3&) = default;
};

}  // namespace leaven
