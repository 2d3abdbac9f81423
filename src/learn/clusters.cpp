#include "learn/clusters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/components.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kMostComponents = 24, kMostItems = 2000, kNeighbour = 5;
constexpr int kRounds = 30, kStarts = 10;

double squared(const double* a, const double* b, std::size_t dims) {
  double sum = 0;
  for (std::size_t d = 0; d < dims; ++d) sum += (a[d] - b[d]) * (a[d] - b[d]);
  return sum;
}

/// Points of so many dimensions, one after another.
struct Points {
  std::span<const double> all{};
  std::size_t dims{};
  std::size_t size() const { return all.size() / dims; }
  const double* at(std::size_t i) const { return all.data() + i * dims; }
};

using Middles = std::vector<double>;

/// Each next one by chance, the farther from those before the likelier; none where a point stands already.
Middles starts(const Points& points, std::size_t clusters, Key key, std::uint64_t draw) {
  std::vector<double> far(points.size(), std::numeric_limits<double>::infinity());
  Middles middles;
  const auto add = [&](std::size_t i) { middles.insert(middles.end(), points.at(i), points.at(i) + points.dims); };
  add(static_cast<std::size_t>(draw_below(key, points.size(), draw++)));
  while (middles.size() < clusters * points.dims) {
    double sum = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      far[i] = std::min(far[i], squared(points.at(i), &middles[middles.size() - points.dims], points.dims));
      sum += far[i];
    }
    if (!(sum > 0)) break;
    double left = draw_unit(key, draw++) * sum;
    std::size_t chosen = points.size();
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (far[i] == 0) continue;
      chosen = i;
      if ((left -= far[i]) < 0) break;
    }
    add(chosen);
  }
  return middles;
}

std::pair<std::uint32_t, double> nearest(const double* point, const Middles& middles, std::size_t dims) {
  std::pair<std::uint32_t, double> best{0, std::numeric_limits<double>::infinity()};
  for (std::uint32_t c = 0; c * dims < middles.size(); ++c)
    if (const double apart = squared(point, &middles[c * dims], dims); apart < best.second) best = {c, apart};
  return best;
}

/// Middles of the points of each; those of none are left out.
Middles middles_of(const Points& points, const std::vector<std::uint32_t>& of, std::size_t clusters) {
  Middles sums(clusters * points.dims), middles;
  std::vector<double> counts(clusters);
  for (std::size_t i = 0; i < points.size(); ++i) {
    counts[of[i]] += 1;
    for (std::size_t d = 0; d < points.dims; ++d) sums[of[i] * points.dims + d] += points.at(i)[d];
  }
  for (std::size_t c = 0; c < clusters; ++c)
    for (std::size_t d = 0; d < points.dims && counts[c] > 0; ++d) middles.push_back(sums[c * points.dims + d] / counts[c]);
  return middles;
}

struct Settled {
  Middles middles{};
  double inertia{};
};

Settled settle(const Points& points, Middles middles) {
  std::vector<std::uint32_t> of(points.size(), std::numeric_limits<std::uint32_t>::max());
  for (int round = 0; round < kRounds; ++round) {
    bool moved = false;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const std::uint32_t best = nearest(points.at(i), middles, points.dims).first;
      moved = moved || of[i] != best;
      of[i] = best;
    }
    if (!moved) break;
    middles = middles_of(points, of, middles.size() / points.dims);
  }
  Settled settled{std::move(middles), 0};
  for (std::size_t i = 0; i < points.size(); ++i) settled.inertia += nearest(points.at(i), settled.middles, points.dims).second;
  return settled;
}

Middles best_middles(const Points& points, std::size_t clusters, Key key) {
  Settled best{{}, std::numeric_limits<double>::infinity()};
  for (int start = 0; start < kStarts; ++start)
    if (Settled found = settle(points, starts(points, clusters, key, static_cast<std::uint64_t>(start) << 32)); found.inertia < best.inertia) best = std::move(found);
  return best.middles;
}

/// How much nearer the own middle is than the next one, in the mean, from −1 to 1.
double silhouette(const Points& points, const Middles& middles) {
  if (middles.size() < 2 * points.dims) return -1;
  double sum = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    double own = std::numeric_limits<double>::infinity(), next = own;
    for (std::size_t c = 0; c * points.dims < middles.size(); ++c) {
      const double apart = std::sqrt(squared(points.at(i), &middles[c * points.dims], points.dims));
      if (apart < own)
        next = own, own = apart;
      else
        next = std::min(next, apart);
    }
    if (next > 0) sum += (next - own) / next;
  }
  return sum / static_cast<double>(points.size());
}

