#include "io/outline_shapes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace leaven::io {

namespace {

/// Part of a mask with a rim of one pixel of nothing around it.
struct Cutout {
  int left{}, top{}, width{}, height{};
  std::vector<std::uint8_t> pixels{};
  bool at(int x, int y) const { return pixels[index(x, y)] != 0; }
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y + 1) * static_cast<std::size_t>(width + 2) + static_cast<std::size_t>(x + 1);
  }
};

Cutout cutout_of(const RunLengths& mask, const Box& box) {
  Cutout cut{static_cast<int>(box.left),
             static_cast<int>(box.top),
             static_cast<int>(box.width()),
             static_cast<int>(box.height()),
             {}};
  cut.pixels.resize(static_cast<std::size_t>(cut.width + 2) * static_cast<std::size_t>(cut.height + 2));
  std::uint64_t at = 0;
  const auto height = static_cast<std::uint64_t>(mask.height);
  for (std::size_t i = 0; i < mask.counts.size(); ++i) {
    if (i % 2 == 1)
      for (std::uint64_t p = at; p < at + mask.counts[i]; ++p)
        cut.pixels[cut.index(static_cast<int>(p / height) - cut.left, static_cast<int>(p % height) - cut.top)] = 1;
    at += mask.counts[i];
  }
  return cut;
}

/// Numbers of the parts that hang together by sides, from 1, in order from the top left.
std::vector<int> parts_of(const Cutout& cut) {
  std::vector<int> part(cut.pixels.size(), 0);
  std::vector<std::pair<int, int>> open;
  int count = 0;
  for (int y = 0; y < cut.height; ++y)
    for (int x = 0; x < cut.width; ++x) {
      if (!cut.at(x, y) || part[cut.index(x, y)] != 0) continue;
      part[cut.index(x, y)] = ++count;
      open.emplace_back(x, y);
      while (!open.empty()) {
        const auto [px, py] = open.back();
        open.pop_back();
        for (const auto& [dx, dy] : {std::pair(1, 0), {-1, 0}, {0, 1}, {0, -1}}) {
          const std::size_t next = cut.index(px + dx, py + dy);
          if (cut.pixels[next] == 0 || part[next] != 0) continue;
          part[next] = count;
          open.emplace_back(px + dx, py + dy);
        }
      }
    }
  return part;
}

/// Follows the edge that leads right along the top of pixel (x, y), the mask to its right hand, until it is there
/// again.
Outline followed(const Cutout& cut, int x, int y, std::vector<std::uint8_t>& top_seen) {
  constexpr std::array<std::pair<int, int>, 4> kSteps{{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}};  // right, down, left, up
  // The pixels ahead on the left and on the right of a corner, as offsets from it, by direction.
  constexpr std::array<std::pair<int, int>, 4> kAheadLeft{{{0, -1}, {0, 0}, {-1, 0}, {-1, -1}}};
  constexpr std::array<std::pair<int, int>, 4> kAheadRight{{{0, 0}, {-1, 0}, {-1, -1}, {0, -1}}};
  Outline outline;
  int cx = x, cy = y;
  std::size_t direction = 0;
  do {
    if (direction == 0) top_seen[cut.index(cx, cy)] = 1;
    cx += kSteps[direction].first;
    cy += kSteps[direction].second;
    const bool left = cut.at(cx + kAheadLeft[direction].first, cy + kAheadLeft[direction].second);
    const bool right = cut.at(cx + kAheadRight[direction].first, cy + kAheadRight[direction].second);
    // Where only corners touch, it turns right and stays with its own pixel.
    const std::size_t next = !right ? (direction + 1) % 4 : left ? (direction + 3) % 4 : direction;
    if (next != direction) outline.push_back({static_cast<double>(cx + cut.left), static_cast<double>(cy + cut.top)});
    direction = next;
  } while (cx != x || cy != y || direction != 0);
  return outline;
}

double distance(Point a, Point b) { return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y); }

/// `b` put into `a` over a cut between the corners that lie nearest; of very long ones only b's first is tried.
void join(Outline& a, const Outline& b) {
  constexpr std::size_t kMostPairs = 4'000'000;
  const std::size_t tried = a.size() * b.size() <= kMostPairs ? b.size() : 1;
  std::size_t at_a = 0, at_b = 0;
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t j = 0; j < tried; ++j)
    for (std::size_t i = 0; i < a.size(); ++i)
      if (const double d = distance(a[i], b[j]); d < best) {
        best = d;
        at_a = i;
        at_b = j;
      }
  using Step = Outline::difference_type;
  Outline whole(a.begin(), a.begin() + static_cast<Step>(at_a) + 1);
  whole.insert(whole.end(), b.begin() + static_cast<Step>(at_b), b.end());
  whole.insert(whole.end(), b.begin(), b.begin() + static_cast<Step>(at_b) + 1);
  whole.insert(whole.end(), a.begin() + static_cast<Step>(at_a), a.end());
  a = std::move(whole);
}

