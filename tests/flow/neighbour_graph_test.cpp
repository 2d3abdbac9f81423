// Approximate neighbours: nearly those of comparing all, the same for any threads, and never without a word.
#include "flow/balance/neighbour_graph.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/value.hpp"
#include "flow/balance/neighbourhood.hpp"
#include "tests/flow/made_table.hpp"

namespace leaven::flow {
namespace {

using kernels::kNoRow;
using kernels::Nearest;

constexpr Key kKey{3, 4};
constexpr double kNone = std::numeric_limits<double>::quiet_NaN(), kInf = std::numeric_limits<double>::infinity();

/// Points around a few middles, as rows of real tables lie; `gaps`: share of missing numbers.
struct Rows {
  std::vector<double> numbers{};
  std::vector<std::int32_t> codes{};
  kernels::NeighbourRows view{};

  Rows(std::size_t rows, std::size_t dims, std::size_t words, double gaps = 0) {
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      const std::uint64_t middle = draw_below(kKey, 9, at++);
      for (std::size_t d = 0; d < dims; ++d, at += 2)
        numbers.push_back(draw_unit(kKey, at + 1) < gaps ? kNone : 3 * draw_unit({9, middle}, d) + draw(normal(0, 0.4), kKey, at));
      for (std::size_t w = 0; w < words; ++w) codes.push_back(static_cast<std::int32_t>(draw_below(kKey, 4, at++)));
    }
    view = {numbers, codes, rows, dims, words, 0.5};
  }
};

double squared(const kernels::NeighbourRows& rows, std::size_t a, std::size_t b) {
  double sum = 0, shared = 0;
  for (std::size_t d = 0; d < rows.dims; ++d) {
    const double apart = rows.numbers[a * rows.dims + d] - rows.numbers[b * rows.dims + d];
    if (!std::isnan(apart)) sum += apart * apart, ++shared;
  }
  if (rows.dims > 0 && shared == 0) return kInf;
  if (shared > 0) sum *= static_cast<double>(rows.dims) / shared;
  for (std::size_t w = 0; w < rows.words; ++w) sum += rows.codes[a * rows.words + w] != rows.codes[b * rows.words + w] ? rows.mismatch : 0;
  return sum;
}

std::vector<Nearest> by_comparing_all(const kernels::NeighbourRows& rows, std::uint32_t q, std::size_t k) {
  std::vector<Nearest> all;
  for (std::uint32_t r = 0; r < rows.rows; ++r)
    if (const double d = squared(rows, q, r); r != q && d < kInf) all.push_back({r, d});
  std::ranges::stable_sort(all, {}, &Nearest::squared);
  all.resize(std::min(k, all.size()));
  return all;
}

std::vector<Nearest> of_all(const Rows& rows, std::size_t k, std::size_t stretch) {
  const NeighbourGraph graph(rows.view);
  std::vector<std::uint32_t> own(rows.view.rows);
  std::iota(own.begin(), own.end(), 0U);
  std::vector<Nearest> found(rows.view.rows * k);
  for (std::size_t first = 0; first < rows.view.rows; first += stretch) {
    const std::size_t last = std::min(rows.view.rows, first + stretch);
    graph.find(rows.view, first, last, k, own, std::span(found).subspan(first * k, (last - first) * k));
  }
  return found;
}

/// Share of the true neighbours that were found; those found must lie where they are said to lie.
double recall(const Rows& rows, std::size_t k) {
  const auto found = of_all(rows, k, rows.view.rows);
  double hits = 0, all = 0;
  for (std::uint32_t q = 0; q < rows.view.rows; ++q) {
    const auto expected = by_comparing_all(rows.view, q, k);
    const auto list = std::span(found).subspan(q * k, k);
    for (const Nearest& n : list) {
      if (n.row == kNoRow) continue;
      EXPECT_NE(n.row, q);
      EXPECT_NEAR(n.squared, squared(rows.view, q, n.row), 1e-9 * (1 + n.squared));
    }
    EXPECT_TRUE(std::ranges::is_sorted(list, {}, &Nearest::squared));
    for (const Nearest& n : expected) hits += std::ranges::find(list, n.row, &Nearest::row) != list.end() ? 1 : 0, all += 1;
  }
  return hits / all;
}

TEST(NeighbourGraph, FindsNearlyAllOfTheNearest) {
  EXPECT_GT(recall(Rows(3000, 20, 0), 5), 0.98);
  EXPECT_GT(recall(Rows(2000, 12, 3), 5), 0.98);
  EXPECT_GT(recall(Rows(1500, 0, 6), 5), 0.3) << "most distances are equal, and any of these rows is right";
}

TEST(NeighbourGraph, Case16MissingCellsAreLeftOutOfTheDistance) {
  EXPECT_GT(recall(Rows(1500, 10, 1, 0.1), 5), 0.9);
}

TEST(NeighbourGraph, EqualRowsDoNotTearItApart) {
  Rows rows(2000, 10, 0);
  for (std::size_t i = 0; i < 1500; ++i) std::copy_n(rows.numbers.begin(), 10, rows.numbers.begin() + static_cast<std::ptrdiff_t>(i * 10));
  rows.view.numbers = rows.numbers;
  const auto found = of_all(rows, 5, 2000);
  EXPECT_EQ(found[0].row, 1U) << "of equal ones the first, and not itself";
  EXPECT_EQ(found[5 * 700 + 4].row, 4U);
  EXPECT_EQ(found[5 * 700].squared, 0);
  EXPECT_GT(recall(rows, 5), 0.98);
}

TEST(NeighbourGraph, Case28ManyAtATimeAreThoseOfOneAtATime) {
  const Rows rows(1200, 16, 2);
  const auto once = of_all(rows, 7, 1200), bit_by_bit = of_all(rows, 7, 13);
  for (std::size_t i = 0; i < once.size(); ++i) {
    ASSERT_EQ(once[i].row, bit_by_bit[i].row);
    ASSERT_EQ(once[i].squared, bit_by_bit[i].squared);
  }
}

TEST(NeighbourGraph, FewRowsAreAllFound) {
  const Rows rows(3, 4, 0);
  const auto found = of_all(rows, 5, 3);
  EXPECT_NE(found[1].row, kNoRow);
  EXPECT_EQ(found[2].row, kNoRow);
}

RowSpace space_around(const Rows& rows) {
  RowSpace space;
  space.points = rows.numbers;
  space.codes = rows.codes;
  space.dims = rows.view.dims, space.words = rows.view.words, space.mismatch = rows.view.mismatch;
  space.mean.assign(space.dims, 0), space.unit.assign(space.dims, 1);
  return space;
}

TEST(Neighbourhood, IsApproximateOnlyAboveTheLimitOrWhenAsked) {
  RowSpace space = space_around(Rows(600, 12, 0));
  std::vector<std::uint32_t> all(600);
  std::iota(all.begin(), all.end(), 0U);
  Pool pool(2);
  const auto is_approximate = [&] { return nearest(space, all, all, 3, pool).approximate; };
  EXPECT_FALSE(is_approximate());
  space.most_compared = 600.0 * 600 * 12;
  EXPECT_FALSE(is_approximate()) << "the limit itself";
  space.most_compared -= 1;
  EXPECT_TRUE(is_approximate());
  space.search = recipe::NeighbourSearch::exact;
  EXPECT_FALSE(is_approximate());
  space.search = recipe::NeighbourSearch::approximate;
  space.most_compared = kInf;
  EXPECT_TRUE(is_approximate());
  RowSpace few = space_around(Rows(600, 8, 0));
  few.most_compared = 1;
  EXPECT_FALSE(nearest(few, all, all, 3, pool).approximate) << "boxes leave little to compare";
}

std::string clouds() {
  const Rows rows(900, 10, 0);
  std::string csv = "a,b,c,d,e,f,g,h,i,j,class\n";
  for (std::size_t r = 0; r < 900; ++r) {
    for (std::size_t d = 0; d < 10; ++d) csv += std::to_string(rows.numbers[r * 10 + d]) + ",";
    csv += r % 6 == 0 ? "rare\n" : "usual\n";
  }
  return csv;
}

TEST(Neighbourhood, Case28ApproximateNeighboursAreTheSameForAnyThreadsAndSaid) {
  TestFolder folder;
  write_text(folder / "in.csv", clouds());
  for (const char* method : {"smote", "borderline_1", "adasyn", "enn"}) {
    std::vector<std::string> made;
    for (const int threads : {1, 2, 8}) {
      const auto out = folder / (std::string(method) + std::to_string(threads));
      const JobSummary summary = make_table(folder / "in.csv", out, "balance: {method: " + std::string(method) + ", search: approximate}\n", threads);
      EXPECT_TRUE(std::ranges::any_of(summary.notes, [](const std::string& note) { return note.find("are approximate") != std::string::npos; })) << method;
      made.push_back(read_text(out / "in.csv") + read_text(out / kLineageFile));
    }
    EXPECT_EQ(made[0], made[1]) << method;
    EXPECT_EQ(made[0], made[2]) << method;
  }
  const JobSummary exact = make_table(folder / "in.csv", folder / "exact", "balance: {method: smote, search: exact}\n");
  EXPECT_TRUE(exact.notes.empty());
  EXPECT_NE(table_refusal(folder / "in.csv", folder / "no", "balance: {method: smote, search: aproximate}\n").find("did you mean approximate?"), std::string::npos);
}

}  // namespace
}  // namespace leaven::flow
