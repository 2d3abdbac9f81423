#include "learn/generate/marginal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/exact_math.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kMostSteps = 512, kMostKnots = 257;
constexpr std::size_t kRowsAStep = 3;  // fewer rows a value on average: the values themselves mean nothing
constexpr std::size_t kLeastAKnot = 8;  // rows, where a number is all that there is of a row
constexpr std::size_t kOrders = 12;
constexpr double kMostCorrelation = 0.999;

double density(double z) {
  constexpr double kRootOfTwoPi = 2.5066282746310005024;
  return std::isfinite(z) ? exact::exp(-z * z / 2) / kRootOfTwoPi : 0;
}

/// He_n(z)·φ(z) / √n! for n = 0 … kOrders − 1; 0 at infinity.
std::vector<double> hermite_functions(double z) {
  std::vector<double> values(kOrders);
  if (!std::isfinite(z)) return values;
  values[0] = density(z);
  if (kOrders > 1) values[1] = z * values[0];
  for (std::size_t n = 1; n + 1 < kOrders; ++n) {
    const auto order = static_cast<double>(n);
    values[n + 1] = (z * values[n] - std::sqrt(order) * values[n - 1]) / std::sqrt(order + 1);
  }
  return values;
}

}  // namespace

void Marginal::prepare() {
  guide_.assign(kCells, 0);
  for (int cell = 0; cell < kCells; ++cell) {
    const double z = kReach * (2.0 * cell / kCells - 1);
    guide_[static_cast<std::size_t>(cell)] = static_cast<std::uint16_t>(std::ranges::lower_bound(edges, z) - edges.begin());
  }
  guide_[0] = 0;  // stands for everything below too
}

double Marginal::at(double z) const {
  const int cell = std::clamp(static_cast<int>((z / kReach + 1) * (kCells / 2)), 0, kCells - 1);
  std::size_t i = guide_[static_cast<std::size_t>(cell)];
  while (i < edges.size() && edges[i] <= z) ++i;
  if (steps) return values[i];
  // Beyond the ends as far inside of them, so that the least and the greatest value seen are not made again and again.
  if (i == 0 || i == edges.size()) {
    const double end = i == 0 ? edges.front() : edges.back(), inside = 2 * end - z;
    const bool near = std::fabs(inside) < std::fabs(end) && inside * end > 0;  // on the end's side of the middle
    return near ? at(inside) : i == 0 ? values.front() : values.back();
  }
  return values[i - 1] + (values[i] - values[i - 1]) * ((z - edges[i - 1]) / (edges[i] - edges[i - 1]));
}

Marginal marginal_of_counts(std::span<const std::uint64_t> counts) {
  Marginal made;
  const auto all = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    if (!made.values.empty()) made.edges.push_back(exact::normal_quantile(static_cast<double>(below) / all));
    made.values.push_back(static_cast<double>(i));
    made.shares.push_back(static_cast<double>(counts[i]) / all);
    below += counts[i];
  }
  made.prepare();
  return made;
}

Marginal marginal_of(std::vector<double> numbers) {
  std::ranges::sort(numbers);
  const std::size_t n = numbers.size();
  std::vector<double> values;
  std::vector<std::uint64_t> counts;
  for (const double v : numbers) {
    if (values.empty() || v != values.back()) values.push_back(v), counts.push_back(0);
    ++counts.back();
    if (values.size() > kMostSteps) break;
  }
  if (values.size() == 1 || (values.size() <= kMostSteps && values.size() * kRowsAStep <= n)) {
    Marginal made = marginal_of_counts(counts);
    made.values = std::move(values);
    return made;
  }
  Marginal made;
  made.steps = false;
  const std::size_t knots = std::min(n, kMostKnots);
  for (std::size_t i = 0; i < knots; ++i) {
    const std::size_t place = i * (n - 1) / (knots - 1);
    made.edges.push_back(exact::normal_quantile((static_cast<double>(place) + 0.5) / static_cast<double>(n)));
    made.values.push_back(numbers[place]);
  }
  made.prepare();
  return made;
}

