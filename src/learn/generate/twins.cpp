#include "learn/generate/twins.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace leaven::learn {

using Role = TableColumn::Role;

namespace {

/// Pairs of equal values; a missing one is a value.
template <class T>
double equal_pairs(std::vector<T> values) {
  std::ranges::sort(values);
  double pairs = 0, run = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    run = i > 0 && values[i] == values[i - 1] ? run + 1 : 0;
    pairs += run;
  }
  return pairs;
}

double pairs_of(double rows) { return rows * (rows - 1) / 2; }

/// How many pairs of numbers chance makes equal where few are: those at most kAround units apart, of which one in so many is. At least as
/// many as are equal; a missing one is a number of its own.
double pairs_by_chance(const TableColumn& column) {
  constexpr double kAround = 10;
  std::vector<double> numbers;
  for (const double v : column.numbers)
    if (!std::isnan(v)) numbers.push_back(v);
  const double missing = pairs_of(static_cast<double>(column.numbers.size() - numbers.size()));
  const double within = (kAround + 0.5) * std::pow(10, -column.places);
  std::ranges::sort(numbers);
  double near = 0;
  for (std::size_t i = 0, first = 0; i < numbers.size(); ++i) {
    while (numbers[i] - numbers[first] > within) ++first;
    near += static_cast<double>(i - first);
  }
  return missing + std::max(equal_pairs(std::move(numbers)), near / (2 * kAround + 1));
}

}  // namespace

double chance_of_copies(const TableData& data) {
  if (data.rows < 2) return 0;
  double chance = 1;
  for (const TableColumn& column : data.columns)
    if (column.role != Role::left_out) chance *= (column.role == Role::word ? equal_pairs(column.words) : pairs_by_chance(column)) / pairs_of(static_cast<double>(data.rows));
  return chance;
}

double chance_of_twins(const TableData& data) {
  if (data.rows < 2) return 0;
  double chance = 1;
  for (const TableColumn& column : data.columns) {
    if (column.role == Role::left_out) continue;
    std::vector<double> numbers = column.numbers;
    for (double& v : numbers)
      if (std::isnan(v)) v = INFINITY;
    chance *= (column.role == Role::word ? equal_pairs(column.words) : equal_pairs(std::move(numbers))) / pairs_of(static_cast<double>(data.rows));
  }
  return chance;
}

TableSplit split_rows(const ReadTable& read, double held_out, std::uint64_t seed) {
  constexpr double kAtMost = 2;  // times as many as chance makes: columns that know of each other make a few more
  std::unordered_map<std::uint64_t, double> count;
  for (const Key& digest : read.digests) ++count[digest.low];
  double seen = 0;
  for (const auto& [digest, rows] : count) seen += pairs_of(rows);
  if (seen == 0 || seen > kAtMost * chance_of_twins(read.data) * pairs_of(static_cast<double>(read.data.rows))) return split_table(read.digests, held_out, seed);
  std::vector<Key> numbered;
  for (std::uint64_t r = 0; r < read.digests.size(); ++r) numbered.push_back({r, 0});
  return split_table(numbered, held_out, seed);
}

}  // namespace leaven::learn
