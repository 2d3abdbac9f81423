// Ops that mend tables: iterative imputation, outliers, the isolation forest, spellings.
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "tests/ops/table_blocks.hpp"

namespace leaven::ops {
namespace {

using Type = Column::Type;

double unit(std::uint64_t i) { return draw_unit(Key{3, 4}, i); }

// y = 2x + 1 and z = x − y hold in every row, so whatever is missing follows from the rest.
TEST(TableImpute, Case16RegressionsFindWhatFollowsFromTheRest) {
  const OpValue op = make_op("table_impute", {{"with", std::string("regressions")}});
  Numbers x, y, z;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const double v = 10 * unit(i);
    x.push_back(i % 7 == 0 ? kMissing : v);
    y.push_back(i % 11 == 3 ? kMissing : 2 * v + 1);
    z.push_back(i % 13 == 5 ? kMissing : v - (2 * v + 1));
  }
  const std::vector<Block> train{block_of({column("x", Type::decimal, x, 6), column("y", Type::decimal, y, 6), column("z", Type::decimal, z, 6)})};
  const Fitted fitted = fit(op, train);
  Block block = train[0];
  apply(op, block, fitted, row_keys(300));
  for (std::size_t i = 0; i < 300; ++i) {
    const double v = 10 * unit(i);
    EXPECT_NEAR(block.columns[0].number[i], v, 1e-3) << i;
    EXPECT_NEAR(block.columns[1].number[i], 2 * v + 1, 2e-3) << i;
    EXPECT_EQ(block.columns[0].null[i], 0);
  }
  // Case 29: a row alone gets what it got among others; one with nothing at all gets the means.
  Block one = block_of({column("x", Type::decimal, {kMissing, kMissing}, 6), column("y", Type::decimal, {y[0], kMissing}, 6), column("z", Type::decimal, {z[0], kMissing}, 6)});
  apply(op, one, fitted, row_keys(2));
  EXPECT_EQ(one.columns[0].number[0], block.columns[0].number[0]);
  double sum = 0, count = 0;
  for (const double v : x)
    if (!std::isnan(v)) sum += v, count += 1;
  EXPECT_NEAR(one.columns[0].number[1], sum / count, 0.2) << "x, y and z together lie at their means, up to the rows that lack one";
}

TEST(TableImpute, RegressionsTellNoiseFromSignal) {
  // Of two columns that know nothing of each other, each is predicted as its mean.
  const OpValue op = make_op("table_impute", {{"with", std::string("regressions")}});
  Numbers a, b;
  for (std::uint64_t i = 0; i < 4000; ++i) a.push_back(unit(2 * i)), b.push_back(i % 2 == 0 ? kMissing : unit(2 * i + 1));
  const Fitted fitted = fit(op, {block_of({column("a", Type::decimal, a, 6), column("b", Type::decimal, b, 6)})});
  Block ends = block_of({column("a", Type::decimal, {0, 1}, 6), column("b", Type::decimal, {kMissing, kMissing}, 6)});
  apply(op, ends, fitted, row_keys(2));
  EXPECT_NEAR(ends.columns[1].number[0], 0.5, 0.05);
  EXPECT_NEAR(ends.columns[1].number[1], 0.5, 0.05);
}

TEST(TableIsolation, PathLengthsByHandAndTheFarRowFirst) {
  // One column of 0 … 3 and one tree: every cut parts the row 100 first with chance 97/100.
  Numbers x{0, 1, 2, 3, 100};
  const OpValue op = make_op("table_isolation", {{"share", 0.2}, {"trees", std::int64_t{200}}, {"sample", std::int64_t{5}}});
  const Fitted fitted = fit(op, {block_of({column("x", Type::decimal, x, 1)})});
  Block block = block_of({column("x", Type::decimal, {0, 1, 2, 3, 100, kMissing, 200, -150}, 1)});
  apply(op, block, fitted, row_keys(8));
  ASSERT_EQ(left_out.size(), 8U);
  for (const std::size_t stays : {0, 1, 2, 3, 5}) EXPECT_EQ(left_out[stays], "") << stays;
  EXPECT_NE(left_out[4], "");
  EXPECT_NE(left_out[6], "") << "beyond the farthest of train";
  // A leaf of 5 equal rows stands for c(5) = 2(ln 4 + γ) − 2·4/5.
  const Fitted flat = fit(op, {block_of({column("x", Type::decimal, {7, 7, 7, 7, 7}, 1)})});
  EXPECT_EQ(flat.at("tree 1")[0], -1);
  EXPECT_NEAR(flat.at("tree 1")[1], 2 * (std::log(4.0) + 0.5772156649) - 1.6, 1e-9);
  Block same = block_of({column("x", Type::decimal, {7, 7}, 1)});
  apply(op, same, flat, row_keys(2));
  EXPECT_EQ(left_out, (std::vector<std::string>(2))) << "none of them lies below the limit";
}

TEST(TableIsolation, FindsRowsThatNoColumnAloneTells) {
  // Along the diagonal, but for ten rows far from it.
  Numbers x, y, label;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const double t = unit(2 * i);
    x.push_back(t);
    y.push_back(i % 100 == 7 ? (t < 0.5 ? t + 0.5 : t - 0.5) : t + 0.02 * unit(2 * i + 1));
  }
  const OpValue op = make_op("table_isolation", {{"share", 0.1}, {"trees", std::int64_t{300}}});
  const std::vector<Block> train{block_of({column("x", Type::decimal, x, 6), column("y", Type::decimal, y, 6)})};
  Block block = train[0];
  apply(op, block, fit(op, train), row_keys(1000));
  int found = 0, all = 0;
  for (std::size_t i = 0; i < 1000; ++i) {
    all += left_out[i].empty() ? 0 : 1;
    found += i % 100 == 7 && !left_out[i].empty() ? 1 : 0;
  }
  EXPECT_LE(all, 100);
  EXPECT_GE(found, 5) << "a tenth of the rows would hold one of them by chance";
}

TEST(TableSpelling, MergesByRuleAndKeepsTheMostFrequent) {
  const OpValue op = make_op("table_spelling", {{"same", std::string("NYC = New York; N.Y. = New York")}});
  const Fitted fitted = fit(op, {block_of({category_column("city", {"Rome", "rome", "Rome", " ROME", "New  York", "New York", "New York", "Paris", "paris", ""})})});
  Block block = block_of({category_column("city", {"ROME", "rome ", "nyc", "n.y.", "new york", "PARIS", "Oslo", "NewYork", ""})});
  apply(op, block, fitted, row_keys(9));
  EXPECT_EQ(block.columns[0].text, (std::vector<std::string>{"Rome", "Rome", "New York", "New York", "New York", "Paris", "Oslo", "NewYork", ""}));
  EXPECT_EQ(block.columns[0].null[8], 1) << "missing stays missing";
  const OpValue marks = make_op("table_spelling", {{"marks", true}});
  Block marked = block_of({category_column("code", {"a-b", "A_B", "a b", "ab"})});
  const Fitted words = fit(marks, {block_of({category_column("code", {"A-B", "A-B", "ab"})})});
  apply(marks, marked, words, row_keys(4));
  EXPECT_EQ(marked.columns[0].text, (std::vector<std::string>(4, "A-B")));
  const OpValue broken = make_op("table_spelling", {{"same", std::string("NYC New York")}});
  EXPECT_THROW(apply(broken, block, fitted, row_keys(9)), Error);
}

}  // namespace
}  // namespace leaven::ops
