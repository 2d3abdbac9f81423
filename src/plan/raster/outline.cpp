#include "plan/raster/outline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace leaven::plan {

namespace {

Point between(Point from, Point to, double share) { return {from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share}; }

std::array<HalfPlane, 4> sides_of(Size canvas) {
  return {{{1, 0, 0}, {-1, 0, static_cast<double>(canvas.width)}, {0, 1, 0}, {0, -1, static_cast<double>(canvas.height)}}};
}

double cross(Point o, Point a, Point b) { return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x); }

/// Andrew 1979, without points on its sides.
Outline convex_hull(Outline points) {
  std::ranges::sort(points, [](Point a, Point b) { return a.x < b.x || (a.x == b.x && a.y < b.y); });
  Outline hull;
  const auto add = [&](Point p, std::size_t keep) {
    while (hull.size() >= keep + 2 && cross(hull[hull.size() - 2], hull.back(), p) <= 0) hull.pop_back();
    hull.push_back(p);
  };
  for (const Point& p : points) add(p, 0);
  const std::size_t lower = hull.size() - 1;
  for (std::size_t i = points.size() - 1; i-- > 0;) add(points[i], lower);
  hull.pop_back();
  return hull;
}

}  // namespace

Outline clipped(const Outline& outline, const HalfPlane& side) {
  Outline kept;
  for (std::size_t i = 0; i < outline.size(); ++i) {
    const Point &a = outline[i], &b = outline[(i + 1) % outline.size()];
    const double da = side.at(a), db = side.at(b);
    if (da >= 0) kept.push_back(a);
    if ((da > 0 && db < 0) || (da < 0 && db > 0)) kept.push_back(between(a, b, da / (da - db)));
  }
  return kept;
}

Outline clipped(const Outline& outline, Size canvas) {
  Outline kept = outline;
  for (const HalfPlane& side : sides_of(canvas)) kept = clipped(kept, side);
  return kept;
}

std::vector<Outline> clipped_line(const Outline& line, Size canvas) {
  std::vector<Outline> pieces;
  bool goes_on = false;
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    // Liang & Barsky 1984: the stretch [from, to] of the segment that all four sides see.
    double from = 0, to = 1;
    for (const HalfPlane& side : sides_of(canvas)) {
      const double da = side.at(line[i]), db = side.at(line[i + 1]);
      if (da < 0 && db < 0) to = -1;
      else if (da < 0) from = std::max(from, da / (da - db));
      else if (db < 0) to = std::min(to, da / (da - db));
    }
    if (from > to) {
      goes_on = false;
      continue;
    }
    if (!goes_on || from > 0) pieces.push_back({between(line[i], line[i + 1], from)});
    pieces.back().push_back(to < 1 ? between(line[i], line[i + 1], to) : line[i + 1]);
    goes_on = to >= 1;
  }
  std::erase_if(pieces, [](const Outline& piece) { return length_of(piece) == 0; });
  return pieces;
}

double length_of(const Outline& line) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < line.size(); ++i) sum += std::hypot(line[i + 1].x - line[i].x, line[i + 1].y - line[i].y);
  return sum;
}

Outline smallest_rectangle(const Outline& points) {
  if (points.size() < 3) return {};
  const Outline hull = convex_hull(points);
  Outline best;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; hull.size() >= 3 && i < hull.size(); ++i) {
    const Point o = hull[i], next = hull[(i + 1) % hull.size()];
    const double length = std::hypot(next.x - o.x, next.y - o.y);
    if (length == 0) continue;
    const double ux = (next.x - o.x) / length, uy = (next.y - o.y) / length;
    double left = 0, right = 0, top = 0, bottom = 0;  // along the side and across it
    for (const Point& p : hull) {
      const double along = (p.x - o.x) * ux + (p.y - o.y) * uy, across = (p.y - o.y) * ux - (p.x - o.x) * uy;
      left = std::min(left, along), right = std::max(right, along);
      top = std::min(top, across), bottom = std::max(bottom, across);
    }
    const double area = (right - left) * (bottom - top);
    if (area >= least) continue;
    least = area;
    const auto corner = [&](double along, double across) { return Point{o.x + along * ux - across * uy, o.y + along * uy + across * ux}; };
    best = {corner(left, top), corner(right, top), corner(right, bottom), corner(left, bottom)};
  }
  return best;
}

}  // namespace leaven::plan
