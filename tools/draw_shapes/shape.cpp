#include "tools/draw_shapes/shape.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace leaven::demo {

namespace {

constexpr double kPi = std::numbers::pi;

/// Half plane test for the edge from a to b: on the origin's side, where a and b go clockwise on the screen.
bool on_inner_side(double ax, double ay, double bx, double by, double x, double y) {
  return (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0;
}

bool in_triangle(double x, double y) {
  const double half_base = std::sqrt(3.0) / 2;
  return on_inner_side(0, -1, half_base, 0.5, x, y) && on_inner_side(half_base, 0.5, -half_base, 0.5, x, y) &&
         on_inner_side(-half_base, 0.5, 0, -1, x, y);
}

/// Five tips, the first straight up. Folded into the half sector between a tip and the notch beside it, the outline is
/// one straight edge.
bool in_star(double x, double y) {
  constexpr double kNotch = 0.45;
  constexpr double kSector = 2 * kPi / 5;
  const double from_tip = std::remainder(std::atan2(x, -y), kSector);
  const double radius = std::hypot(x, y);
  const double fx = radius * std::sin(std::abs(from_tip)), fy = -radius * std::cos(from_tip);
  return on_inner_side(0, -1, kNotch * std::sin(kSector / 2), -kNotch * std::cos(kSector / 2), fx, fy);
}

}  // namespace

std::string_view name_of(Shape shape) {
  switch (shape) {
    case Shape::circle: return "circle";
    case Shape::square: return "square";
    case Shape::triangle: return "triangle";
    case Shape::star: return "star";
    case Shape::ring: return "ring";
    case Shape::cross: return "cross";
  }
  return {};
}

bool covers(Shape shape, double x, double y) {
  constexpr double kHole = 0.55;       // inner radius of the ring
  constexpr double kArm = 0.3;         // half the width of the cross's arms
  constexpr double kArmLength = 0.95;  // so that the arms' corners lie on the circle
  const double square_radius = x * x + y * y;
  switch (shape) {
    case Shape::circle: return square_radius <= 1;
    case Shape::square: return std::max(std::abs(x), std::abs(y)) <= std::sqrt(0.5);
    case Shape::triangle: return in_triangle(x, y);
    case Shape::star: return in_star(x, y);
    case Shape::ring: return square_radius <= 1 && square_radius >= kHole * kHole;
    case Shape::cross:
      return std::min(std::abs(x), std::abs(y)) <= kArm && std::max(std::abs(x), std::abs(y)) <= kArmLength;
  }
  return false;
}

}  // namespace leaven::demo
