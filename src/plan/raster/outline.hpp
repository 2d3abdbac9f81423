// Outlines under maps: what of a polygon or a line is still to be seen after a chain of canvases.
#pragma once

#include <vector>

#include "core/annotation.hpp"

namespace leaven::plan {

/// a·x + b·y + c ≥ 0.
struct HalfPlane {
  double a{}, b{}, c{};
  double at(Point p) const { return a * p.x + b * p.y + c; }
};

/// The part of a closed outline on one side (Sutherland & Hodgman 1974). A concave outline may come back with edges that
/// run along the line and back: its area is right all the same.
Outline clipped(const Outline& outline, const HalfPlane& side);
/// The part inside [0, width) × [0, height).
Outline clipped(const Outline& outline, Size canvas);
/// The pieces of an open line inside [0, width) × [0, height).
std::vector<Outline> clipped_line(const Outline& line, Size canvas);

double length_of(const Outline& line);

/// The rectangle of least area around points, corners in order round it (a side of it lies on the hull, Freeman & Shapira
/// 1975); empty for fewer than 3 points or points on a line.
Outline smallest_rectangle(const Outline& points);

}  // namespace leaven::plan