/// Where an outline crosses the line through the centres of row y, and whether it goes down there.
std::vector<std::pair<double, int>> crossings(const Outline& outline, int y) {
  const double line = y + 0.5;
  std::vector<std::pair<double, int>> found;
  for (std::size_t i = 0; i < outline.size(); ++i) {
    const Point &a = outline[i], &b = outline[(i + 1) % outline.size()];
    if ((a.y <= line) == (b.y <= line)) continue;
    found.emplace_back(a.x + (line - a.y) * (b.x - a.x) / (b.y - a.y), a.y <= line ? 1 : -1);
  }
  std::ranges::sort(found);
  return found;
}

void fill(const Outline& outline, Raster& mask) {
  const auto box = bounds_of(outline);
  if (!box) return;
  const int width = mask.shape().width;
  const int first = static_cast<int>(std::clamp(std::floor(box->top), 0.0, static_cast<double>(mask.shape().height)));
  const int last = static_cast<int>(std::clamp(std::ceil(box->bottom), 0.0, static_cast<double>(mask.shape().height)));
  // The first pixel whose centre lies at x or right of it.
  const auto column = [&](double x) {
    return static_cast<int>(std::clamp(std::ceil(x - 0.5), 0.0, static_cast<double>(width)));
  };
  for (int y = first; y < last; ++y) {
    int winding = 0;
    const auto found = crossings(outline, y);
    for (std::size_t i = 0; i + 1 < found.size(); ++i) {
      winding += found[i].second;
      if (winding != 0)
        std::fill(mask.row<std::uint8_t>(y) + column(found[i].first),
                  mask.row<std::uint8_t>(y) + std::max(column(found[i].first), column(found[i + 1].first)),
                  std::uint8_t{1});
    }
  }
}

}  // namespace

std::vector<Outline> traced(const RunLengths& mask) {
  const auto box = box_of(mask);
  if (!box) return {};
  const Cutout cut = cutout_of(mask, *box);
  const std::vector<int> part = parts_of(cut);
  std::vector<std::uint8_t> top_seen(cut.pixels.size(), 0);
  std::vector<Outline> outlines;
  for (int y = 0; y < cut.height; ++y)
    for (int x = 0; x < cut.width; ++x) {
      if (!cut.at(x, y) || cut.at(x, y - 1) || top_seen[cut.index(x, y)] != 0) continue;
      const Outline outline = followed(cut, x, y, top_seen);
      const auto number = static_cast<std::size_t>(part[cut.index(x, y)]);
      // From the top left, a part's outer edge is met before its holes.
      if (number > outlines.size())
        outlines.push_back(outline);
      else
        join(outlines[number - 1], outline);
    }
  return outlines;
}

RunLengths filled(const std::vector<Outline>& outlines, Size image) {
  Raster mask({image.width, image.height, 1, Dtype::u8});
  std::fill_n(mask.data(), mask.shape().bytes(), std::byte{0});
  for (const Outline& outline : outlines) fill(outline, mask);
  return RunLengths::of(mask.view());
}

Outline joined(std::vector<Outline> outlines) {
  Outline whole = std::move(outlines.front());
  const bool clockwise = signed_area(whole) >= 0;
  for (std::size_t i = 1; i < outlines.size(); ++i) {
    // One direction, or their areas would take each other away.
    if ((signed_area(outlines[i]) >= 0) != clockwise) std::ranges::reverse(outlines[i]);
    join(whole, outlines[i]);
  }
  return whole;
}

std::optional<Box> box_of(const RunLengths& mask) {
  std::optional<Box> box;
  std::uint64_t at = 0;
  const auto height = static_cast<std::uint64_t>(mask.height);
  for (std::size_t i = 0; i < mask.counts.size(); ++i) {
    const std::uint64_t end = at + mask.counts[i];
    if (i % 2 == 1 && end > at) {
      const std::uint64_t first = at / height, last = (end - 1) / height;
      // A run over a column's end touches both edges.
      const double top = first == last ? static_cast<double>(at % height) : 0;
      const double bottom = first == last ? static_cast<double>((end - 1) % height + 1) : static_cast<double>(height);
      if (!box) box = Box{static_cast<double>(first), top, static_cast<double>(last + 1), bottom};
      box->top = std::min(box->top, top);
      box->bottom = std::max(box->bottom, bottom);
      box->right = static_cast<double>(last + 1);
    }
    at = end;
  }
  return box;
}

std::optional<Box> box_of(const Instance& instance) {
  if (instance.box) return instance.box;
  if (instance.outlines.empty() && instance.mask) return box_of(*instance.mask);
  std::vector<Point> points;
  for (const Outline& outline : instance.outlines) points.insert(points.end(), outline.begin(), outline.end());
  if (points.empty())
    for (const Keypoint& keypoint : instance.keypoints)
      if (keypoint.visibility > 0) points.push_back(keypoint.at);
  return bounds_of(points);
}

Outline corners_of(const Box& box) {
  return {{box.left, box.top}, {box.right, box.top}, {box.right, box.bottom}, {box.left, box.bottom}};
}

std::vector<Outline> area_outlines(const Instance& instance) {
  if (!instance.outlines.empty()) return instance.outlines;
  if (instance.mask) return traced(*instance.mask);
  if (const auto box = box_of(instance)) return {corners_of(*box)};
  return {};
}

}  // namespace leaven::io
