#include "ops/image/patches.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/value.hpp"

namespace leaven::ops {
namespace {

using Colour = std::array<float, 4>;
constexpr float kFar = std::numeric_limits<float>::infinity();

Colour colour_at(const Planes& planes, int x, int y) {
  Colour colour{};
  for (int c = 0; c < planes.colours(); ++c) colour[static_cast<std::size_t>(c)] = planes[c].row(y)[x];
  return colour;
}

float distance(const Colour& a, const Colour& b) {
  float sum = 0;
  for (std::size_t c = 0; c < 4; ++c) sum += (a[c] - b[c]) * (a[c] - b[c]);
  return sum;
}

std::size_t nearest(const std::vector<Colour>& means, const Colour& colour) {
  std::size_t best = 0;
  float least = kFar;
  for (std::size_t i = 0; i < means.size(); ++i)
    if (const float d = distance(means[i], colour); d < least) least = d, best = i;
  return best;
}

// The first at random, each further one with a chance in proportion to its squared distance from those before.
std::vector<Colour> first_means(const std::vector<Colour>& colours, int count, Key key) {
  std::vector<Colour> means{colours[draw_below(key, colours.size())]};
  std::vector<double> apart(colours.size(), std::numeric_limits<double>::infinity());
  for (std::uint64_t k = 1; k < static_cast<std::uint64_t>(count); ++k) {
    double total = 0;
    for (std::size_t i = 0; i < colours.size(); ++i)
      total += apart[i] = std::min(apart[i], static_cast<double>(distance(colours[i], means.back())));
    if (total == 0) break;  // fewer colours than asked for
    means.push_back(colours[draw_weighted(apart, key, k)]);
  }
  return means;
}

/// A patch: its colour and middle, and what they are computed from.
struct Patch {
  Colour colour{};
  float x{}, y{};
  std::array<double, 6> sums{};  ///< four channels, x, y
  double count{};
};

void gather(const Planes& planes, const std::vector<std::int32_t>& of, std::vector<Patch>& patches) {
  for (Patch& patch : patches) patch.sums = {}, patch.count = 0;
  for (int y = 0; y < planes.height(); ++y)
    for (int x = 0; x < planes.width(); ++x) {
      Patch& patch = patches[static_cast<std::size_t>(of[static_cast<std::size_t>(y * planes.width() + x)])];
      for (int c = 0; c < planes.colours(); ++c)
        patch.sums[static_cast<std::size_t>(c)] += static_cast<double>(planes[c].row(y)[x]);
      patch.sums[4] += x, patch.sums[5] += y, ++patch.count;
    }
  for (Patch& patch : patches) {
    if (patch.count == 0) continue;
    for (std::size_t c = 0; c < 4; ++c) patch.colour[c] = static_cast<float>(patch.sums[c] / patch.count);
    patch.x = static_cast<float>(patch.sums[4] / patch.count),
    patch.y = static_cast<float>(patch.sums[5] / patch.count);
  }
}

// Every pixel near a patch's middle goes to it if no other is nearer.
void assign(const Planes& planes, const std::vector<Patch>& patches, double width, float place_weight,
            std::vector<std::int32_t>& of, std::vector<float>& least) {
  std::fill(least.begin(), least.end(), kFar);
  const auto reach = static_cast<float>(width);
  std::vector<float> row(static_cast<std::size_t>(planes.width()));
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const Patch& patch = patches[i];
    const auto low = [&](float middle) { return std::max(0, static_cast<int>(middle - reach)); };
    const auto high = [&](float middle, int size) { return std::min(size, static_cast<int>(middle + reach) + 2); };
    const int from = low(patch.x), to = high(patch.x, planes.width());
    for (int y = low(patch.y); y < high(patch.y, planes.height()); ++y) {
      const float dy = static_cast<float>(y) - patch.y;
      std::fill_n(row.begin(), to - from, place_weight * dy * dy);
      for (int c = 0; c < planes.colours(); ++c) {
        const float* v = planes[c].row(y) + from;
        const float mean = patch.colour[static_cast<std::size_t>(c)];
        for (int k = 0; k < to - from; ++k) row[static_cast<std::size_t>(k)] += (v[k] - mean) * (v[k] - mean);
      }
      for (int x = from; x < to; ++x) {
        const float dx = static_cast<float>(x) - patch.x;
        const float d = row[static_cast<std::size_t>(x - from)] + place_weight * dx * dx;
        const auto at = static_cast<std::size_t>(y * planes.width() + x);
        if (d < least[at]) least[at] = d, of[at] = static_cast<std::int32_t>(i);
      }
    }
  }
}

}  // namespace

