#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/exact_math.hpp"
#include "core/key.hpp"
#include "core/value.hpp"
#include "learn/distributions.hpp"
#include "learn/statistics.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kMostCounted = 6;  ///< 6⁶ = 46,656 resamples
constexpr std::size_t kDrawn = 20'000;

/// Means of all nⁿ resamples, sorted.
std::vector<double> every_mean(Differences d) {
  std::size_t count = 1;
  for (std::size_t i = 0; i < d.size(); ++i) count *= d.size();
  std::vector<double> means(count);
  for (std::size_t r = 0; r < count; ++r) {
    double sum = 0;
    for (std::size_t i = 0, rest = r; i < d.size(); ++i, rest /= d.size()) sum += d[rest % d.size()];
    means[r] = sum / static_cast<double>(d.size());
  }
  std::ranges::sort(means);
  return means;
}

std::vector<double> drawn_means(Differences d) {
  const Key key = KeyMaker(DrawContext{}).key("bootstrap", {});
  std::vector<double> means(kDrawn);
  for (std::size_t r = 0; r < kDrawn; ++r) {
    double sum = 0;
    for (std::size_t i = 0; i < d.size(); ++i) sum += d[draw_below(key, d.size(), r * d.size() + i)];
    means[r] = sum / static_cast<double>(d.size());
  }
  std::ranges::sort(means);
  return means;
}

/// By linear interpolation between order statistics (type 7 of Hyndman and Fan 1996).
double quantile(const std::vector<double>& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

/// Efron's acceleration of a mean, from the jackknife.
double acceleration(Differences d) {
  const double mean = mean_of(d), others = static_cast<double>(d.size()) - 1;
  double squares = 0, cubes = 0;
  for (const double x : d) {
    const double away = (x - mean) / others;
    squares += away * away;
    cubes += away * away * away;
  }
  return cubes / (6 * std::pow(squares, 1.5));
}

}  // namespace

Interval bca_interval(Differences d, double confidence) {
  const auto [least, most] = std::ranges::minmax(d);
  if (least == most) return {least, least};
  const std::vector<double> means = d.size() <= kMostCounted ? every_mean(d) : drawn_means(d);
  const double mean = mean_of(d), close = 1e-12 * (most - least);
  // Resamples that equal the mean but for rounding count half.
  const auto below = std::ranges::lower_bound(means, mean - close) - means.begin();
  const auto up_to = std::ranges::upper_bound(means, mean + close) - means.begin();
  const double share = static_cast<double>(below + up_to) / (2 * static_cast<double>(means.size()));
  const double bias = exact::normal_quantile(share), a = acceleration(d);
  const auto bound = [&](double p) {
    const double z = bias + exact::normal_quantile(p);
    return quantile(means, normal_cdf(bias + z / (1 - a * z)));
  };
  return {bound((1 - confidence) / 2), bound((1 + confidence) / 2)};
}

}  // namespace leaven::learn
