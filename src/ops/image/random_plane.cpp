#include "ops/image/random_plane.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "kernels/noise.hpp"

namespace leaven::ops {
namespace {

constexpr int kSegment = kernels::kSegment;

/// One square of the fractal under construction.
class Torus {
 public:
  Torus(int side, Key key) : side_(side), values_(side, side), random_(uniform_plane(side, side, key)) {}

  float at(int x, int y) const { return values_.at(x & (side_ - 1), y & (side_ - 1)); }
  void set(int x, int y, float mean, float size) { values_.at(x, y) = mean + size * (random_.at(x, y) - 0.5f); }
  const Plane& values() const { return values_; }

  /// The middles of all squares of side `step`, then of their edges.
  void refine(int step, float size) {
    const int half = step / 2;
    for (int y = half; y < side_; y += step)
      for (int x = half; x < side_; x += step)
        set(x, y,
            (at(x - half, y - half) + at(x + half, y - half) + at(x - half, y + half) + at(x + half, y + half)) / 4,
            size);
    for (int y = 0; y < side_; y += half)
      for (int x = y % step == 0 ? half : 0; x < side_; x += step)
        set(x, y, (at(x - half, y) + at(x + half, y) + at(x, y - half) + at(x, y + half)) / 4, size);
  }

 private:
  int side_;
  Plane values_, random_;
};

}  // namespace

Plane normal_plane(int width, int height, Key key, int channel) {
  Plane plane(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; x += kSegment)
      kernels::gaussian_row(key, x, y, channel, std::min(kSegment, width - x), plane.row(y) + x);
  return plane;
}

Plane uniform_plane(int width, int height, Key key, int channel) {
  Plane plane(width, height);
  std::array<std::uint32_t, kSegment> words;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; x += kSegment) {
      const int count = std::min(kSegment, width - x);
      kernels::word_row(key, x, y, channel, count, words.data());
      float* out = plane.row(y) + x;
      for (int i = 0; i < count; ++i)
        out[i] =
            (static_cast<float>(static_cast<std::int32_t>(words[static_cast<std::size_t>(i)] >> 8)) + 0.5f) * 0x1p-24f;
    }
  return plane;
}

Plane plasma(int width, int height, double falloff, Key key) {
  int side = 2;
  while (side < std::max(width, height)) side *= 2;
  Torus torus(side, key);
  torus.set(0, 0, 0, 0);
  double size = 1;
  for (int step = side; step >= 2; step /= 2, size /= falloff) torus.refine(step, static_cast<float>(size));
  float low = torus.at(0, 0), high = low;
  for (int y = 0; y < height; ++y) {
    const auto [least, most] = std::minmax_element(torus.values().row(y), torus.values().row(y) + width);
    low = std::min(low, *least), high = std::max(high, *most);
  }
  const float scale = high > low ? 1 / (high - low) : 0;
  Plane plane(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) plane.row(y)[x] = (torus.values().row(y)[x] - low) * scale;
  return plane;
}

}  // namespace leaven::ops
