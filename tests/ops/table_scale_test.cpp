// Scales and their way back, bounds for what lies far, and the other steps on cells of a table.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "core/error.hpp"
#include "ops/table/power.hpp"
#include "tests/ops/table_blocks.hpp"

namespace leaven::ops {
namespace {

using Type = Column::Type;

const Numbers kTrain{1, 2, 3, 4, 10};

Numbers scaled(const char* method, const Numbers& train, Numbers cells, bool back = false, bool clip = false) {
  const OpValue op = make_op("table_scale", {{"method", method}, {"places", std::int64_t{15}}, {"clip", clip}});
  const Fitted fitted = fit(op, {block_of({column("a", Type::decimal, train, 15)})});
  Block block = block_of({column("a", Type::decimal, std::move(cells), 15)});
  apply(op, block, fitted, row_keys(block.rows), {}, back);
  return block.columns[0].number;
}

void expect_near(const Numbers& found, const Numbers& expected, double within = 1e-9) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], within) << i;
}

// Mean 4, std √10, median 3, quartiles 2 and 4 of 1, 2, 3, 4, 10; as StandardScaler, MinMaxScaler, MaxAbsScaler and
// RobustScaler of scikit-learn 1.7 give them.
TEST(TableScale, Case25EqualsTheFormulas) {
  const double root = std::sqrt(10.0);
  expect_near(scaled("z_score", kTrain, kTrain), {-3 / root, -2 / root, -1 / root, 0, 6 / root});
  expect_near(scaled("min_max", kTrain, kTrain), {0, 1.0 / 9, 2.0 / 9, 3.0 / 9, 1});
  expect_near(scaled("max_abs", kTrain, kTrain), {0.1, 0.2, 0.3, 0.4, 1});
  expect_near(scaled("robust", kTrain, kTrain), {-1, -0.5, 0, 0.5, 3.5});
  expect_near(scaled("quantile", kTrain, kTrain), {0, 0.25, 0.5, 0.75, 1});
  expect_near(scaled("log", kTrain, {-1, 0, std::exp(1.0) - 1}), {-std::log(2.0), 0, 1}, 1e-14);
}

TEST(TableScale, Case14ConstantColumnsInfinityMissingOneRowAndUnseen) {
  constexpr double inf = kInfinity;
  for (const char* method : {"z_score", "min_max", "robust", "max_abs", "quantile", "yeo_johnson"}) {
    expect_near(scaled(method, {7, 7, 7}, {7, 7}), {0, 0});
    expect_near(scaled(method, {7, 7, 7}, {0, 0}, true), {7, 7});
    expect_near(scaled(method, {5}, {5}), {0});
    const OpValue op = make_op("table_scale", {{"method", method}});
    const Fitted fitted = fit(op, {block_of({column("a", Type::decimal, {1, 2, inf, kMissing, -inf, 3})})});
    Block block = block_of({column("a", Type::decimal, {inf, kMissing, 2, -inf})});
    apply(op, block, fitted, row_keys(4));
    EXPECT_EQ(block.columns[0].number[0], inf) << method;
    EXPECT_EQ(block.columns[0].number[3], -inf);
    EXPECT_EQ(block.columns[0].null, (std::vector<std::uint8_t>{0, 1, 0, 0}));
    EXPECT_TRUE(std::isfinite(block.columns[0].number[2])) << method;
  }
  expect_near(scaled("min_max", {0, 10}, {-5, 20}), {-0.5, 2});
  expect_near(scaled("min_max", {0, 10}, {-5, 20}, false, true), {0, 1});
  expect_near(scaled("quantile", {0, 10}, {-5, 20}), {-0.5, 2});
  expect_near(scaled("quantile", {0, 10}, {-5, 20}, false, true), {0, 1});
}

