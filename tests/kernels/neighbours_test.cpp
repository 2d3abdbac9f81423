// Nearest rows against a search that compares everything with everything.
#include "kernels/neighbours.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/kernels/every_target.hpp"

namespace leaven::kernels {
namespace {

struct Rows {
  std::vector<double> numbers{};
  std::vector<std::int32_t> codes{};
  NeighbourRows view{};
};

/// `grid` > 0: coordinates on a grid, so that many distances are equal.
Rows rows_of(std::size_t count, std::size_t dims, std::size_t words, std::uint32_t seed, int grid = 0) {
  TestNumbers numbers(seed);
  Rows rows;
  for (std::size_t i = 0; i < count * dims; ++i)
    rows.numbers.push_back(grid > 0 ? std::floor(numbers.unit() * grid) : 6 * numbers.unit() - 3);
  for (std::size_t i = 0; i < count * words; ++i) rows.codes.push_back(static_cast<std::int32_t>(numbers.next() % 3));
  rows.view = {rows.numbers, rows.codes, count, dims, words, 0.7};
  return rows;
}

std::vector<Nearest> by_comparing_all(const NeighbourRows& rows, const NeighbourRows& queries, std::size_t q, std::size_t k,
                                      std::uint32_t own) {
  std::vector<Nearest> all;
  for (std::uint32_t r = 0; r < rows.rows; ++r) {
    if (r == own) continue;
    double sum = 0;
    for (std::size_t d = 0; d < rows.dims; ++d) {
      const double apart = queries.numbers[q * rows.dims + d] - rows.numbers[r * rows.dims + d];
      sum += apart * apart;
    }
    for (std::size_t w = 0; w < rows.words; ++w)
      if (queries.codes[q * rows.words + w] != rows.codes[r * rows.words + w]) sum += rows.mismatch;
    all.push_back({r, sum});
  }
  std::ranges::stable_sort(all, {}, &Nearest::squared);
  all.resize(std::min(k, all.size()));
  while (all.size() < k) all.push_back({kNoRow, std::numeric_limits<double>::infinity()});
  return all;
}

void expect_same(const Rows& rows, const Rows& queries, std::size_t k, std::span<const std::uint32_t> own) {
  const NeighbourIndex index(rows.view);
  std::vector<Nearest> found(queries.view.rows * k);
  // In two stretches, as two threads would.
  const std::size_t half = queries.view.rows / 2;
  find_nearest(index, queries.view, 0, half, k, own, std::span(found).first(half * k));
  find_nearest(index, queries.view, half, queries.view.rows, k, own, std::span(found).subspan(half * k));
  for (std::size_t q = 0; q < queries.view.rows; ++q) {
    const auto expected = by_comparing_all(rows.view, queries.view, q, k, own.empty() ? kNoRow : own[q]);
    for (std::size_t i = 0; i < k; ++i) {
      ASSERT_EQ(found[q * k + i].row, expected[i].row) << "query " << q << ", neighbour " << i;
      ASSERT_EQ(found[q * k + i].squared, expected[i].squared);
    }
  }
}

TEST(Neighbours, AreThoseOfComparingAllOnEveryTarget) {
  on_every_target([] {
    for (const auto& [count, dims, words] : {std::tuple<std::size_t, std::size_t, std::size_t>{1000, 20, 0}, {333, 3, 4}, {65, 1, 0}, {64, 0, 5}, {7, 2, 1}, {1, 4, 0}})
      expect_same(rows_of(count, dims, words, 1), rows_of(37, dims, words, 2), 5, {});
  });
}

TEST(Neighbours, OfEqualDistancesTheSmallerNumberComesFirst) {
  on_every_target([] { expect_same(rows_of(700, 2, 1, 3, 4), rows_of(50, 2, 1, 4, 4), 12, {}); });
}

TEST(Neighbours, ARowDoesNotFindItself) {
  const Rows rows = rows_of(300, 6, 2, 5, 3);
  std::vector<std::uint32_t> own;
  for (std::uint32_t i = 0; i < 300; ++i) own.push_back(i % 7 == 0 ? kNoRow : i);
  expect_same(rows, rows, 3, own);
}

TEST(Neighbours, BoxesPassNothingByThatIsNear) {
  on_every_target([] {
    for (const auto& [count, dims, words, grid] : {std::tuple<std::size_t, std::size_t, std::size_t, int>{3000, 6, 0, 0}, {513, 8, 2, 0}, {2000, 1, 0, 40}, {1500, 3, 1, 5}, {9001, 2, 0, 0}, {12'500, 3, 0, 30}})
      expect_same(rows_of(count, dims, words, 7, grid), rows_of(1100, dims, words, 8, grid), 5, {});
  });
  Rows rows = rows_of(2000, 4, 0, 9);
  for (std::size_t i = 0; i < rows.numbers.size(); ++i)
    if (i % 4 == 1 && i % 40 != 1) rows.numbers[i] = 0;  // as columns are that are mostly nothing
  std::vector<std::uint32_t> own;
  for (std::uint32_t i = 0; i < 2000; ++i) own.push_back(i);
  rows.view.numbers = rows.numbers;
  expect_same(rows, rows, 5, own);
}

TEST(Neighbours, FarRowsDoNotHideNearOnes) {
  Rows rows = rows_of(500, 4, 0, 6);
  for (std::size_t i = 0; i < 40; ++i) rows.numbers[i * 48] = 1e6;  // float32 keeps nothing of their small distances
  for (std::size_t i = 0; i < 500 * 4; ++i) rows.numbers[i] += 100;
  rows.view.numbers = rows.numbers;
  expect_same(rows, rows, 6, {});
}

TEST(MaskedDistances, LeaveOutWhatIsMissingAndScaleUp) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  on_every_target([&] {
    // Against scikit-learn's documentation of nan_euclidean_distances: [3, na, na, 6] and [1, na, 4, 5] are
    // sqrt(4/2 · ((3 − 1)² + (6 − 5)²)) apart.
    const std::vector<double> rows{1, none, 4, 5, none, none, none, 2, none, 1, 1, none}, query{3, none, none, 6};
    const auto panels = masked_panels(rows, 3, 4);
    std::vector<double> out(64);
    masked_distances(panels, 4, query, out);
    EXPECT_EQ(out[0], 10);
    EXPECT_EQ(out[1], 64);  // only the last: 4 · 16
    EXPECT_EQ(out[2], std::numeric_limits<double>::infinity());
    EXPECT_EQ(out[3], std::numeric_limits<double>::infinity()) << "behind the last row";
  });
}

}  // namespace
}  // namespace leaven::kernels