void to_few_colours(Planes& planes, int colours, Key key) {
  constexpr int kMostSamples = 4096, kRounds = 12;
  const int all = planes.width() * planes.height(), step = std::max(1, all / kMostSamples);
  std::vector<Colour> samples;
  for (int i = 0; i < all; i += step) samples.push_back(colour_at(planes, i % planes.width(), i / planes.width()));
  std::vector<Colour> means = first_means(samples, colours, key);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::array<double, 5>> sums(means.size());
    for (const Colour& sample : samples) {
      std::array<double, 5>& sum = sums[nearest(means, sample)];
      for (std::size_t c = 0; c < 4; ++c) sum[c] += static_cast<double>(sample[c]);
      ++sum[4];
    }
    for (std::size_t i = 0; i < means.size(); ++i)
      if (sums[i][4] > 0)
        for (std::size_t c = 0; c < 4; ++c) means[i][c] = static_cast<float>(sums[i][c] / sums[i][4]);
  }
  for (int y = 0; y < planes.height(); ++y)
    for (int x = 0; x < planes.width(); ++x) {
      const Colour& mean = means[nearest(means, colour_at(planes, x, y))];
      for (int c = 0; c < planes.colours(); ++c) planes[c].row(y)[x] = mean[static_cast<std::size_t>(c)];
    }
}

std::vector<std::int32_t> slic_patches(const Planes& planes, int segments, double compactness) {
  constexpr int kRounds = 5;
  const int width = planes.width(), height = planes.height();
  const double side = std::max(1.0, std::sqrt(static_cast<double>(width) * height / segments));
  const int across = std::max(1, static_cast<int>(std::nearbyint(width / side))),
            down = std::max(1, static_cast<int>(std::nearbyint(height / side)));
  std::vector<Patch> patches(static_cast<std::size_t>(across * down));
  std::vector<std::int32_t> of(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      of[static_cast<std::size_t>(y * width + x)] = y * down / height * across + x * across / width;
  std::vector<float> least(of.size());
  const auto place_weight = static_cast<float>(compactness * compactness / (side * side));
  for (int round = 0; round < kRounds; ++round) {
    gather(planes, of, patches);
    assign(planes, patches, side, place_weight, of, least);
  }
  return of;
}

void flatten_patches(Planes& planes, const std::vector<std::int32_t>& patches, double share, Key key) {
  if (patches.empty()) return;
  std::vector<Patch> means(static_cast<std::size_t>(*std::max_element(patches.begin(), patches.end())) + 1);
  gather(planes, patches, means);
  std::vector<bool> flat;
  for (std::uint64_t i = 0; i < means.size(); ++i) flat.push_back(draw_unit(key, i) < share);
  for (int y = 0; y < planes.height(); ++y)
    for (int x = 0; x < planes.width(); ++x) {
      const auto patch = static_cast<std::size_t>(patches[static_cast<std::size_t>(y * planes.width() + x)]);
      if (!flat[patch]) continue;
      for (int c = 0; c < planes.colours(); ++c) planes[c].row(y)[x] = means[patch].colour[static_cast<std::size_t>(c)];
    }
}

}  // namespace leaven::ops