TEST(TableScale, Case14WhatWasScaledComesBack) {
  Numbers train;
  for (std::uint64_t i = 0; i < 500; ++i) train.push_back(std::round(1e4 * draw(normal(3, 10), kKey, i)) / 1e4);
  for (const char* method : {"z_score", "min_max", "robust", "max_abs", "quantile", "yeo_johnson", "log"}) {
    const Numbers cells(train.begin(), train.begin() + 50);
    expect_near(scaled(method, train, scaled(method, train, cells), true), cells, 1e-9);
  }
}

TEST(TableScale, Case15WholeNumbersBecomeDecimalsAndWholeAgain) {
  const OpValue op = make_op("table_scale", {{"method", "z_score"}});
  Block block = block_of({column("n", Type::integer, {10, 20, 60}), column("p", Type::decimal, {1.25, 2.5, 9}, 2)});
  const Fitted fitted = fit(op, {block});
  apply(op, block, fitted, row_keys(3));
  EXPECT_EQ(block.columns[0].type, Type::decimal);
  EXPECT_EQ(block.columns[0].places, 9);
  apply(op, block, fitted, row_keys(3), {}, true);
  EXPECT_EQ(block.columns[0].type, Type::integer);
  EXPECT_EQ(block.columns[0].number, (Numbers{10, 20, 60}));
  EXPECT_EQ(block.columns[1].places, 2);
  EXPECT_EQ(block.columns[1].number, (Numbers{1.25, 2.5, 9}));
}

TEST(TableScale, YeoJohnsonIsTheMostLikelyPower) {
  // By the definition: λ = 1 leaves all as it is, 0 and 2 are logarithms.
  for (const double x : {-3.0, -0.5, 0.0, 0.7, 12.0}) {
    EXPECT_NEAR(yeo_johnson(x, 1), x, 1e-14);
    for (const double lambda : {-2.0, 0.0, 0.5, 2.0, 3.0}) EXPECT_NEAR(yeo_johnson_back(yeo_johnson(x, lambda), lambda), x, 1e-9) << x << " " << lambda;
  }
  EXPECT_NEAR(yeo_johnson(3, 0), std::log(4.0), 1e-14);
  EXPECT_NEAR(yeo_johnson(-3, 2), -std::log(4.0), 1e-14);
  // The exponential of normal numbers, less one, is made normal by the logarithm.
  std::vector<std::pair<double, std::uint64_t>> numbers;
  for (std::uint64_t i = 0; i < 4000; ++i) numbers.emplace_back(std::exp(2 + draw(normal(0, 0.5), kKey, i)) - 1, 1);
  const PowerFit fit = fit_yeo_johnson(numbers);
  EXPECT_NEAR(fit.lambda, 0, 0.05);
  EXPECT_NEAR(fit.mean, 2, 0.2);
  // No other power is more likely, by a likelihood written down here.
  const auto likelihood = [&](double lambda) {
    double mean = 0, variance = 0, logs = 0;
    for (const auto& [x, n] : numbers) mean += yeo_johnson(x, lambda) / 4000, logs += std::log1p(x);
    for (const auto& [x, n] : numbers) variance += std::pow(yeo_johnson(x, lambda) - mean, 2) / 4000;
    return -2000 * std::log(variance) + (lambda - 1) * logs;
  };
  for (const double other : {-0.2, -0.01, 0.01, 0.2}) EXPECT_GT(likelihood(fit.lambda), likelihood(fit.lambda + other));
}

TEST(TableNoise, Case27NoiseIsInTheUnitOfTheColumn) {
  Numbers train;
  for (int i = 0; i < 1001; ++i) train.push_back(i);  // std 288.97, quartiles 250 and 750, range 1000
  for (const auto& [unit, size] : {std::pair<const char*, double>{"std", 288.9637}, {"iqr", 500}, {"range", 1000}, {"value", 40}})
    for (const double times : {1.0, 1000.0}) {
      Numbers many = train, cells(8000, 40 * times);
      for (double& v : many) v *= times;
      const OpValue op = make_op("table_noise", {{"amount", 0.1}, {"unit", unit}, {"noise", "laplace"}});
      Block block = block_of({column("a", Type::decimal, cells, 6)});
      apply(op, block, fit(op, {block_of({column("a", Type::decimal, many, 6)})}), row_keys(8000));
      double squares = 0, absolute = 0;
      for (const double v : block.columns[0].number) squares += std::pow(v - 40 * times, 2) / 8000, absolute += std::fabs(v - 40 * times) / 8000;
      EXPECT_NEAR(std::sqrt(squares) / (0.1 * size * times), 1, 0.05) << unit;
      EXPECT_NEAR(absolute / std::sqrt(squares), std::sqrt(0.5), 0.02) << "Laplace's law";
    }
}

