// table_jitter and table_fill, and the summaries they are fitted with.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "ops/table/summary.hpp"
#include "tests/ops/op_run.hpp"
#include "tests/ops/table_blocks.hpp"

namespace leaven::ops {
namespace {

TEST(TableJitter, InsideLeavesNoRangeAndNoUsualNumber) {
  // 7 of 10 gains are 0: they stay; others stay within what train has.
  Numbers gains;
  for (int i = 0; i < 20000; ++i) gains.push_back(i % 10 < 7 ? 0 : 100 + i % 900);
  Block block = block_of({column("gain", Column::Type::integer, gains), column("age", Column::Type::integer, Numbers(20000, 17)), column("gone", Column::Type::integer, Numbers(20000, kMissing))});
  block.columns[1].number[0] = 90, block.columns[1].number[1] = 30;
  const OpValue op = make_op("table_jitter", {{"sigma", 0.5}, {"inside", true}});
  const Fitted fitted = fit(op, {block});
  EXPECT_EQ(fitted.at("habits of gain"), (FittedValues{0, 999, 0}));
  EXPECT_FALSE(fitted.contains("habits of gone"));
  for (std::size_t i = 2; i < 20000; ++i) block.columns[1].number[i] = 17 + static_cast<double>(i % 74);
  const Fitted ages = fit(op, {block});
  EXPECT_EQ(ages.at("habits of age"), (FittedValues{17, 90}));
  const Block before = block;
  apply(op, block, ages, row_keys(20000));
  std::size_t moved = 0;
  for (std::size_t i = 0; i < 20000; ++i) {
    const double gain = block.columns[0].number[i], was = before.columns[0].number[i];
    EXPECT_TRUE(was != 0 || block.columns[0].changed[i] == 0) << i;
    EXPECT_TRUE(was == 0 ? gain == 0 : gain >= 0 && gain <= 999) << i;
    EXPECT_TRUE(block.columns[1].number[i] >= 17 && block.columns[1].number[i] <= 90) << i;
    moved += gain != was ? 1 : 0;
  }
  EXPECT_GT(moved, 5500U);
}

TEST(TableJitter, FitsTheDeviationOfEachColumn) {
  const OpValue op = make_op("table_jitter");
  const Column a = column("a", Column::Type::decimal, {1, 2, 3, 4, kMissing}),
               b = column("b", Column::Type::integer, {7, 7, 7, 7, 7});
  const Fitted fitted = fit(op, {block_of({a, b, text_column("t", 5)})});
  ASSERT_EQ(fitted.size(), 2U);
  EXPECT_NEAR(fitted.at("std of a")[0], std::sqrt(1.25), 1e-15);
  EXPECT_EQ(fitted.at("std of b")[0], 0);
}

TEST(TableJitter, BlocksMakeNoDifferenceToTheFit) {
  Numbers numbers;
  for (int i = 0; i < 1000; ++i) numbers.push_back(1e6 + draw_unit(kKey, static_cast<std::uint64_t>(i)));
  const OpValue op = make_op("table_jitter");
  const Fitted whole = fit(op, {block_of({column("a", Column::Type::decimal, numbers)})});
  std::vector<Block> parts;
  for (std::size_t i = 0; i < 1000; i += 125)
    parts.push_back(block_of(
        {column("a", Column::Type::decimal,
                Numbers(numbers.begin() + static_cast<long>(i), numbers.begin() + static_cast<long>(i) + 125))}));
  EXPECT_NEAR(fit(op, parts).at("std of a")[0], whole.at("std of a")[0], 1e-9);
}

TEST(TableJitter, NoiseHasTheLawAndTheUnit) {
  constexpr std::size_t kRows = 20000;
  for (const char* noise : {"gaussian", "uniform"}) {
    const OpValue op = make_op("table_jitter", {{"sigma", 0.1}, {"noise", noise}});
    Block block = block_of({column("a", Column::Type::decimal, Numbers(kRows, 50), 12)});
    apply(op, block, {{"std of a", {20}}}, row_keys(kRows));
    double mean = 0, square = 0, widest = 0;
    for (const double v : block.columns[0].number)
      mean += (v - 50) / kRows, square += (v - 50) * (v - 50) / kRows, widest = std::max(widest, std::fabs(v - 50));
    EXPECT_NEAR(mean, 0, 4.5 * 2 / std::sqrt(kRows)) << noise;
    EXPECT_NEAR(std::sqrt(square), 2, 4.5 * 2 / std::sqrt(2.0 * kRows)) << noise;
    if (std::string(noise) == "uniform")
      EXPECT_LE(widest, 2 * std::sqrt(3.0));
    else
      EXPECT_GT(widest, 6) << "three deviations are exceeded somewhere in 20,000 rows";
  }
}

TEST(TableJitter, KeepsWholeNumbersDecimalsMissingCellsAndText) {
  Block block = block_of({column("n", Column::Type::integer, {10, kMissing, 30}),
                          column("d", Column::Type::decimal, {1.25, 2.5, kMissing}, 2), text_column("t", 3)});
  const Block before = block;
  apply(make_op("table_jitter", {{"sigma", 1.0}}), block, {{"std of n", {8}}, {"std of d", {3}}}, row_keys(3));
  EXPECT_NE(block.columns[0].number[0], 10);
  EXPECT_EQ(block.columns[0].number[0], std::round(block.columns[0].number[0]));
  EXPECT_EQ(block.columns[1].number[0], std::round(block.columns[1].number[0] * 100) / 100);
  EXPECT_EQ(block.columns[0].null, before.columns[0].null);
  EXPECT_EQ(block.columns[0].changed, (std::vector<std::uint8_t>{1, 0, 1}));
  EXPECT_EQ(block.columns[1].changed, (std::vector<std::uint8_t>{1, 1, 0}));
  EXPECT_EQ(block.columns[2].text, before.columns[2].text);
  EXPECT_EQ(block.columns[2].changed, before.columns[2].changed);
}

TEST(TableJitter, ARowDependsOnItsKeyAlone) {
  const OpValue op = make_op("table_jitter", {{"sigma", 0.3}});
  const Fitted fitted{{"std of a", {5}}};
  Block whole = block_of({column("a", Column::Type::decimal, {1, 2, 3, 4}, 9)});
  apply(op, whole, fitted, row_keys(4));
  Block tail = block_of({column("a", Column::Type::decimal, {3, 4}, 9)});
  apply(op, tail, fitted, row_keys(2, 2));
  EXPECT_EQ(tail.columns[0].number[0], whole.columns[0].number[2]);
  EXPECT_EQ(tail.columns[0].number[1], whole.columns[0].number[3]);
}

TEST(TableJitter, DrawnSigmaIsAColumnOfItsOwn) {
  Block block = block_of({column("a", Column::Type::decimal, {1, 1, 1}, 9)});
  apply(make_op("table_jitter"), block, {{"std of a", {5}}}, row_keys(3), {{"sigma", {0, 0.5, 0}}});
  EXPECT_EQ(block.columns[0].number[0], 1);
  EXPECT_NE(block.columns[0].number[1], 1);
  EXPECT_EQ(block.columns[0].number[2], 1);
  EXPECT_EQ(block.columns[0].changed, (std::vector<std::uint8_t>{0, 1, 0}));
}

TEST(TableJitter, NeutralAndConstantColumnsChangeNothing) {
  Block block = block_of({column("a", Column::Type::decimal, {1, 2}), column("flat", Column::Type::decimal, {7, 7})});
  apply(make_op("table_jitter", {{"sigma", 0.0}}), block, {{"std of a", {5}}, {"std of flat", {0}}}, row_keys(2));
  EXPECT_EQ(block.columns[0].changed, (std::vector<std::uint8_t>{0, 0}));
  apply(make_op("table_jitter", {{"sigma", 0.5}}), block, {{"std of a", {5}}, {"std of flat", {0}}}, row_keys(2));
  EXPECT_EQ(block.columns[1].changed, (std::vector<std::uint8_t>{0, 0}));
}

TEST(TableFill, StatisticsByHand) {
  const Block train = block_of({column("a", Column::Type::decimal, {3, 1, 7, kMissing, 8, 1}, 1), text_column("t", 6),
                                column("none", Column::Type::decimal, Numbers(6, kMissing))});
  const Fitted fitted = fit(make_op("table_fill"), {train});
  EXPECT_EQ(fitted.size(), 3U) << "text and columns without a number have none";
  EXPECT_EQ(fitted.at("mean of a")[0], 4);
  EXPECT_EQ(fitted.at("median of a")[0], 3);
  EXPECT_EQ(fitted.at("mode of a")[0], 1);
  EXPECT_TRUE(fit(make_op("table_fill", {{"with", "constant"}}), {train}).empty());
}

TEST(TableFill, FillsMissingCellsOnly) {
  Block block = block_of({column("a", Column::Type::decimal, {4, kMissing, 9}, 1),
                          column("n", Column::Type::integer, {kMissing, 5, kMissing}), text_column("t", 3)});
  apply(make_op("table_fill", {{"with", "mean"}}), block, {{"mean of a", {6.26}}, {"mean of n", {2.5}}}, row_keys(3));
  EXPECT_EQ(block.columns[0].number, (Numbers{4, 6.3, 9}));
  EXPECT_EQ(block.columns[0].changed, (std::vector<std::uint8_t>{0, 1, 0}));
  EXPECT_EQ(block.columns[0].null, (std::vector<std::uint8_t>{0, 0, 0}));
  EXPECT_EQ(block.columns[1].number, (Numbers{2, 5, 2})) << "whole, half to even";
}

TEST(TableFill, ConstantNeedsNoFitAndUnfittedColumnsStay) {
  Block block = block_of({column("a", Column::Type::integer, {kMissing, 3})});
  apply(make_op("table_fill", {{"with", "median"}}), block, {}, row_keys(2));
  EXPECT_EQ(block.columns[0].null, (std::vector<std::uint8_t>{1, 0}));
  apply(make_op("table_fill", {{"with", "constant"}, {"value", -1.0}}), block, {}, row_keys(2));
  EXPECT_EQ(block.columns[0].number, (Numbers{-1, 3}));
}

TEST(TableFill, UseWithoutAFitIsOurMistake) {
  const BlockShape shape{{{"a", Column::Type::decimal}}};
  Site site;
  site.table = &shape;
  try {
    make_op("table_fill").lower(site);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::bug);
  }
}

TEST(Summary, MedianIsExactForFewAndCloseForMany) {
  Median few;
  for (const double v : {3.0, 1.0, 2.0, 10.0}) few.add(v);
  EXPECT_EQ(few.value(), 2.5);
  few.add(11);
  EXPECT_EQ(few.value(), 3);
  // A million numbers that rise, the worst order: 4 doublings of 1/131,072 of the ranks.
  constexpr int kMany = 1'000'000;
  Median many;
  for (int i = 0; i < kMany; ++i) many.add(i);
  EXPECT_NEAR(many.value(), kMany / 2.0, 5.0 * kMany / 131'072);
}

TEST(Summary, ModeIsTheSmallestOfSeveralAndSurvivesManyRareNumbers) {
  Mode mode;
  for (const double v : {5.0, 2.0, 5.0, 2.0, 9.0}) mode.add(v);
  EXPECT_EQ(mode.value(), 2);
  Mode crowded;
  for (int i = 0; i < 300'000; ++i) crowded.add(i % 3 == 0 ? -1 : i);
  EXPECT_EQ(crowded.value(), -1);
}

}  // namespace
}  // namespace leaven::ops
