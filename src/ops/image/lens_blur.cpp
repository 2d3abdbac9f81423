#include "ops/image/lens_blur.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/elementary.hpp"
#include "kernels/resize.hpp"
#include "ops/image/filters.hpp"

namespace leaven::ops {
namespace {

// Of 16 random bits; with at most 65 options the bias is below 0.1 %.
int step_of(Steps steps, std::uint32_t bits) {
  return steps.from + static_cast<int>((bits & 0xffff) * static_cast<std::uint32_t>(steps.options) >> 16);
}

// Where the pixel at each place comes from after all exchanges.
std::vector<std::int32_t> exchanged(int width, int height, Steps steps, int iterations, Key key) {
  std::vector<std::int32_t> from(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  std::iota(from.begin(), from.end(), 0);
  std::uint64_t element = 0;
  for (int i = 0; i < iterations; ++i)
    for (int at = width * height - 1; at >= 0;) {
      for (const std::uint32_t word : random_block(key, element++)) {
        const int x = at % width + step_of(steps, word), y = at / width + step_of(steps, word >> 16);
        if (x >= 0 && x < width && y >= 0 && y < height)
          std::swap(from[static_cast<std::size_t>(at)], from[static_cast<std::size_t>(y * width + x)]);
        if (--at < 0) break;
      }
    }
  return from;
}

/// Two neighbours of a position and the second one's weight.
struct Between {
  int low{}, high{};
  float share{};
};
Between between(double position, int size) {
  const double bounded = std::clamp(position, 0.0, static_cast<double>(size - 1));
  const int low = static_cast<int>(bounded);
  return {low, std::min(low + 1, size - 1), static_cast<float>(bounded - low)};
}

}  // namespace

void glass_blurred(Planes& planes, double sigma, Steps steps, int iterations, Key key) {
  const auto from = exchanged(planes.width(), planes.height(), steps, iterations, key);
  for (int c = 0; c < planes.colours(); ++c) {
    const Plane blurred = gaussian_blurred(planes[c], sigma);
    auto at = from.begin();
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x, ++at)
        planes[c].at(x, y) = blurred.at(*at % planes.width(), *at / planes.width());
    planes[c] = gaussian_blurred(planes[c], sigma);
  }
}

Plane zoom_blurred(const Plane& plane, double step, int zooms) {
  Plane sum = plane.clone();
  const int width = plane.width(), height = plane.height();
  // Rows are computed up to a whole number of vectors, which read one vector more.
  const auto padded = static_cast<std::size_t>(plane.stride()) + kernels::kRunStep;
  std::vector<std::int32_t> low(padded);
  std::vector<float> shares(padded), mixed(padded);
  for (int i = 1; i <= zooms; ++i) {
    const double scale = 1 / (1 + step * i);
    const auto source = [&](int at, int size) { return (at + 0.5 - size / 2.0) * scale + size / 2.0 - 0.5; };
    for (int x = 0; x < width; ++x) {
      const Between column = between(source(x, width), width);
      low[static_cast<std::size_t>(x)] = column.low, shares[static_cast<std::size_t>(x)] = column.share;
    }
    std::fill(low.begin() + width, low.end(), low[static_cast<std::size_t>(width - 1)]);
    for (int y = 0; y < height; ++y) {
      const Between rows = between(source(y, height), height);
      const float *upper = plane.row(rows.low), *lower = plane.row(rows.high);
      for (int x = 0; x < width; ++x)
        mixed[static_cast<std::size_t>(x)] = upper[x] + rows.share * (lower[x] - upper[x]);
      kernels::add_stretched_row(mixed.data(), low.data(), shares.data(), static_cast<std::size_t>(plane.stride()), sum.row(y));
    }
  }
  const float share = 1 / static_cast<float>(zooms + 1);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) sum.at(x, y) *= share;
  return sum;
}

}  // namespace leaven::ops