TEST(TableOutliers, BoundsByHand) {
  const auto clipped = [](const char* method, double far, const char* action = "clip") {
    const OpValue op = make_op("table_outliers", {{"method", method}, {"far", far}, {"share", 0.25}, {"action", action}});
    Block block = block_of({column("a", Type::decimal, {1, 2, 3, 4, 10, kMissing}, 4)});
    apply(op, block, fit(op, {block}), row_keys(6));
    EXPECT_EQ(block.columns[0].null[5], 1);
    return block.columns[0];
  };
  EXPECT_EQ(clipped("iqr", 1.5).number[4], 7);                    // 4 + 1.5 · (4 − 2)
  EXPECT_NEAR(clipped("z", 1).number[4], 4 + std::sqrt(10.0), 1e-4);
  EXPECT_NEAR(clipped("modified_z", 3.5).number[4], 3 + 3.5 / 0.6745, 1e-4);  // median 3, median distance 1
  EXPECT_EQ(clipped("quantile", 0).number, (Numbers{2, 2, 3, 4, 4, 0}));
  EXPECT_EQ(clipped("iqr", 1.5, "missing").null, (std::vector<std::uint8_t>{0, 0, 0, 0, 1, 1}));
}

TEST(TableSaltPepper, TakesTheEndsOfTheColumn) {
  const OpValue op = make_op("table_salt_pepper", {{"amount", 0.5}, {"salt", 0.25}});
  Block block = block_of({column("a", Type::integer, Numbers(8000, 5))});
  apply(op, block, fit(op, {block_of({column("a", Type::integer, {-3, 5, 40})})}), row_keys(8000));
  std::map<double, double> counts;
  for (const double v : block.columns[0].number) counts[v] += 1.0 / 8000;
  EXPECT_EQ(counts.size(), 3U);
  EXPECT_NEAR(counts[40], 0.125, 0.02);
  EXPECT_NEAR(counts[-3], 0.375, 0.03);
}

TEST(TableSwap, TakesCellsOfTrainOnly) {
  const OpValue op = make_op("table_swap", {{"amount", 1.0}});
  const Fitted fitted = fit(op, {block_of({column("a", Type::integer, {1, 2, kMissing, 2}), category_column("c", {"x", "", "y", "y"})})});
  Block block = block_of({column("a", Type::integer, Numbers(3000, 9)), category_column("c", std::vector<std::string>(3000, "z"))});
  apply(op, block, fitted, row_keys(3000));
  std::map<double, double> numbers;
  std::map<std::string, double> words;
  for (std::size_t r = 0; r < 3000; ++r) numbers[block.columns[0].number[r]] += 1.0 / 3000, words[block.columns[1].text[r]] += 1.0 / 3000;
  EXPECT_EQ(numbers.size(), 2U);
  EXPECT_EQ(words.size(), 2U);
  EXPECT_NEAR(words["x"], 1.0 / 3, 0.05);
  EXPECT_NEAR(numbers[2], 2.0 / 3, 0.05);
  EXPECT_NEAR(words["y"], 2.0 / 3, 0.05);
}

TEST(TableSwap, CategoriesOfManyRowsAreWordsOfTheColumn) {
  const OpValue op = make_op("table_swap", {{"amount", 1.0}});
  std::vector<std::string> train;
  for (int i = 0; i < 9000; ++i) train.push_back(i % 3 == 0 ? "Rome" : "a town of many more letters than a short text holds");
  const Fitted fitted = fit(op, {block_of({category_column("c", train)})});
  Block block = block_of({category_column("c", std::vector<std::string>(3000, "z"))});
  apply(op, block, fitted, row_keys(3000));
  EXPECT_NEAR(static_cast<double>(std::ranges::count(block.columns[0].text, "Rome")), 1000, 90);
  EXPECT_EQ(std::ranges::count(block.columns[0].text, "Rome") + std::ranges::count(block.columns[0].text, train[1]), 3000);
}

