#include "ops/table/regressions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace leaven::ops {

namespace {

constexpr double kStill = 1e-6;   // standard deviations; a round that moves no prediction by more is the last one
constexpr double kRidge = 1e-9;   // of variances near 1: columns that say the same can still be solved

/// Solves a·x = b for several b by Cholesky's square roots; a is n × n, symmetric and positive, b one after another.
void solve(std::vector<double> a, std::size_t n, std::vector<double>& b) {
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i == j ? std::sqrt(std::max(sum, kRidge * kRidge)) : sum / a[j * n + j];
    }
  for (std::size_t first = 0; first < b.size(); first += n) {
    double* const x = b.data() + first;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < i; ++k) x[i] -= a[i * n + k] * x[k];
      x[i] /= a[i * n + i];
    }
    for (std::size_t i = n; i-- > 0;) {
      for (std::size_t k = i + 1; k < n; ++k) x[i] -= a[k * n + i] * x[k];
      x[i] /= a[i * n + i];
    }
  }
}

std::vector<std::size_t> places_of(const std::vector<bool>& flags, bool wanted) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < flags.size(); ++i)
    if (flags[i] == wanted) places.push_back(i);
  return places;
}

std::vector<bool> gaps_of(std::span<const double> row) {
  std::vector<bool> gaps;
  for (const double cell : row) gaps.push_back(std::isnan(cell));
  return gaps;
}

}  // namespace

JointRegressions::JointRegressions(std::span<const double> cells, std::size_t columns, int rounds)
    : columns_(columns), mean_(columns), unit_(columns, 1), lowest_(columns), highest_(columns), middle_(columns), covariance_(columns * columns) {
  const std::size_t rows = cells.size() / columns;
  std::vector<double> z(cells.begin(), cells.end()), filled(cells.size());
  for (std::size_t c = 0; c < columns; ++c) {
    double sum = 0, squares = 0, count = 0;
    lowest_[c] = std::numeric_limits<double>::infinity(), highest_[c] = -lowest_[c];
    for (std::size_t i = c; i < cells.size(); i += columns)
      if (const double v = cells[i]; !std::isnan(v)) sum += v, count += 1, lowest_[c] = std::min(lowest_[c], v), highest_[c] = std::max(highest_[c], v);
    mean_[c] = sum / count;
    for (std::size_t i = c; i < cells.size(); i += columns)
      if (!std::isnan(cells[i])) squares += (cells[i] - mean_[c]) * (cells[i] - mean_[c]);
    if (squares > 0) unit_[c] = std::sqrt(squares / count);
    for (std::size_t r = 0; r < rows; ++r) z[r * columns + c] = (cells[r * columns + c] - mean_[c]) / unit_[c];
    covariance_[c * columns + c] = 1;
  }
  for (int round = 0; round < rounds; ++round)
    if (step(z, filled) < kStill && round > 0) break;
}

// One round; returns how far the predictions moved.
double JointRegressions::step(std::span<const double> cells, std::span<double> filled) {
  const std::size_t n = columns_, rows = cells.size() / n;
  std::map<std::vector<bool>, std::vector<std::size_t>> patterns;
  for (std::size_t r = 0; r < rows; ++r) patterns[gaps_of(cells.subspan(r * n, n))].push_back(r);
  std::vector<double> hidden(n * n);  // covariance that the predictions do not show
  double moved = 0;
  for (const auto& [pattern, of_pattern] : patterns) {
    const std::vector<double> weights = weights_for(pattern);
    const auto there = places_of(pattern, false), gaps = places_of(pattern, true);
    for (const std::size_t r : of_pattern) {
      for (const std::size_t c : there) filled[r * n + c] = cells[r * n + c];
      for (std::size_t g = 0; g < gaps.size(); ++g) {
        double value = middle_[gaps[g]];
        for (std::size_t o = 0; o < there.size(); ++o) value += weights[g * there.size() + o] * (cells[r * n + there[o]] - middle_[there[o]]);
        moved = std::max(moved, std::fabs(value - filled[r * n + gaps[g]]));
        filled[r * n + gaps[g]] = value;
      }
    }
    for (std::size_t g = 0; g < gaps.size(); ++g)
      for (std::size_t h = 0; h < gaps.size(); ++h) {
        double left = covariance_[gaps[g] * n + gaps[h]];
        for (std::size_t o = 0; o < there.size(); ++o) left -= weights[g * there.size() + o] * covariance_[there[o] * n + gaps[h]];
        hidden[gaps[g] * n + gaps[h]] += left * static_cast<double>(of_pattern.size());
      }
  }
  for (std::size_t c = 0; c < n; ++c) {
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) sum += filled[r * n + c];
    middle_[c] = sum / static_cast<double>(rows);
  }
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) hidden[i * n + j] += (filled[r * n + i] - middle_[i]) * (filled[r * n + j] - middle_[j]);
  for (std::size_t i = 0; i < n * n; ++i) covariance_[i] = hidden[i] / static_cast<double>(rows);
  return moved;
}

std::vector<double> JointRegressions::weights_for(const std::vector<bool>& missing) const {
  const auto there = places_of(missing, false), gaps = places_of(missing, true);
  std::vector<double> products(there.size() * there.size()), weights;
  for (std::size_t i = 0; i < there.size(); ++i) {
    for (std::size_t j = 0; j < there.size(); ++j) products[i * there.size() + j] = covariance_[there[i] * columns_ + there[j]];
    products[i * there.size() + i] += kRidge;
  }
  for (const std::size_t g : gaps)
    for (const std::size_t o : there) weights.push_back(covariance_[o * columns_ + g]);
  if (!there.empty()) solve(std::move(products), there.size(), weights);
  return weights;
}

void JointRegressions::Completer::complete(std::span<double> row) {
  const JointRegressions& r = regressions_;
  const std::vector<bool> gaps = gaps_of(row);
  const auto [at, added] = weights_.try_emplace(gaps);
  if (added) at->second = r.weights_for(gaps);
  const auto there = places_of(gaps, false), missing = places_of(gaps, true);
  for (std::size_t g = 0; g < missing.size(); ++g) {
    const std::size_t c = missing[g];
    double value = r.middle_[c];
    for (std::size_t o = 0; o < there.size(); ++o)
      value += at->second[g * there.size() + o] * ((row[there[o]] - r.mean_[there[o]]) / r.unit_[there[o]] - r.middle_[there[o]]);
    row[c] = std::clamp(r.mean_[c] + value * r.unit_[c], r.lowest_[c], r.highest_[c]);
  }
}

void JointRegressions::save(Fitted& to) const {
  to["means"] = mean_;
  to["units"] = unit_;
  to["lowest"] = lowest_;
  to["highest"] = highest_;
  to["middle"] = middle_;
  to["covariance"] = covariance_;
}

JointRegressions::JointRegressions(const Fitted& fitted)
    : columns_(fitted.at("means").size()),
      mean_(fitted.at("means")),
      unit_(fitted.at("units")),
      lowest_(fitted.at("lowest")),
      highest_(fitted.at("highest")),
      middle_(fitted.at("middle")),
      covariance_(fitted.at("covariance")) {
  if (covariance_.size() != columns_ * columns_ || middle_.size() != columns_) throw bug("saved regressions do not fit each other");
}

}  // namespace leaven::ops
