#include "learn/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace leaven::learn {

namespace {

constexpr std::size_t kBins = 15;

double percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

double calibration_error(const Predictions& p) {
  std::array<double, kBins> confidence{}, right{};
  for (std::size_t i = 0; i < p.size(); ++i) {
    const std::uint32_t best = p.best(i);
    const double c = p.of(i)[best];
    const auto bin = std::min(kBins - 1, static_cast<std::size_t>(std::max(0.0, c) * kBins));
    confidence[bin] += c;
    right[bin] += best == p.truth[i];
  }
  double error = 0;
  for (std::size_t b = 0; b < kBins; ++b) error += std::abs(confidence[b] - right[b]);
  return percent(error, static_cast<double>(p.size()));
}

double mean_area(const Predictions& p) {
  double sum = 0, classes = 0;
  std::vector<float> score(p.size());
  std::vector<bool> positive(p.size());
  for (std::uint32_t c = 0; c < p.classes; ++c) {
    std::size_t with = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
      score[i] = p.of(i)[c];
      positive[i] = p.truth[i] == c;
      with += positive[i];
    }
    if (with == 0 || with == p.size()) continue;
    sum += area_under_curve(score, positive);
    ++classes;
  }
  return classes > 0 ? percent(sum, classes) : kUnknown;
}

/// Targets are standardised by the training items, so their unit is that deviation.
Metrics measure_numbers(const Predictions& p) {
  const double count = static_cast<double>(p.size());
  double mean = 0, missed = 0, spread = 0, distance = 0;
  for (const float t : p.targets) mean += t / count;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double error = static_cast<double>(p.probability[i]) - p.targets[i];
    missed += error * error;
    distance += std::abs(error);
    spread += (p.targets[i] - mean) * (p.targets[i] - mean);
  }
  Metrics m;
  m.r2 = spread > 0 ? 100 * (1 - missed / spread) : kUnknown;
  m.mae = percent(distance, count);
  return m;
}

}  // namespace

std::uint32_t Predictions::best(std::size_t item) const {
  const std::span<const float> all = of(item);
  return static_cast<std::uint32_t>(std::ranges::max_element(all) - all.begin());
}

std::vector<double> surprises(const Predictions& p) {
  std::vector<double> each(p.size());
  for (std::size_t i = 0; i < each.size(); ++i)
    each[i] = p.classes > 0 ? -std::log(std::max(1e-12, static_cast<double>(p.of(i)[p.truth[i]])))
                            : std::pow(static_cast<double>(p.probability[i]) - p.targets[i], 2);
  return each;
}

double area_under_curve(std::span<const float> score, const std::vector<bool>& positive) {
  std::vector<std::size_t> order(score.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return score[i]; });
  // Mann and Whitney: the ranks of the positive ones, equal scores sharing the mean of theirs.
  double ranks = 0, with = 0;
  for (std::size_t from = 0; from < order.size();) {
    std::size_t to = from;
    double here = 0;
    for (; to < order.size() && score[order[to]] == score[order[from]]; ++to) here += positive[order[to]];
    ranks += here * (static_cast<double>(from + to + 1) / 2);
    with += here;
    from = to;
  }
  const double without = static_cast<double>(order.size()) - with;
  return with > 0 && without > 0 ? (ranks - with * (with + 1) / 2) / (with * without) : 0.5;
}

Metrics measure(const Predictions& p) {
  if (p.classes == 0) return measure_numbers(p);
  std::vector<double> right(p.classes), of_class(p.classes), predicted(p.classes);
  for (std::size_t i = 0; i < p.size(); ++i) {
    const std::uint32_t best = p.best(i);
    ++of_class[p.truth[i]];
    ++predicted[best];
    right[best] += best == p.truth[i];
  }
  Metrics m;
  double f1 = 0, present = 0;
  m.worst_class = 100;
  for (std::uint32_t c = 0; c < p.classes; ++c) {
    m.class_accuracy.push_back(of_class[c] > 0 ? percent(right[c], of_class[c]) : kUnknown);
    if (of_class[c] == 0) continue;
    f1 += 2 * right[c] / (of_class[c] + predicted[c]);
    m.worst_class = std::min(m.worst_class, m.class_accuracy.back());
    ++present;
  }
  m.accuracy = percent(std::accumulate(right.begin(), right.end(), 0.0), static_cast<double>(p.size()));
  m.macro_f1 = percent(f1, present);
  m.auc = mean_area(p);
  m.ece = calibration_error(p);
  return m;
}

Metrics one_item_of(std::span<const std::size_t> of_class, std::size_t items) {
  Metrics m;
  const double all = percent(1, static_cast<double>(items));
  if (of_class.empty()) {
    m.r2 = m.mae = all;
    return m;
  }
  double least = static_cast<double>(items), present = 0;
  for (const std::size_t count : of_class)
    if (count > 0) least = std::min(least, static_cast<double>(count)), ++present;
  m.accuracy = m.ece = all;
  m.worst_class = percent(1, least);
  m.macro_f1 = m.auc = percent(1, least * present);
  return m;
}

Metrics measure_constant(const Predictions& p, std::span<const double> share) {
  Predictions constant{p.classes, {}, p.truth, p.targets};
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p.classes == 0) constant.probability.push_back(0);
    for (const double s : share) constant.probability.push_back(static_cast<float>(s));
  }
  return measure(constant);
}

}  // namespace leaven::learn