TEST(TableCategoryFlip, DrawsOthersByHowOftenTheyAre) {
  const OpValue op = make_op("table_category_flip", {{"amount", 1.0}});
  const Fitted fitted = fit(op, {block_of({category_column("c", {"a", "a", "a", "b", "c", "c", ""})})});
  Block block = block_of({category_column("c", std::vector<std::string>(4000, "a"))});
  apply(op, block, fitted, row_keys(4000));
  const auto b = std::ranges::count(block.columns[0].text, "b"), c = std::ranges::count(block.columns[0].text, "c");
  EXPECT_EQ(b + c, 4000);
  EXPECT_NEAR(static_cast<double>(c) / 4000, 2.0 / 3, 0.04);
}

TEST(TableCategoryFlip, GoesWhereItIsTold) {
  const Fitted fitted = fit(make_op("table_category_flip", {}), {block_of({category_column("c", {"none", " mild", "severe"})})});
  const auto turned = [&](const char* to, const char* word) {
    Block block = block_of({category_column("c", std::vector<std::string>(4000, word))});
    apply(make_op("table_category_flip", {{"amount", 0.5}, {"to", to}}), block, fitted, row_keys(4000));
    std::map<std::string, double> counts;
    for (const std::string& one : block.columns[0].text) counts[one] += 1.0 / 4000;
    return counts;
  };
  const auto severe = turned("mild = severe; severe = mild*3, none", "severe");
  EXPECT_NEAR(severe.at("severe"), 0.5, 0.04);
  EXPECT_NEAR(severe.at(" mild"), 0.375, 0.04) << "spelt as the column spells it";
  EXPECT_NEAR(severe.at("none"), 0.125, 0.03);
  EXPECT_EQ(turned("mild = severe", "none").size(), 1U) << "what is not told stays";
  EXPECT_NEAR(turned("mild = severe", " mild").at("severe"), 0.5, 0.04);
  for (const char* wrong : {"mild", "mild = ", "mild = severe*x", "= severe", "wild = severe"}) EXPECT_THROW(turned(wrong, "none"), Error) << wrong;
}

TEST(TableTypo, MakesOneMistakeAndKeepsLettersWhole) {
  const OpValue op = make_op("table_typo", {{"amount", 1.0}});
  Block block = block_of({category_column("c", std::vector<std::string>(300, "Müll"))});
  apply(op, block, {}, row_keys(300));
  const std::set<std::string> found(block.columns[0].text.begin(), block.columns[0].text.end());
  EXPECT_EQ(found, (std::set<std::string>{"üll", "Mll", "Mül", "MMüll", "Müüll", "Mülll", "üMll", "Mlül", "Müll"}));
}

TEST(TableFill, CategoriesTakeTheMostFrequentWordOrTheOneTold) {
  Block block = block_of({category_column("c", {"b", "a", "", "b", "a", "b"}), column("n", Type::integer, {1, 1, kMissing, 2, 2, 1})});
  const OpValue mode = make_op("table_fill", {{"with", "mode"}});
  Block filled = block;
  apply(mode, filled, fit(mode, {block}), row_keys(6));
  EXPECT_EQ(filled.columns[0].text[2], "b");
  EXPECT_EQ(filled.columns[1].number[2], 1);
  filled = block;
  apply(make_op("table_fill", {{"with", "constant"}, {"word", "none"}}), filled, {}, row_keys(6));
  EXPECT_EQ(filled.columns[0].text[2], "none");
  filled = block;
  const OpValue mean = make_op("table_fill", {{"with", "mean"}});
  apply(mean, filled, fit(mean, {block}), row_keys(6));
  EXPECT_EQ(filled.columns[0].null[2], 1);
}

