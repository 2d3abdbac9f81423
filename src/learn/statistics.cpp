#include "learn/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "learn/distributions.hpp"

namespace leaven::learn {

namespace {

/// Standard error of the mean.
double error_of(Differences d, double resolution) {
  const double least = resolution / std::sqrt(12.0);
  return std::max(deviation_of(d), least) / std::sqrt(static_cast<double>(d.size()));
}

double freedom_of(Differences d) { return static_cast<double>(d.size()) - 1; }

/// P(T > (mean − bound) / error); with no deviation at all, 0 or 1 (0.5 on the bound).
double p_above(Differences d, double bound, double resolution) {
  const double error = error_of(d, resolution), away = mean_of(d) - bound;
  if (error == 0) return away > 0 ? 0 : away < 0 ? 1 : 0.5;
  return student_cdf(-away / error, freedom_of(d));
}

}  // namespace

double mean_of(Differences d) {
  return d.empty() ? 0 : std::accumulate(d.begin(), d.end(), 0.0) / static_cast<double>(d.size());
}

double deviation_of(Differences d) {
  if (d.size() < 2) return 0;
  const double mean = mean_of(d);
  double sum = 0;
  for (const double x : d) sum += (x - mean) * (x - mean);
  return std::sqrt(sum / freedom_of(d));
}

Interval t_interval(Differences d, double confidence, double resolution) {
  const double half = student_quantile(0.5 + confidence / 2, freedom_of(d)) * error_of(d, resolution);
  return {mean_of(d) - half, mean_of(d) + half};
}

Interval share_interval(double share, std::size_t count) {
  constexpr double kNormal = 1.959963984540054;  // 97.5 % of a normal law lie below
  if (count == 0) return {0, 1};
  const double n = static_cast<double>(count), z = kNormal * kNormal / n;
  const double middle = (share + z / 2) / (1 + z), half = kNormal * std::sqrt(share * (1 - share) / n + z / (4 * n)) / (1 + z);
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

double t_test(Differences d, double resolution) {
  const double above = p_above(d, 0, resolution);
  return std::min(1.0, 2 * std::min(above, 1 - above));
}

double equivalence_test(Differences d, double margin, double resolution) {
  return std::max(p_above(d, -margin, resolution), 1 - p_above(d, margin, resolution));
}

double sign_flip_test(Differences all) {
  constexpr std::size_t kMost = 20;
  const Differences d = all.first(std::min(all.size(), kMost));
  const double sum = std::abs(std::accumulate(d.begin(), d.end(), 0.0));
  // Sums of the same numbers in another order differ in their last places.
  double size = 0;
  for (const double x : d) size += std::abs(x);
  const double least = sum - 1e-12 * size;
  std::size_t as_far = 0;
  const std::size_t signs = std::size_t{1} << d.size();
  for (std::size_t s = 0; s < signs; ++s) {
    double flipped = 0;
    for (std::size_t i = 0; i < d.size(); ++i) flipped += (s >> i & 1) ? -d[i] : d[i];
    as_far += std::abs(flipped) >= least;
  }
  return static_cast<double>(as_far) / static_cast<double>(signs);
}

std::vector<double> adjusted_for_many(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return p[a] > p[b]; });
  std::vector<double> adjusted(p.size());
  double least = 1;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto rank = static_cast<double>(order.size() - i);
    least = std::min(least, p[order[i]] * static_cast<double>(p.size()) / rank);
    adjusted[order[i]] = least;
  }
  return adjusted;
}

double power_of_test(double effect, double deviation, std::size_t n, double level) {
  if (n < 2) return 0;
  if (deviation == 0) return effect == 0 ? level : 1;
  const double freedom = static_cast<double>(n) - 1, bound = student_quantile(1 - level / 2, freedom);
  const double shift = std::abs(effect) / deviation * std::sqrt(static_cast<double>(n));
  return 1 - shifted_student_cdf(bound, freedom, shift) + shifted_student_cdf(-bound, freedom, shift);
}

double least_detectable(double deviation, std::size_t n, double power, double level) {
  if (n < 2) return std::numeric_limits<double>::infinity();
  if (deviation == 0) return 0;
  double lo = 0, hi = deviation;
  while (power_of_test(hi, deviation, n, level) < power && hi < 1e6 * deviation) hi *= 2;
  for (int i = 0; i < 60; ++i) {
    const double middle = (lo + hi) / 2;
    (power_of_test(middle, deviation, n, level) < power ? lo : hi) = middle;
  }
  return hi;
}

std::size_t pairs_needed(double effect, double deviation, double power, double level) {
  constexpr std::size_t kMost = 10'000;
  if (power_of_test(effect, deviation, kMost, level) < power) return 0;
  std::size_t lo = 1, hi = kMost;
  while (hi - lo > 1) {
    const std::size_t middle = (lo + hi) / 2;
    (power_of_test(effect, deviation, middle, level) < power ? lo : hi) = middle;
  }
  return hi;
}

}  // namespace leaven::learn
