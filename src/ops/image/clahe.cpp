#include "ops/image/clahe.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace leaven::ops {
namespace {

constexpr float kRounding = 12582912.0f;  ///< 1.5·2^23

/// The nearest two tiles along an axis and the second one's weight.
struct Between {
  int low{}, high{};
  float share{};
};

std::vector<Between> tiles_along(int count, int tile, int tiles) {
  std::vector<Between> between;
  for (int i = 0; i < count; ++i) {
    const float position = static_cast<float>(i) / static_cast<float>(tile) - 0.5f;
    const float low = std::floor(position);
    between.push_back({std::clamp(static_cast<int>(low), 0, tiles - 1),
                       std::clamp(static_cast<int>(low) + 1, 0, tiles - 1), position - low});
  }
  return between;
}

void clip(std::vector<std::int32_t>& histogram, std::int32_t limit) {
  const auto bins = static_cast<std::int32_t>(histogram.size());
  std::int32_t clipped = 0;
  for (std::int32_t& count : histogram)
    if (count > limit) clipped += count - limit, count = limit;
  const std::int32_t each = clipped / bins;
  std::int32_t left = clipped - each * bins;
  for (std::int32_t& count : histogram) count += each;
  if (left == 0) return;
  const std::int32_t step = std::max(bins / left, 1);
  for (std::int32_t i = 0; i < bins && left > 0; i += step, --left) ++histogram[static_cast<std::size_t>(i)];
}

}  // namespace

Plane clahe_gain(const Plane& light, double clip_limit, int tiles, int bins) {
  const int width = light.width(), height = light.height();
  const int tile_w = (width + tiles - 1) / tiles, tile_h = (height + tiles - 1) / tiles;
  const auto top = static_cast<float>(bins - 1);
  // Levels with what the tiles at the far edges see beyond the picture.
  const int wide = tiles * tile_w, high = tiles * tile_h;
  std::vector<std::uint16_t> levels(static_cast<std::size_t>(wide) * static_cast<std::size_t>(high));
  const auto row_of = [&](int y) {
    return levels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(wide);
  };
  for (int y = 0; y < high; ++y) {
    std::uint16_t* to = row_of(y);
    const float* from = light.row(mirrored(y, height));
    for (int x = 0; x < width; ++x)
      to[x] = static_cast<std::uint16_t>(static_cast<std::int32_t>(std::min(std::max(from[x], 0.0f), 1.0f) * top + 0.5f));
    for (int x = width; x < wide; ++x) to[x] = to[mirrored(x, width)];
  }

  const auto area = static_cast<double>(tile_w) * tile_h;
  const auto limit = std::max(static_cast<std::int32_t>(clip_limit * area / bins), 1);
  // Curves of all tiles: the new level, whole, as OpenCV has it.
  std::vector<float> curves(static_cast<std::size_t>(tiles * tiles) * static_cast<std::size_t>(bins));
  std::vector<std::int32_t> histogram(static_cast<std::size_t>(bins));
  for (int j = 0; j < tiles; ++j)
    for (int i = 0; i < tiles; ++i) {
      std::fill(histogram.begin(), histogram.end(), 0);
      for (int y = j * tile_h; y < (j + 1) * tile_h; ++y) {
        const std::uint16_t* from = row_of(y) + i * tile_w;
        for (int x = 0; x < tile_w; ++x) ++histogram[static_cast<std::size_t>(from[x])];
      }
      clip(histogram, limit);
      const auto scale = static_cast<float>(static_cast<double>(bins - 1) / area);
      std::int32_t sum = 0;
      float* curve = curves.data() + static_cast<std::size_t>(j * tiles + i) * static_cast<std::size_t>(bins);
      for (std::size_t v = 0; v < histogram.size(); ++v)
        curve[v] = std::min(static_cast<float>(sum += histogram[v]) * scale + kRounding - kRounding, top);
    }

  const std::vector<Between> columns = tiles_along(width, tile_w, tiles), rows = tiles_along(height, tile_h, tiles);
  Plane gain(width, height);
  const float unit = 1 / top;
  for (int y = 0; y < height; ++y) {
    const Between& row = rows[static_cast<std::size_t>(y)];
    const auto curve_of = [&](int j, int i) {
      return curves.data() + static_cast<std::size_t>(j * tiles + i) * static_cast<std::size_t>(bins);
    };
    const std::uint16_t* level = row_of(y);
    float* out = gain.row(y);
    for (int x = 0; x < width;) {
      // As long as the same four tiles are the nearest.
      const Between first = columns[static_cast<std::size_t>(x)];
      const float *upper_left = curve_of(row.low, first.low), *upper_right = curve_of(row.low, first.high),
                  *lower_left = curve_of(row.high, first.low), *lower_right = curve_of(row.high, first.high);
      for (; x < width && columns[static_cast<std::size_t>(x)].low == first.low &&
             columns[static_cast<std::size_t>(x)].high == first.high;
           ++x) {
        const float share = columns[static_cast<std::size_t>(x)].share;
        const std::uint16_t v = level[x];
        const float above = upper_left[v] * (1 - share) + upper_right[v] * share;
        const float below = lower_left[v] * (1 - share) + lower_right[v] * share;
        const float value = above * (1 - row.share) + below * row.share;
        // To the nearest level, halves to even, as OpenCV: the sum pushes the fraction out of the mantissa.
        out[x] = ((value + kRounding) - kRounding - static_cast<float>(v)) * unit;
      }
    }
  }
  return gain;
}

}  // namespace leaven::ops
