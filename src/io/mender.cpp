#include "io/mender.hpp"

#include <algorithm>

namespace leaven::io {

double Mender::near(double value, int side, const char* what) {
  const double slack = std::max(1.0, 0.01 * side);
  const double inside = std::clamp(value, 0.0, static_cast<double>(side));
  if (inside == value || value < -slack || value > side + slack) return value;
  count(what);
  return inside;
}

Point Mender::point(Point p) {
  constexpr const char* kWhat = "coordinate moved to the image's edge";
  return {near(p.x, image_.width, kWhat), near(p.y, image_.height, kWhat)};
}

std::optional<Box> Mender::box(Box box) {
  if (box.left > box.right || box.top > box.bottom) {
    if (box.left > box.right) std::swap(box.left, box.right);
    if (box.top > box.bottom) std::swap(box.top, box.bottom);
    count("box with its corners turned around");
  }
  constexpr const char* kWhat = "box edge moved to the image's edge";
  box = {near(box.left, image_.width, kWhat), near(box.top, image_.height, kWhat), near(box.right, image_.width, kWhat),
         near(box.bottom, image_.height, kWhat)};
  if (box.area() > 0) return box;
  count("box without area dropped");
  return std::nullopt;
}

std::optional<Outline> Mender::outline(Outline outline, bool open) {
  for (Point& p : outline) p = point(p);
  const auto same = [](Point a, Point b) { return a.x == b.x && a.y == b.y; };
  while (!open && outline.size() > 1 && same(outline.front(), outline.back())) outline.pop_back();
  if (open ? outline.size() >= 2 : outline.size() >= 3 && signed_area(outline) != 0) return outline;
  count(open ? "line of one point dropped" : "outline without area dropped");
  return std::nullopt;
}

void Mender::add(Annotations& to, Instance instance) {
  if (!instance.box && instance.outlines.empty() && !instance.mask && instance.keypoints.empty())
    return count("instance without any mark dropped");
  to.instances.push_back(std::move(instance));
}

}  // namespace leaven::io
