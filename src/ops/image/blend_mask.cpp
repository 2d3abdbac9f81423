#include "ops/image/blend_mask.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/exact_math.hpp"
#include "ops/image/planes.hpp"
#include "ops/image/random_plane.hpp"

namespace leaven::ops {
namespace {

constexpr double kDegree = 3.14159265358979323846 / 180;

/// Between which nodes of a lattice a pixel's centre lies, and how far on the way, eased at both ends.
struct Between {
  int node{};
  float share{};
};

std::vector<Between> between(int count, double wave) {
  std::vector<Between> places;
  for (int i = 0; i < count; ++i) {
    const double at = (i + 0.5) / wave, whole = std::floor(at), f = at - whole;
    places.push_back({static_cast<int>(whole), static_cast<float>(f * f * (3 - 2 * f))});
  }
  return places;
}

/// Adds `weight` times value noise: uniform numbers at the nodes of a lattice of `wave` px, eased between them.
void add_octave(Plane& sum, double wave, float weight, Key key) {
  const std::vector<Between> columns = between(sum.width(), wave), rows = between(sum.height(), wave);
  const Plane nodes = uniform_plane(columns.back().node + 2, rows.back().node + 2, key);
  for (int y = 0; y < sum.height(); ++y) {
    const auto& [top, down] = rows[static_cast<std::size_t>(y)];
    for (int x = 0; x < sum.width(); ++x) {
      const auto& [left, along] = columns[static_cast<std::size_t>(x)];
      const float above = nodes.at(left, top) + along * (nodes.at(left + 1, top) - nodes.at(left, top));
      const float below = nodes.at(left, top + 1) + along * (nodes.at(left + 1, top + 1) - nodes.at(left, top + 1));
      sum.at(x, y) += weight * (above + down * (below - above));
    }
  }
}

Plane noise(Size size, double wave, double roughness, Key key) {
  Plane sum(size.width, size.height, 0);
  double weight = 1;
  for (std::uint64_t number = 0; weight > 0.01; ++number, wave /= 2, weight *= roughness) {
    add_octave(sum, wave, static_cast<float>(weight), stream(key, number + 1));
    if (wave <= 1) break;  // finer than a pixel
  }
  float low = sum.at(0, 0), high = low;
  for (int y = 0; y < size.height; ++y) {
    const auto [least, most] = std::minmax_element(sum.row(y), sum.row(y) + size.width);
    low = std::min(low, *least), high = std::max(high, *most);
  }
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) sum.at(x, y) = high > low ? (sum.at(x, y) - low) / (high - low) : 0.5f;
  return sum;
}

/// How far along a direction a pixel's centre lies from the middle of the picture, px.
struct Direction {
  double x{}, y{}, middle_x{}, middle_y{};
  Direction(double degrees, Size size)
      : x(exact::cos(degrees * kDegree)), y(-exact::sin(degrees * kDegree)), middle_x(size.width / 2.0), middle_y(size.height / 2.0) {}
  double along(int column, int row) const { return (column + 0.5 - middle_x) * x + (row + 0.5 - middle_y) * y; }
};

template <class Value>
Plane filled(Size size, const Value& value) {
  Plane plane(size.width, size.height);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) plane.at(x, y) = static_cast<float>(value(x, y));
  return plane;
}

Plane even_or_drawn(Size size, const BlendMaskOptions& o, Key key) {
  const double side = std::max(1.0, o.size * std::min(size.width, size.height));
  const Direction direction(o.degrees, size);
  switch (o.kind) {
    case BlendMask::even: break;
    case BlendMask::noise: return noise(size, side, o.roughness, key);
    case BlendMask::gradient: {
      const double reach = (size.width * std::abs(direction.x) + size.height * std::abs(direction.y)) / 2;
      return filled(size, [&](int x, int y) { return 0.5 + direction.along(x, y) / (2 * reach); });
    }
    case BlendMask::circle:
      return filled(size, [&](int x, int y) {
        const double dx = x + 0.5 - o.x * size.width, dy = y + 0.5 - o.y * size.height;
        return std::max(0.0, 1 - std::sqrt(dx * dx + dy * dy) / (2 * side));
      });
    case BlendMask::stripes:
      return filled(size, [&](int x, int y) {
        const double phase = direction.along(x, y) / (2 * side);
        return std::abs(2 * (phase - std::floor(phase)) - 1);
      });
    case BlendMask::checkerboard:
      return filled(size, [&](int x, int y) {
        const auto place = static_cast<int>((x + 0.5) / side) + static_cast<int>((y + 0.5) / side);
        return static_cast<double>(place % 2);
      });
    case BlendMask::cells: {
      const Plane drawn = uniform_plane(static_cast<int>(size.width / side) + 1, static_cast<int>(size.height / side) + 1, key);
      return filled(size, [&](int x, int y) {
        return static_cast<double>(drawn.at(static_cast<int>((x + 0.5) / side), static_cast<int>((y + 0.5) / side)));
      });
    }
  }
  return {size.width, size.height, 1};
}

/// Of `value` in [0, 1].
std::uint8_t sharpened(double value, double sharpness) {
  if (sharpness >= 1) return value >= 0.5 ? 255 : 0;
  return static_cast<std::uint8_t>(std::nearbyint(std::clamp(0.5 + (value - 0.5) / (1 - sharpness), 0.0, 1.0) * 255));
}

}  // namespace

std::shared_ptr<const Raster> blend_mask(Size size, const BlendMaskOptions& options, Key key) {
  const Plane plane = even_or_drawn(size, options, key);
  auto mask = std::make_shared<Raster>(RasterShape{size.width, size.height, 1, Dtype::u8});
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x)
      mask->row<std::uint8_t>(y)[x] = sharpened(static_cast<double>(plane.at(x, y)), options.sharpness);
  return mask;
}

}  // namespace leaven::ops
