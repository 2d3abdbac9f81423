#include "ops/image/marked.hpp"

#include <algorithm>
#include <cmath>

namespace leaven::ops {

namespace {

// Points that are tried before the middle of the box has to do.
constexpr std::uint64_t kTries = 64;

double value_in(const Raster& mask, int x, int y) {
  const int channels = mask.shape().channels;
  return mask.shape().dtype == Dtype::u8 ? static_cast<double>(mask.row<std::uint8_t>(y)[x * channels])
                                         : static_cast<double>(mask.row<std::uint16_t>(y)[x * channels]);
}

bool counts(double value, const std::vector<double>& values) {
  return std::ranges::any_of(values, [&](double v) { return v == kAnyMark ? value != 0 : v == value; });
}

// Calls visit(x, y) for every marked pixel, row by row.
template <class Visit>
void each_marked(const Raster& mask, const std::vector<double>& values, const Visit& visit) {
  for (int y = 0; y < mask.shape().height; ++y)
    for (int x = 0; x < mask.shape().width; ++x)
      if (counts(value_in(mask, x, y), values)) visit(x, y);
}

std::optional<Box> box_of(const Raster& mask, const std::vector<double>& values) {
  std::optional<Box> box;
  each_marked(mask, values, [&](int x, int y) {
    const Box pixel{double(x), double(y), x + 1.0, y + 1.0};
    if (!box) box = pixel;
    box = Box{std::min(box->left, pixel.left), std::min(box->top, pixel.top), std::max(box->right, pixel.right),
              std::max(box->bottom, pixel.bottom)};
  });
  return box;
}

Point pixel_of(const Raster& mask, const std::vector<double>& values, Key key, std::uint64_t element) {
  std::uint64_t count = 0;
  each_marked(mask, values, [&](int, int) { ++count; });
  std::uint64_t left = draw_below(key, count, element);
  Point chosen;
  each_marked(mask, values, [&](int x, int y) {
    if (left-- == 0) chosen = {x + 0.5, y + 0.5};
  });
  return chosen;
}

}  // namespace

std::optional<Box> extent_of(const Instance& instance) {
  std::vector<Point> points;
  for (const Outline& outline : instance.outlines) points.insert(points.end(), outline.begin(), outline.end());
  if (const auto box = bounds_of(points)) return box;
  if (instance.mask)
    if (const auto box = box_of(instance.mask->to_raster(), {kAnyMark})) return box;
  return instance.box;
}

bool inside(const Outline& outline, Point p) {
  bool in = false;
  for (std::size_t i = 0, j = outline.size() - 1; i < outline.size(); j = i++) {
    const Point a = outline[i], b = outline[j];
    if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x) in = !in;
  }
  return in;
}

std::vector<Marked> marked_on(const Site& at, const std::vector<double>& values) {
  std::vector<Marked> things;
  if (!at.marks) return things;
  const auto add = [&](const std::optional<Box>& extent, const Instance* instance, const Raster* mask) {
    if (!extent) return;
    const Box box{std::max(0.0, extent->left), std::max(0.0, extent->top),
                  std::min<double>(at.image.width, extent->right), std::min<double>(at.image.height, extent->bottom)};
    if (box.area() > 0) things.push_back({box, instance, mask});
  };
  for (const Instance& instance : at.marks->instances) add(extent_of(instance), &instance, nullptr);
  if (!things.empty()) return things;
  for (const MaskField& mask : at.marks->masks) add(box_of(mask.pixels, values), nullptr, &mask.pixels);
  return things;
}

Point point_in(const Marked& thing, const std::vector<double>& values, Key key, std::uint64_t element) {
  if (thing.mask) return pixel_of(*thing.mask, values, key, element);
  const Instance& instance = *thing.instance;
  if (instance.outlines.empty() && instance.mask && instance.mask->area() > 0)
    return pixel_of(instance.mask->to_raster(), {kAnyMark}, key, element);
  const Box& box = thing.box;
  for (std::uint64_t i = 0; i < kTries; ++i) {
    // Two numbers a try, from a stream of the element's own.
    const Key own{key.low ^ (element * 0x9e3779b97f4a7c15ULL), ~key.high};
    const Point p{box.left + box.width() * draw_unit(own, 2 * i), box.top + box.height() * draw_unit(own, 2 * i + 1)};
    if (instance.outlines.empty() || instance.open) return p;
    if (std::ranges::any_of(instance.outlines, [&](const Outline& outline) { return inside(outline, p); })) return p;
  }
  return {(box.left + box.right) / 2, (box.top + box.bottom) / 2};
}

}  // namespace leaven::ops
