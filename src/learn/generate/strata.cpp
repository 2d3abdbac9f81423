#include "learn/generate/strata.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/exact_math.hpp"

namespace leaven::learn {

using Role = TableColumn::Role;

namespace {

constexpr std::size_t kMostColumns = 3, kMostWords = 16, kRowsAPart = 250, kMostRows = 30'000;
constexpr std::size_t kBins = 4;

/// A column as few codes: words, or quarters of numbers; missing is a code too.
struct Codes {
  std::vector<std::uint32_t> of_row{};
  std::uint32_t count{};
};

Codes codes_of(const TableColumn& column, std::span<const std::uint32_t> rows) {
  Codes codes;
  codes.of_row.reserve(rows.size());
  if (column.role == Role::word) {
    codes.count = static_cast<std::uint32_t>(column.dictionary.size() + 1);
    for (const std::uint32_t r : rows) codes.of_row.push_back(static_cast<std::uint32_t>(column.words[r] + 1));
    return codes;
  }
  std::vector<double> sorted;
  for (const std::uint32_t r : rows)
    if (!std::isnan(column.numbers[r])) sorted.push_back(column.numbers[r]);
  std::ranges::sort(sorted);
  codes.count = kBins + 1;
  for (const std::uint32_t r : rows) {
    const double v = column.numbers[r];
    if (std::isnan(v)) {
      codes.of_row.push_back(0);
      continue;
    }
    std::uint32_t bin = 1;
    for (std::size_t q = 1; q < kBins; ++q) bin += v > sorted[q * (sorted.size() - 1) / kBins] ? 1U : 0U;
    codes.of_row.push_back(bin);
  }
  return codes;
}

/// n·log n summed over counts, so that mutual information is a sum of four of these.
double entropy_sum(const std::vector<double>& counts, const std::vector<double>& table) {
  double sum = 0;
  for (const double c : counts) sum += table[static_cast<std::size_t>(c)];
  return sum;
}

std::size_t used(const std::vector<double>& counts) {
  return static_cast<std::size_t>(std::ranges::count_if(counts, [](double c) { return c > 0; }));
}

/// n·I(a; b | part), less its expectation under independence (Miller and Madow), not below 0.
double information(const std::vector<std::uint32_t>& part, std::size_t parts, const Codes& a, const Codes& b, const std::vector<double>& table) {
  std::vector<double> p(parts), pa(parts * a.count), pb(parts * b.count), pab(parts * a.count * b.count);
  for (std::size_t i = 0; i < part.size(); ++i) {
    const std::size_t x = part[i] * a.count + a.of_row[i];
    p[part[i]] += 1, pa[x] += 1, pb[part[i] * b.count + b.of_row[i]] += 1, pab[x * b.count + b.of_row[i]] += 1;
  }
  const double gain = entropy_sum(pab, table) + entropy_sum(p, table) - entropy_sum(pa, table) - entropy_sum(pb, table);
  const double chance = (static_cast<double>(used(pab)) + static_cast<double>(used(p)) - static_cast<double>(used(pa)) - static_cast<double>(used(pb))) / 2;
  return std::max(0.0, gain - chance);
}

}  // namespace

std::vector<std::uint32_t> strata_columns(const TableData& data, std::span<const std::uint32_t> classes) {
  std::vector<std::uint32_t> rows;
  const std::size_t step = std::max<std::size_t>(1, data.rows / kMostRows);
  for (std::size_t r = 0; r < data.rows; r += step)
    if (classes[r] != kNoClass) rows.push_back(static_cast<std::uint32_t>(r));
  std::vector<double> table{0};  // n·log n
  for (std::size_t n = 1; n <= rows.size(); ++n) table.push_back(static_cast<double>(n) * exact::log(static_cast<double>(n)));
  std::vector<Codes> codes(data.columns.size());
  for (std::size_t c = 0; c < data.columns.size(); ++c)
    if (data.columns[c].role != Role::left_out && !data.columns[c].target) codes[c] = codes_of(data.columns[c], rows);
  std::vector<std::uint32_t> part, chosen;
  std::size_t parts = 1;
  for (const std::uint32_t r : rows) part.push_back(classes[r]), parts = std::max<std::size_t>(parts, classes[r] + 1);
  while (chosen.size() < kMostColumns) {
    double most = 0;
    std::size_t best = TableData::npos;
    for (std::size_t c = 0; c < codes.size(); ++c) {
      const TableColumn& column = data.columns[c];
      const bool fits = column.role == Role::word && !column.target && column.dictionary.size() > 1 && column.dictionary.size() <= kMostWords;
      if (!fits || parts * codes[c].count * kRowsAPart > rows.size() || std::ranges::count(chosen, c) > 0) continue;
      double gain = 0;
      for (std::size_t j = 0; j < codes.size(); ++j)
        if (j != c && codes[j].count > 0 && codes[j].count <= 4 * kMostWords) gain += information(part, parts, codes[c], codes[j], table);
      if (gain > most) most = gain, best = c;
    }
    if (best == TableData::npos || most < 0.02 * static_cast<double>(rows.size())) break;
    for (std::size_t i = 0; i < part.size(); ++i) part[i] = part[i] * codes[best].count + codes[best].of_row[i];
    parts *= codes[best].count;
    chosen.push_back(static_cast<std::uint32_t>(best));
  }
  return chosen;
}

std::vector<Stratum> strata_of(const TableData& data, std::span<const std::uint32_t> classes, std::size_t class_count, std::span<const std::uint32_t> columns) {
  std::vector<std::map<std::vector<std::int32_t>, std::vector<std::uint32_t>>> found(class_count);
  std::vector<std::int32_t> cells(columns.size());
  for (std::size_t r = 0; r < data.rows; ++r) {
    if (classes[r] == kNoClass) continue;
    for (std::size_t i = 0; i < columns.size(); ++i) cells[i] = data.columns[columns[i]].words[r];
    found[classes[r]][cells].push_back(static_cast<std::uint32_t>(r));
  }
  std::vector<Stratum> strata;
  for (std::uint32_t label = 0; label < class_count; ++label) {
    Stratum rest{.label = label, .rest = true};
    for (auto& [key, rows] : found[label]) {
      if (rows.size() >= kLeastStratum && found[label].size() > 1)
        strata.push_back({label, false, std::move(rows)});
      else
        rest.rows.insert(rest.rows.end(), rows.begin(), rows.end());
    }
    std::ranges::sort(rest.rows);
    if (!rest.rows.empty()) strata.push_back(std::move(rest));
  }
  return strata;
}

}  // namespace leaven::learn