TEST(TableMissing, MechanismsAndShares) {
  Numbers rising;
  for (int i = 0; i < 4000; ++i) rising.push_back(i);
  const auto gone = [&](const char* mechanism, const char* by) {
    const OpValue op = make_op("table_missing", {{"amount", 0.2}, {"mechanism", mechanism}, {"by", by}});
    Block block = block_of({column("a", Type::integer, rising), column("b", Type::integer, Numbers(4000, 1))});
    apply(op, block, fit(op, {block}), row_keys(4000));
    std::array<double, 4> shares{};  // of a and b, in the lower and the upper half of a
    for (std::size_t r = 0; r < 4000; ++r)
      for (std::size_t c = 0; c < 2; ++c) shares[2 * c + r / 2000] += block.columns[c].null[r] / 2000.0;
    return shares;
  };
  for (const double share : gone("mcar", "")) EXPECT_NEAR(share, 0.2, 0.04);
  const auto mnar = gone("mnar", "");
  EXPECT_NEAR(mnar[0], 0.1, 0.03);
  EXPECT_NEAR(mnar[1], 0.3, 0.04);
  const auto mar = gone("mar", "a");
  EXPECT_EQ(mar[0] + mar[1], 0) << "the column that decides stays";
  EXPECT_NEAR(mar[2], 0.1, 0.03);
  EXPECT_NEAR(mar[3], 0.3, 0.04);
  EXPECT_THROW(gone("mar", "nobody"), Error);
}

TEST(TableRotate, TurnsTwoColumnsInDeviations) {
  const OpValue op = make_op("table_rotate", {{"degrees", 90.0}});
  Block block = block_of({column("x", Type::decimal, {1, -1, 0, 0}, 9), column("y", Type::decimal, {10, 10, 30, -10}, 9)});
  const Fitted fitted = fit(op, {block});  // means 0 and 10, deviations √½ and √200
  apply(op, block, fitted, row_keys(4));
  const double ratio = std::sqrt(200.0) / std::sqrt(0.5);
  expect_near(block.columns[0].number, {0, 0, -20 / ratio, 20 / ratio}, 1e-8);
  expect_near(block.columns[1].number, {10 + ratio, 10 - ratio, 10, 10}, 1e-8);
}

// The example of scikit-learn's KNNImputer page: [[1, 2, nan], [3, 4, 3], [nan, 6, 5], [8, 8, 7]] with two neighbours
// becomes [[1, 2, 4], [3, 4, 3], [5.5, 6, 5], [8, 8, 7]].
TEST(TableImpute, Case16EqualsTheMeanOfTheNearest) {
  const OpValue op = make_op("table_impute", {{"k", std::int64_t{2}}, {"scale", false}});
  Block block = block_of({column("a", Type::decimal, {1, 3, kMissing, 8}, 2), column("b", Type::decimal, {2, 4, 6, 8}, 2),
                          column("c", Type::decimal, {kMissing, 3, 5, 7}, 2)});
  const Fitted fitted = fit(op, {block});
  Block whole = block;
  apply(op, whole, fitted, row_keys(4));
  EXPECT_EQ(whole.columns[0].number, (Numbers{1, 3, 5.5, 8}));
  EXPECT_EQ(whole.columns[2].number, (Numbers{4, 3, 5, 7}));
  EXPECT_EQ(whole.columns[0].null, (std::vector<std::uint8_t>{0, 0, 0, 0}));
  // Case 29: one row served alone gets the same.
  Block one = block_of({column("a", Type::decimal, {kMissing}, 2), column("b", Type::decimal, {6}, 2), column("c", Type::decimal, {5}, 2)});
  apply(op, one, fitted, row_keys(1));
  EXPECT_EQ(one.columns[0].number[0], 5.5);
  try {
    fit(op, {block_of({column("empty", Type::decimal, {kMissing, kMissing})})});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("column empty holds no number"), std::string::npos);
  }
}

}  // namespace
}  // namespace leaven::ops
