// Matrices, marginals and correlations against closed forms.
#include "learn/generate/copula.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>

#include "core/exact_math.hpp"
#include "learn/generate/symmetric.hpp"

namespace leaven::learn {
namespace {

constexpr std::size_t kRows = 20'000;
const Key kKey{5, 6};

double gauss(std::uint64_t i) { return exact::normal_quantile((random_block(kKey, i)[0] + 0.5) / 4294967296.0); }

std::vector<std::uint32_t> all_rows(std::size_t n) {
  std::vector<std::uint32_t> rows(n);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

TableData drawn(const Copula& copula, const TableData& like, std::size_t rows) {
  Copula ready = copula;
  ready.prepare();
  TableData made = like.shape();
  made.resize(rows);
  for (std::size_t r = 0; r < rows; ++r) ready.draw(Key{1, 2}, r * 8, made, r);
  return made;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double n = 0, sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!std::isnan(a[i]) && !std::isnan(b[i])) n += 1, sa += a[i], sb += b[i], saa += a[i] * a[i], sbb += b[i] * b[i], sab += a[i] * b[i];
  return (n * sab - sa * sb) / std::sqrt((n * saa - sa * sa) * (n * sbb - sb * sb));
}

TEST(Symmetric, EigenvaluesOfAMatrixWorkedByHand) {
  // [[2, 1], [1, 2]]: 1 and 3.
  const Eigen e = eigen_of({2, 1, 1, 2}, 2);
  EXPECT_NEAR(e.values[0], 1, 1e-12);
  EXPECT_NEAR(e.values[1], 3, 1e-12);
  EXPECT_NEAR(std::fabs(e.vectors[2]), std::sqrt(0.5), 1e-12);
}

TEST(Symmetric, RootsAndFactorsMultiplyBack) {
  const std::vector<double> m{4, 2, 0.6, 2, 3, 0.5, 0.6, 0.5, 2};
  const std::vector<double> root = root_of(m, 3), lower = cholesky(m, 3);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) {
      double squared = 0, product = 0;
      for (std::size_t k = 0; k < 3; ++k) squared += root[i * 3 + k] * root[k * 3 + j], product += lower[i * 3 + k] * lower[j * 3 + k];
      EXPECT_NEAR(squared, m[i * 3 + j], 1e-12);
      EXPECT_NEAR(product, m[i * 3 + j], 1e-12);
    }
}

TEST(Symmetric, WhatIsNoCorrelationMatrixBecomesOne) {
  const std::vector<double> m = as_correlation({1, 0.9, -0.9, 0.9, 1, 0.9, -0.9, 0.9, 1}, 3, 1e-3);
  EXPECT_DOUBLE_EQ(m[0], 1);
  EXPECT_GT(eigen_of(m, 3).values.front(), 0);
}

// Two halves cut at 0: their scores correlate by (2/π)·asin ρ (Sheppard 1899).
TEST(Marginal, TheLatentCorrelationOfTwoHalves) {
  const std::array<std::uint64_t, 2> counts{500, 500};
  const Scores halves = scores_of(marginal_of_counts(counts));
  EXPECT_NEAR(halves.of_step[1], 1, 1e-12);
  EXPECT_NEAR(halves.hermite[0], std::sqrt(2 / std::numbers::pi), 1e-12);
  for (const double rho : {-0.7, -0.2, 0.3, 0.6}) EXPECT_NEAR(latent_correlation(2 / std::numbers::pi * std::asin(rho), halves.hermite, halves.hermite), rho, 0.005) << rho;
}

TEST(Marginal, FewValuesComeBackAsOftenAsTheyWere) {
  std::vector<double> numbers(700, 0.0);
  numbers.insert(numbers.end(), 200, 5.0);
  numbers.insert(numbers.end(), 100, 9.0);
  const Marginal m = marginal_of(numbers);
  ASSERT_TRUE(m.steps);
  EXPECT_EQ(m.at(exact::normal_quantile(0.69)), 0);
  EXPECT_EQ(m.at(exact::normal_quantile(0.71)), 5);
  EXPECT_EQ(m.at(exact::normal_quantile(0.91)), 9);
  EXPECT_EQ(m.at(-9), 0);
  EXPECT_EQ(m.at(9), 9);
}

TEST(Marginal, ManyValuesAreQuantiles) {
  std::vector<double> numbers;
  for (int i = 0; i < 10'000; ++i) numbers.push_back(i / 100.0);
  const Marginal m = marginal_of(numbers);
  ASSERT_FALSE(m.steps);
  for (const double p : {0.01, 0.25, 0.5, 0.9}) EXPECT_NEAR(m.at(exact::normal_quantile(p)), 100 * p, 0.05);
  EXPECT_EQ(m.at(-9), 0);
  EXPECT_NEAR(m.at(9), 99.99, 1e-9);
}

TEST(Marginal, OfALoneColumnNoRowIsKeptButWhatManyHave) {
  std::vector<double> numbers(40, 9.99);
  for (std::uint64_t i = 0; i < 200; ++i) numbers.push_back(std::exp(3 + gauss(i)));
  const Marginal m = marginal_of_lone(numbers);
  EXPECT_LE(m.values.size(), 240U / 8 + 4);
  int frequent = 0, below = 0;
  for (int i = 0; i < 4000; ++i) {
    const double v = m.at(exact::normal_quantile((i + 0.5) / 4000));
    frequent += v == 9.99 ? 1 : 0;
    below += v < std::exp(3) ? 1 : 0;
  }
  EXPECT_NEAR(frequent / 4000.0, 40.0 / 240, 0.01);
  EXPECT_NEAR(below / 4000.0, static_cast<double>(std::ranges::count_if(numbers, [](double v) { return v < std::exp(3); })) / 240, 0.03);
  EXPECT_EQ(m.at(9), *std::ranges::max_element(numbers));
}

TEST(Marginal, BetweenFrequentNumbersOfALoneColumnLiesNothing) {
  std::vector<double> numbers(100, 1.0);
  numbers.insert(numbers.end(), 200, 2.0);
  numbers.insert(numbers.end(), 100, 12.0);
  const Marginal m = marginal_of_lone(numbers);
  std::map<double, int> seen;
  for (int i = 0; i < 4000; ++i) ++seen[m.at(exact::normal_quantile((i + 0.5) / 4000))];
  EXPECT_EQ(seen, (std::map<double, int>{{1, 1000}, {2, 2000}, {12, 1000}}));
  EXPECT_EQ(marginal_of_lone({5, 5, 5}).values, std::vector<double>{5});
}

TEST(Copula, OfOneColumnHasFewQuantilesOfFewRows) {
  TableData data;
  data.columns.push_back({.name = "x", .kind = ColumnKind::decimal, .role = TableColumn::Role::number, .places = 3});
  data.columns.push_back({.name = "w", .kind = ColumnKind::category, .role = TableColumn::Role::word, .target = true, .dictionary = {"a"}});
  data.resize(240);
  for (std::size_t r = 0; r < 240; ++r) data.columns[0].numbers[r] = std::exp(gauss(r));
  const auto rows = all_rows(240);
  const auto knots = [&] { return Copula(data, rows, word_orders(data, rows), {}).latents.front().marginal.values.size(); };
  EXPECT_LE(knots(), 31U);
  data.columns[1].target = false;  // now it is a cell like others
  data.columns[1].dictionary = {"a", "b"};
  for (std::size_t r = 0; r < 240; ++r) data.columns[1].words[r] = static_cast<std::int32_t>(r % 2);
  EXPECT_EQ(knots(), 240U);
}

TEST(Copula, KeepsCorrelationsOfMixedColumns) {
  TableData data;
  data.columns.push_back({.name = "x", .kind = ColumnKind::decimal, .role = TableColumn::Role::number, .places = 3});
  data.columns.push_back({.name = "y", .kind = ColumnKind::integer, .role = TableColumn::Role::number});
  data.columns.push_back({.name = "w", .kind = ColumnKind::category, .role = TableColumn::Role::word, .dictionary = {"few", "many", "none"}});
  data.resize(kRows);
  for (std::size_t r = 0; r < kRows; ++r) {
    const double a = gauss(3 * r), b = 0.8 * a + 0.6 * gauss(3 * r + 1), c = -0.6 * a + 0.8 * gauss(3 * r + 2);
    data.columns[0].numbers[r] = std::nearbyint(std::exp(a) * 1000) / 1000;
    data.columns[1].numbers[r] = r % 10 == 0 ? NAN : std::floor(2 * b);  // one in ten is missing
    data.columns[2].words[r] = c < -0.5 ? 2 : c < 0.7 ? 0 : 1;           // none < few < many
  }
  const auto rows = all_rows(kRows);
  const TableData made = drawn(Copula(data, rows, word_orders(data, rows), {}), data, kRows);
  const auto as_number = [](const TableData& t) {
    std::vector<double> numbers;
    for (const std::int32_t w : t.columns[2].words) numbers.push_back(w == 2 ? 0 : w == 0 ? 1 : 2);
    return numbers;
  };
  const auto log_x = [](const TableData& t) {
    std::vector<double> numbers;
    for (const double v : t.columns[0].numbers) numbers.push_back(std::log(v + 1e-3));
    return numbers;
  };
  EXPECT_NEAR(correlation(log_x(made), made.columns[1].numbers), correlation(log_x(data), data.columns[1].numbers), 0.03);
  EXPECT_NEAR(correlation(log_x(made), as_number(made)), correlation(log_x(data), as_number(data)), 0.03);
  EXPECT_NEAR(correlation(made.columns[1].numbers, as_number(made)), correlation(data.columns[1].numbers, as_number(data)), 0.03);
  const auto missing = std::ranges::count_if(made.columns[1].numbers, [](double v) { return std::isnan(v); });
  EXPECT_NEAR(static_cast<double>(missing) / kRows, 0.1, 0.01);
}

TEST(Copula, AColumnThatNeverChangesStaysAsItIs) {
  TableData data;
  data.columns.push_back({.name = "c", .role = TableColumn::Role::number});
  data.columns.push_back({.name = "gone", .role = TableColumn::Role::number});
  data.columns.push_back({.name = "w", .role = TableColumn::Role::word, .dictionary = {"a"}});
  data.resize(50);
  for (std::size_t r = 0; r < 50; ++r) data.columns[0].numbers[r] = 7, data.columns[1].numbers[r] = NAN;
  const auto rows = all_rows(50);
  const TableData made = drawn(Copula(data, rows, word_orders(data, rows), {}), data, 5);
  EXPECT_EQ(made.columns[0].numbers, std::vector<double>(5, 7));
  EXPECT_TRUE(std::isnan(made.columns[1].numbers[4]));
  EXPECT_EQ(made.columns[2].words, std::vector<std::int32_t>(5, 0));
}

}  // namespace
}  // namespace leaven::learn