/// Those of the items along their first principal components, which are found on at most kMostItems of them.
std::vector<double> coordinates(std::span<const float> values, std::size_t size, std::size_t items, Key key, std::size_t& dims) {
  std::vector<double> mean(size);
  for (std::size_t i = 0; i < values.size(); ++i) mean[i % size] += values[i] / static_cast<double>(items);
  std::vector<float> centred(values.begin(), values.end());
  for (std::size_t i = 0; i < centred.size(); ++i) centred[i] -= static_cast<float>(mean[i % size]);
  std::vector<float> some;
  const std::size_t count = std::min(items, kMostItems);
  for (std::size_t i = 0; i < count; ++i) {
    const auto from = centred.begin() + static_cast<std::ptrdiff_t>(i * items / count * size);
    some.insert(some.end(), from, from + static_cast<std::ptrdiff_t>(size));
  }
  const Components found = principal_components(some, size, kMostComponents, key);
  dims = std::max<std::size_t>(1, found.deviation.size());
  std::vector<double> made(items * dims);
  for (std::size_t i = 0; i < items; ++i)
    for (std::size_t d = 0; d < found.deviation.size(); ++d) made[i * dims + d] = dot(&centred[i * size], &found.directions[d * size], size);
  return made;
}

/// Numbers clusters anew, so that none is empty.
Clusters numbered(std::vector<std::uint32_t> of) {
  std::vector<std::uint32_t> places(of.empty() ? 0 : *std::ranges::max_element(of) + 1, std::numeric_limits<std::uint32_t>::max());
  Clusters made;
  for (std::uint32_t& c : of) {
    if (places[c] == std::numeric_limits<std::uint32_t>::max()) places[c] = static_cast<std::uint32_t>(made.sizes.size()), made.sizes.push_back(0);
    c = places[c];
    ++made.sizes[c];
  }
  made.of = std::move(of);
  return made;
}

}  // namespace

std::vector<std::uint32_t> k_means(std::span<const double> points, std::size_t dims, std::size_t clusters, Key key) {
  const Points all{points, dims};
  if (clusters < 1 || clusters > all.size()) throw usage_error(fmt::format("there must be from 1 to {} clusters of so many items, got {}", all.size(), clusters));
  const Middles middles = best_middles(all, clusters, key);
  std::vector<std::uint32_t> of;
  for (std::size_t i = 0; i < all.size(); ++i) of.push_back(nearest(all.at(i), middles, dims).first);
  return numbered(std::move(of)).of;
}

Clusters clusters_of(std::span<const float> values, std::size_t size, Key key) {
  const std::size_t items = values.size() / size;
  std::size_t dims = 1;
  const std::vector<double> all = coordinates(values, size, items, key, dims);
  const Points points{all, dims};
  // So many are enough to find middles; the others go to the nearest.
  std::vector<double> some;
  const std::size_t count = std::min(items, kMostItems);
  for (std::size_t i = 0; i < count; ++i) some.insert(some.end(), points.at(i * items / count), points.at(i * items / count) + dims);
  const Points sample{some, dims};
  Middles best(points.at(0), points.at(0) + dims);
  double most = -1;
  const double root = std::sqrt(static_cast<double>(items));
  for (const double share : {0.25, 0.5, 1.0}) {
    const auto clusters = std::clamp<std::size_t>(static_cast<std::size_t>(share * root + 0.5), 2, std::max<std::size_t>(2, count));
    if (clusters > count) continue;
    Middles found = best_middles(sample, clusters, key);
    if (const double here = silhouette(sample, found); here > most) most = here, best = std::move(found);
  }
  std::vector<std::uint32_t> of;
  for (std::size_t i = 0; i < items; ++i) of.push_back(nearest(points.at(i), best, dims).first);
  Clusters made = numbered(std::move(of));
  made.apart.resize(made.sizes.size());
  for (std::size_t i = 0; i < items; ++i) {
    std::vector<double> near;
    for (std::size_t j = 0; j < count; ++j) near.push_back(squared(points.at(i), sample.at(j), dims));
    // The item itself is among them where it is one of the sample.
    const std::size_t place = std::min(kNeighbour, near.size() - 1);
    std::ranges::nth_element(near, near.begin() + static_cast<std::ptrdiff_t>(place));
    made.apart[made.of[i]] += std::sqrt(near[place]) / static_cast<double>(made.sizes[made.of[i]]);
  }
  return made;
}

std::vector<double> strength_by_density(const Clusters& clusters) {
  double mean = 0;
  for (const std::uint32_t c : clusters.of) mean += clusters.apart[c] / static_cast<double>(clusters.of.size());
  std::vector<double> strengths;
  for (const std::uint32_t c : clusters.of) strengths.push_back(mean > 0 ? std::min(1.0, clusters.apart[c] / (2 * mean)) : 0.5);
  return strengths;
}

std::vector<double> weight_by_size(const Clusters& clusters) {
  std::vector<double> weights;
  for (const std::uint32_t c : clusters.of) weights.push_back(1 / std::sqrt(static_cast<double>(clusters.sizes[c])));
  return weights;
}

}  // namespace leaven::learn
