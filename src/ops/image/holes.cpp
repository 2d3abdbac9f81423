#include "ops/image/holes.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "ops/image/channels.hpp"
#include "ops/image/planes.hpp"
#include "ops/image/random_plane.hpp"

namespace leaven::ops {

namespace {

Region inside(const Region& r, Size size) {
  const int left = std::clamp(r.x, 0, size.width), top = std::clamp(r.y, 0, size.height);
  const int right = std::clamp(r.x + r.width, left, size.width), bottom = std::clamp(r.y + r.height, top, size.height);
  return {left, top, right - left, bottom - top};
}

float mean_of(const Plane& plane) {
  double sum = 0;
  for (int y = 0; y < plane.height(); ++y)
    for (int x = 0; x < plane.width(); ++x) sum += static_cast<double>(plane.at(x, y));
  return static_cast<float>(sum / (static_cast<double>(plane.width()) * plane.height()));
}

void fill(Plane& plane, const std::vector<Region>& regions, float value) {
  for (const Region& r : regions)
    for (int y = r.y; y < r.y + r.height; ++y) std::fill_n(plane.row(y) + r.x, r.width, value);
}

void fill_with_noise(Planes& planes, const std::vector<Region>& regions, Key key, int first) {
  for (const Region& r : regions)
    for (int y = r.y; y < r.y + r.height; ++y)
      for (int x = r.x; x < r.x + r.width; ++x) {
        const auto pixel =
            static_cast<std::uint64_t>(y) * static_cast<std::uint64_t>(planes.width()) + static_cast<std::uint64_t>(x);
        const auto block = channel_words(key, pixel, first);
        for (int c = 0; c < planes.colours(); ++c)
          planes[c].at(x, y) = static_cast<float>(block[static_cast<std::size_t>(c)] / 4294967295.0);
      }
}

}  // namespace

std::vector<Region> regions_from(const std::vector<double>& numbers) {
  if (numbers.size() % 4 != 0)
    throw usage_error("regions must have four numbers a hole, got " + std::to_string(numbers.size()))
        .with_field("regions");
  std::vector<Region> regions;
  for (std::size_t i = 0; i < numbers.size(); i += 4) {
    const auto part = [&](std::size_t k) { return static_cast<int>(std::nearbyint(numbers[i + k])); };
    if (const Region region{part(0), part(1), part(2), part(3)}; !region.empty()) regions.push_back(region);
  }
  return regions;
}

Nodes covered(std::vector<Region> regions, FillWith with, const std::vector<double>& colour, const Site& at) {
  if (regions.empty()) return {};
  if (with == FillWith::constant)
    return {Positional{Holes{.regions = std::move(regions), .fill = fill_for(colour, at, 1)}}};
  if (with == FillWith::noise) require_bounded(at);
  std::vector<Region> seen;
  for (const Region& r : regions)
    if (const Region part = inside(r, at.image.size()); !part.empty()) seen.push_back(part);
  Nodes nodes = on_planes([seen = std::move(seen), with, key = at.key, first = at.group.first](Planes& planes) {
    if (with == FillWith::noise) fill_with_noise(planes, seen, key, first);
    for (int c = 0; with == FillWith::mean && c < planes.colours(); ++c) fill(planes[c], seen, mean_of(planes[c]));
    if (planes.shape().alpha) fill(planes[planes.colours()], seen, 1);
  });
  std::get<Opaque>(nodes.front()).hides = std::move(regions);
  return nodes;
}

}  // namespace leaven::ops
