#include "ops/image/random_plane.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "kernels/noise.hpp"

namespace leaven::ops {
namespace {

constexpr int kSegment = kernels::kSegment;

/// In (0, 1).
float unit_of(std::uint32_t word) { return (static_cast<float>(static_cast<std::int32_t>(word >> 8)) + 0.5f) * 0x1p-24f; }

/// work(x, y, words) for each stretch of each row.
template <class Work>
void each_stretch_of_words(int width, int height, Key key, int channel, const Work& work) {
  std::array<std::uint32_t, kSegment> words;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; x += kSegment) {
      const int count = std::min(kSegment, width - x);
      kernels::word_row(key, x, y, channel, count, words.data());
      work(x, y, std::span(words.data(), static_cast<std::size_t>(count)));
    }
}

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
  each_stretch_of_words(width, height, key, channel, [&](int x, int y, std::span<const std::uint32_t> words) {
    float* out = plane.row(y) + x;
    for (std::size_t i = 0; i < words.size(); ++i) out[i] = unit_of(words[i]);
  });
  return plane;
}

std::vector<Spot> uniform_spots(int width, int height, float share, Key key) {
  // The larger the word, the larger the number: the first one that is not below share.
  std::uint64_t end = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 24; bit > 0; bit /= 2)
    if (end + bit <= (std::uint64_t{1} << 24) && unit_of(static_cast<std::uint32_t>((end + bit - 1) << 8)) < share) end += bit;
  std::vector<Spot> spots;
  each_stretch_of_words(width, height, key, 0, [&](int x, int y, std::span<const std::uint32_t> words) {
    for (std::size_t i = 0; i < words.size(); ++i)
      if (words[i] >> 8 < end) spots.push_back({x + static_cast<int>(i), y, unit_of(words[i])});
  });
  return spots;
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
