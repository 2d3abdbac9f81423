#include "flow/balance/neighbourhood.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>

#include "flow/balance/neighbour_graph.hpp"

namespace leaven::flow {

using kernels::kNoRow;
using kernels::Nearest;

namespace {

constexpr std::size_t kQueriesATask = 1024;
constexpr double kInfinite = std::numeric_limits<double>::infinity();

struct Moments {
  double count{}, mean{}, std{};
};

Moments moments_of(const RowMatrix& matrix, std::size_t d) {
  Moments m;
  double sum = 0, squares = 0;
  for (std::size_t r = 0; r < matrix.rows(); ++r)
    if (const double v = matrix.number(r, d); !std::isnan(v)) sum += v, m.count += 1;
  if (m.count == 0) return m;
  m.mean = sum / m.count;
  for (std::size_t r = 0; r < matrix.rows(); ++r)
    if (const double v = matrix.number(r, d); !std::isnan(v)) squares += (v - m.mean) * (v - m.mean);
  m.std = std::sqrt(squares / m.count);
  return m;
}

std::vector<double> gathered(const RowSpace& space, std::span<const std::uint32_t> rows) {
  std::vector<double> numbers;
  numbers.reserve(rows.size() * space.dims);
  for (const std::uint32_t row : rows)
    for (std::size_t d = 0; d < space.dims; ++d) numbers.push_back(space.at(row, d));
  return numbers;
}

std::vector<std::int32_t> gathered_codes(const RowSpace& space, std::span<const std::uint32_t> rows) {
  std::vector<std::int32_t> codes;
  codes.reserve(rows.size() * space.words);
  for (const std::uint32_t row : rows)
    codes.insert(codes.end(), space.codes.begin() + static_cast<std::ptrdiff_t>(row * space.words),
                 space.codes.begin() + static_cast<std::ptrdiff_t>((row + 1) * space.words));
  return codes;
}

std::vector<std::uint32_t> own_places(std::span<const std::uint32_t> points, std::span<const std::uint32_t> queries) {
  std::unordered_map<std::uint32_t, std::uint32_t> place;
  for (std::size_t i = 0; i < points.size(); ++i) place.emplace(points[i], static_cast<std::uint32_t>(i));
  std::vector<std::uint32_t> own;
  for (const std::uint32_t query : queries) {
    const auto at = place.find(query);
    own.push_back(at == place.end() ? kNoRow : at->second);
  }
  return own;
}

/// One query at a time where cells are missing.
void search_masked(const RowSpace& space, std::span<const double> panels, const kernels::NeighbourRows& rows,
                   const kernels::NeighbourRows& queries, std::size_t q, std::uint32_t own, std::span<Nearest> found) {
  std::vector<double> distances((rows.rows + 63) / 64 * 64);
  kernels::masked_distances(panels, rows.dims, queries.numbers.subspan(q * rows.dims, rows.dims), distances);
  std::vector<Nearest> all;
  for (std::uint32_t r = 0; r < rows.rows; ++r) {
    if (r == own || distances[r] == kInfinite) continue;
    double squared = distances[r];
    for (std::size_t w = 0; w < rows.words; ++w)
      if (rows.codes[r * rows.words + w] != queries.codes[q * rows.words + w]) squared += space.mismatch;
    all.push_back({r, squared});
  }
  const auto before = [](const Nearest& a, const Nearest& b) { return a.squared != b.squared ? a.squared < b.squared : a.row < b.row; };
  const std::size_t count = std::min(found.size(), all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(), before);
  std::ranges::fill(found, Nearest{kNoRow, kInfinite});
  std::copy_n(all.begin(), count, found.begin());
}

/// In few columns boxes around the rows leave little to compare, however many rows there are.
bool too_many_to_compare(const RowSpace& space, std::size_t points, std::size_t queries) {
  if (space.search != recipe::NeighbourSearch::automatic) return space.search == recipe::NeighbourSearch::approximate;
  const bool boxed = space.dims > 0 && space.dims <= kernels::NeighbourIndex::kMostBoxedDims && space.words == 0 && !space.missing;
  return !boxed && static_cast<double>(points) * static_cast<double>(queries) * static_cast<double>(space.dims + space.words) > space.most_compared;
}

}  // namespace

RowSpace space_of(const RowMatrix& matrix, bool scale) {
  RowSpace space;
  space.dims = matrix.dims();
  space.words = matrix.word_columns.size();
  space.codes = matrix.words;
  double largest = 0;
  for (std::size_t d = 0; d < space.dims; ++d) {
    const Moments m = moments_of(matrix, d);
    space.mean.push_back(m.mean);
    space.unit.push_back(scale && m.std > 0 ? m.std : 1);
    largest = std::max(largest, m.std);
  }
  // Own units may be of any size, and float32 must hold their squares: one power of two for all changes no order.
  if (!scale && largest > 0) std::ranges::fill(space.unit, std::ldexp(1.0, std::ilogb(largest)));
  space.numbers = matrix.numbers;
  space.missing = std::ranges::any_of(matrix.numbers, [](double v) { return std::isnan(v); });
  return space;
}

double category_weight(const RowSpace& space, std::span<const std::uint32_t> rows) {
  std::vector<double> stds;
  for (std::size_t d = 0; d < space.dims; ++d) {
    double count = 0, sum = 0, squares = 0;
    for (const std::uint32_t r : rows)
      if (const double v = space.at(r, d); !std::isnan(v)) sum += v, count += 1;
    const double mean = count > 0 ? sum / count : 0;
    for (const std::uint32_t r : rows)
      if (const double v = space.at(r, d); !std::isnan(v)) squares += (v - mean) * (v - mean);
    stds.push_back(count > 0 ? std::sqrt(squares / count) : 0);
  }
  if (stds.empty()) return 1;
  std::ranges::sort(stds);
  const double median = (stds[(stds.size() - 1) / 2] + stds[stds.size() / 2]) / 2;
  return median * median;
}

Neighbours nearest(const RowSpace& space, std::span<const std::uint32_t> points, std::span<const std::uint32_t> queries,
                   std::size_t k, Pool& pool) {
  Neighbours found{k, false, std::vector<Nearest>(queries.size() * k, Nearest{kNoRow, kInfinite})};
  if (k == 0 || points.empty()) return found;
  const std::vector<double> numbers = gathered(space, points);
  const std::vector<std::int32_t> codes = gathered_codes(space, points);
  const kernels::NeighbourRows rows{numbers, codes, points.size(), space.dims, space.words, space.mismatch};
  const std::vector<std::uint32_t> own = own_places(points, queries);
  found.approximate = too_many_to_compare(space, points.size(), queries.size());
  const bool masked = space.missing && !found.approximate;
  std::optional<NeighbourGraph> graph;
  if (found.approximate) graph.emplace(rows);
  const std::vector<double> panels = masked ? kernels::masked_panels(numbers, points.size(), space.dims) : std::vector<double>();
  const kernels::NeighbourIndex index(masked || graph ? kernels::NeighbourRows{} : rows);
  const auto search = [&](std::size_t task) -> std::shared_ptr<void> {
    const std::size_t first = task * kQueriesATask, count = std::min(kQueriesATask, queries.size() - first);
    const std::vector<double> asked = gathered(space, queries.subspan(first, count));
    const std::vector<std::int32_t> asked_codes = gathered_codes(space, queries.subspan(first, count));
    const kernels::NeighbourRows wanted{asked, asked_codes, count, space.dims, space.words, space.mismatch};
    const auto into = std::span(found.list).subspan(first * k, count * k);
    const auto own_of_task = std::span(own).subspan(first, count);
    if (graph) graph->find(wanted, 0, count, k, own_of_task, into);
    else if (!masked) kernels::find_nearest(index, wanted, 0, count, k, own_of_task, into);
    else
      for (std::size_t q = 0; q < count; ++q) search_masked(space, panels, rows, wanted, q, own_of_task[q], into.subspan(q * k, k));
    return nullptr;
  };
  pool.run_ordered((queries.size() + kQueriesATask - 1) / kQueriesATask, search, [](std::size_t, const std::shared_ptr<void>&) {});
  for (Nearest& near : found.list)
    if (near.row != kNoRow) near.row = points[near.row];
  return found;
}

}  // namespace leaven::flow
