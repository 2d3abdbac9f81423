#include "learn/generate/likeness.hpp"

#include <algorithm>
#include <cmath>

#include "flow/table_report.hpp"
#include "learn/generate/boosted_trees.hpp"
#include "learn/metrics.hpp"

namespace leaven::learn {

using Role = TableColumn::Role;

namespace {

std::vector<double> there(const TableColumn& column) {
  std::vector<double> numbers;
  for (const double v : column.numbers)
    if (!std::isnan(v)) numbers.push_back(v);
  return numbers;
}

/// A place for each word and for missing cells; beyond kMostPlaces words share places, so that a pair of columns of many words
/// still fits into memory.
constexpr std::size_t kMostPlaces = 1024;
std::size_t places_of(const TableColumn& column) { return std::min(column.dictionary.size(), kMostPlaces) + 1; }
std::size_t place_of(const TableColumn& column, std::size_t row) {
  const std::int32_t word = column.words[row];
  return word < 0 ? 0 : 1 + static_cast<std::size_t>(word) % kMostPlaces;
}

/// Cramér 1946, without correction.
double cramers_v(const TableColumn& a, const TableColumn& b, std::size_t rows) {
  const std::size_t na = places_of(a), nb = places_of(b);
  std::vector<double> joint(na * nb), of_a(na), of_b(nb);
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t i = place_of(a, r), j = place_of(b, r);
    joint[i * nb + j] += 1, of_a[i] += 1, of_b[j] += 1;
  }
  double chi = 0;
  const auto n = static_cast<double>(rows);
  for (std::size_t i = 0; i < na; ++i)
    for (std::size_t j = 0; j < nb; ++j)
      if (const double expected = of_a[i] * of_b[j] / n; expected > 0) chi += (joint[i * nb + j] - expected) * (joint[i * nb + j] - expected) / expected;
  const auto used = [](const std::vector<double>& counts) { return static_cast<double>(std::ranges::count_if(counts, [](double c) { return c > 0; })); };
  const double degrees = std::min(used(of_a), used(of_b)) - 1;
  return degrees > 0 ? std::sqrt(std::min(1.0, chi / (n * degrees))) : 0;
}

/// √(variance between words ÷ variance).
double correlation_ratio(const TableColumn& words, const TableColumn& numbers, std::size_t rows) {
  std::vector<double> sum(words.dictionary.size() + 1), count(sum.size());
  double n = 0, all = 0;
  for (std::size_t r = 0; r < rows; ++r)
    if (!std::isnan(numbers.numbers[r])) n += 1, all += numbers.numbers[r];
  if (n == 0) return 0;
  const double mean = all / n;
  double total = 0, between = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    const double v = numbers.numbers[r];
    if (std::isnan(v)) continue;
    const auto w = static_cast<std::size_t>(words.words[r] + 1);
    sum[w] += v - mean, count[w] += 1, total += (v - mean) * (v - mean);
  }
  for (std::size_t w = 0; w < sum.size(); ++w)
    if (count[w] > 0) between += sum[w] * sum[w] / count[w];
  return total > 0 ? std::sqrt(std::min(1.0, between / total)) : 0;
}

/// Every second row from `from` on, evenly thinned to `most`.
std::vector<std::uint32_t> every_second(std::size_t rows, std::size_t from, std::size_t most) {
  std::vector<std::uint32_t> picked;
  const std::size_t pairs = rows / 2, count = std::min(pairs, most);
  for (std::size_t i = 0; i < count; ++i) picked.push_back(static_cast<std::uint32_t>(2 * (i * pairs / count) + from));
  return picked;
}

}  // namespace

double column_distance(const TableColumn& a, const TableColumn& b) {
  if (a.role == Role::number) {
    std::vector<double> x = there(a), y = there(b);
    if (x.empty() || y.empty()) return x.empty() && y.empty() ? 0 : 1;
    return flow::ks_distance(std::move(x), std::move(y));
  }
  std::vector<double> share(std::max(a.dictionary.size(), b.dictionary.size()) + 1);
  if (a.words.empty() || b.words.empty()) return a.words.empty() && b.words.empty() ? 0 : 1;
  for (const std::int32_t w : a.words) share[static_cast<std::size_t>(w + 1)] += 1 / static_cast<double>(a.words.size());
  for (const std::int32_t w : b.words) share[static_cast<std::size_t>(w + 1)] -= 1 / static_cast<double>(b.words.size());
  double sum = 0;
  for (const double s : share) sum += std::fabs(s);
  return sum / 2;
}

double association(const TableData& data, std::size_t a, std::size_t b) {
  const TableColumn &x = data.columns[a], &y = data.columns[b];
  if (x.role == Role::number && y.role == Role::number) return flow::correlation(x.numbers, y.numbers);
  if (x.role == Role::word && y.role == Role::word) return cramers_v(x, y, data.rows);
  return x.role == Role::word ? correlation_ratio(x, y, data.rows) : correlation_ratio(y, x, data.rows);
}

AssociationDistance association_distance(const TableData& a, const TableData& b) {
  AssociationDistance found;
  double pairs = 0;
  for (std::size_t i = 0; i < a.columns.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      if (a.columns[i].role == Role::left_out || a.columns[j].role == Role::left_out) continue;
      const double apart = std::fabs(association(a, i, j) - association(b, i, j));
      found.mean += apart, pairs += 1;
      if (apart > found.most) found.most = apart, found.first = a.columns[j].name, found.second = a.columns[i].name;
    }
  if (pairs > 0) found.mean /= pairs;
  return found;
}

double detection(const TableData& real, const TableData& other) {
  const std::size_t each = std::min(real.rows, other.rows) / 2;
  if (each < 2) return 0.5;
  const auto mixed = [&](std::size_t from, std::vector<std::uint32_t>& truth) {
    TableData both = real.picked(every_second(real.rows, from, each));
    truth.assign(both.rows, 0);
    both.append(other.picked(every_second(other.rows, from, each)));
    truth.resize(both.rows, 1);
    for (TableColumn& column : both.columns) column.target = false;  // it may give the rows away as any other
    return both;
  };
  std::vector<std::uint32_t> train_truth, test_truth;
  const TableData train = mixed(0, train_truth), test = mixed(1, test_truth);
  const Predictions p = BoostedTrees(train, train_truth, 2).predict(test, test_truth);
  std::vector<float> score;
  std::vector<bool> positive;
  for (std::size_t i = 0; i < p.size(); ++i) score.push_back(p.of(i)[1]), positive.push_back(p.truth[i] == 1);
  return area_under_curve(score, positive);
}

}  // namespace leaven::learn