Marginal marginal_of_lone(std::vector<double> numbers) {
  std::ranges::sort(numbers);
  if (numbers.front() == numbers.back()) return marginal_of(std::move(numbers));
  const std::size_t n = numbers.size(), between = std::max(kLeastAKnot, n / kMostKnots);
  Marginal made;
  made.steps = false;
  const auto knot = [&](double rows_below, double value) {
    const double edge = exact::normal_quantile(std::clamp(rows_below, 0.5, static_cast<double>(n) - 0.5) / static_cast<double>(n));
    // Where one frequent number follows another nothing lies between.
    made.edges.push_back(made.edges.empty() || edge > made.edges.back() ? edge : std::nextafter(made.edges.back(), std::numeric_limits<double>::infinity()));
    made.values.push_back(value);
  };
  const auto spread = [&](std::size_t begin, std::size_t end) {  // rows of numbers that are not frequent
    if (begin == end) return;
    const std::size_t parts = (end - begin) / between;
    if (begin == 0) knot(0, numbers.front());
    for (std::size_t i = 1; i < parts; ++i) {
      const std::size_t place = begin + i * (end - begin) / parts;
      knot(static_cast<double>(place) + 0.5, numbers[place]);
    }
    if (end == n) knot(static_cast<double>(n), numbers.back());
  };
  std::size_t rest = 0;
  for (std::size_t i = 0, end = 0; i < n; i = end) {
    while (end < n && numbers[end] == numbers[i]) ++end;
    if (end - i < between) continue;
    spread(rest, i);
    knot(static_cast<double>(i), numbers[i]);
    knot(static_cast<double>(end), numbers[i]);
    rest = end;
  }
  spread(rest, n);
  made.prepare();
  return made;
}

Scores scores_of(const Marginal& marginal) {
  if (!marginal.steps) return {{}, {1}};
  Scores scores{.hermite = std::vector<double>(kOrders)};
  const std::size_t steps = marginal.values.size();
  std::vector<std::vector<double>> at{std::vector<double>(kOrders)};
  for (const double edge : marginal.edges) at.push_back(hermite_functions(edge));
  at.emplace_back(kOrders);
  // E[z | step] = (φ(lo) − φ(hi)) / share.
  double variance = 0;
  std::vector<double> raw(steps);
  for (std::size_t i = 0; i < steps; ++i) {
    raw[i] = (at[i][0] - at[i + 1][0]) / marginal.shares[i];
    variance += marginal.shares[i] * raw[i] * raw[i];
  }
  const double deviation = std::sqrt(variance);
  if (!(deviation > 0)) return {std::vector<double>(steps), {0}};
  for (std::size_t i = 0; i < steps; ++i) scores.of_step.push_back(raw[i] / deviation);
  for (std::size_t n = 1; n <= kOrders; ++n)
    for (std::size_t i = 0; i < steps; ++i)
      scores.hermite[n - 1] += scores.of_step[i] * (at[i][n - 1] - at[i + 1][n - 1]) / std::sqrt(static_cast<double>(n));
  return scores;
}

double score_of(const Marginal& marginal, const Scores& scores, double value) {
  const auto [first, last] = std::equal_range(marginal.values.begin(), marginal.values.end(), value);
  const auto i = static_cast<std::size_t>(first - marginal.values.begin());
  if (marginal.steps) return first == last ? 0 : scores.of_step[i];
  // A run of equal knots is a value that many rows have: its middle.
  if (first != last) return (marginal.edges[i] + *(marginal.edges.begin() + (last - marginal.values.begin() - 1))) / 2;
  if (i == 0) return marginal.edges.front();
  if (i == marginal.values.size()) return marginal.edges.back();
  const double part = (value - marginal.values[i - 1]) / (marginal.values[i] - marginal.values[i - 1]);
  return marginal.edges[i - 1] + part * (marginal.edges[i] - marginal.edges[i - 1]);
}

double latent_correlation(double seen, std::span<const double> a, std::span<const double> b) {
  const std::size_t orders = std::min(a.size(), b.size());
  const auto predicted = [&](double rho) {
    double sum = 0;
    for (std::size_t n = orders; n-- > 0;) sum = (sum + a[n] * b[n]) * rho;
    return sum;
  };
  if (orders == 0 || a[0] * b[0] == 0) return 0;
  double lo = -kMostCorrelation, hi = kMostCorrelation;
  if (predicted(lo) >= seen) return lo;
  if (predicted(hi) <= seen) return hi;
  for (int i = 0; i < 40; ++i) {
    const double middle = (lo + hi) / 2;
    (predicted(middle) < seen ? lo : hi) = middle;
  }
  return (lo + hi) / 2;
}

}  // namespace leaven::learn
