// Rows mixed with others, rows at a margin, tables behind tables, keys of other tables.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "flow/balance/svm.hpp"
#include "flow/replay.hpp"
#include "tests/flow/made_table.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

/// Three classes: x and y around a corner of their own, a colour of their own.
std::string corners(int rows) {
  std::string csv = "x,y,color,class\n";
  for (int i = 0; i < rows; ++i) {
    const int c = i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2;
    char line[80];
    std::snprintf(line, sizeof line, "%.3f,%.3f,%s,%s\n", 10 * (c == 1) + draw_unit(Key{1, 1}, 2 * static_cast<std::uint64_t>(i)),
                  10 * (c == 2) + draw_unit(Key{1, 1}, 2 * static_cast<std::uint64_t>(i) + 1), c == 0 ? "red" : c == 1 ? "green" : "blue", c == 0 ? "a" : c == 1 ? "b" : "c");
    csv += line;
  }
  return csv;
}

class MixedRows : public testing::Test {
 protected:
  void SetUp() override { write_text(folder_ / "in.csv", corners(200)); }
  Cells made(const std::string& recipe, const std::string& out) {
    make_table(folder_ / "in.csv", folder_ / out, recipe);
    return cells_of(read_text(folder_ / out / "in.csv"));
  }
  void expect_replays(const std::string& out, int first, int last) {
    for (int row = first; row < last; row += 7) {
      const FoundLineage found = find_lineage(folder_ / out / ("in.csv#" + std::to_string(row)), ops::op_table());
      EXPECT_TRUE(replay(found.record, found.recipe.source, found.out).same_digest) << row;
    }
  }
  TestFolder folder_;
};

TEST_F(MixedRows, MixupGivesSharesOfClassesThatFitTheNumbers) {
  const Cells rows = made("balance: mixup\naugment: {times: 1}\n", "out");
  ASSERT_EQ(rows.size(), 401U);
  EXPECT_EQ(rows[0], (std::vector<std::string>{"x", "y", "color", "class", "class=a", "class=b", "class=c"}));
  EXPECT_EQ((std::vector<std::string>(rows[1].begin() + 3, rows[1].end())), (std::vector<std::string>{"a", "1.0000", "0.0000", "0.0000"}));
  int soft = 0, others = 0;
  for (std::size_t i = 201; i < rows.size(); ++i) {
    const double x = std::stod(rows[i][0]), y = std::stod(rows[i][1]);
    const double a = std::stod(rows[i][4]), b = std::stod(rows[i][5]), c = std::stod(rows[i][6]);
    EXPECT_NEAR(a + b + c, 1, 2e-4);
    // Corners lie at x 10·b and y 10·c, each row within one of its corner.
    EXPECT_GE(x, 10 * b - 0.01);
    EXPECT_LE(x, 10 * b + 1.01);
    EXPECT_GE(y, 10 * c - 0.01);
    EXPECT_LE(y, 10 * c + 1.01);
    EXPECT_GE(std::stod(rows[i][4 + static_cast<std::size_t>(rows[i][3][0] - 'a')]), 0.5) << "the class is that of the larger share";
    soft += std::max({a, b, c}) < 0.999 ? 1 : 0;
    others += (rows[i][2] == "red") != (rows[i][3] == "a") ? 1 : 0;
  }
  EXPECT_GT(soft, 60);
  EXPECT_GT(others, 10) << "words are the partner's now and then";
  expect_replays("out", 200, 400);
}

TEST_F(MixedRows, CutmixTakesWholeCellsAndCountsThem) {
  const Cells rows = made("balance: cutmix\naugment: {times: 1}\n", "out");
  ASSERT_EQ(rows.size(), 401U);
  std::set<std::string> xs, ys;
  for (std::size_t i = 1; i <= 200; ++i) xs.insert(rows[i][0]), ys.insert(rows[i][1]);
  int taken = 0;
  for (std::size_t i = 201; i < rows.size(); ++i) {
    EXPECT_TRUE(xs.contains(rows[i][0]) && ys.contains(rows[i][1])) << "cells are not mixed";
    double most = 0;
    for (std::size_t c = 4; c < 7; ++c) most = std::max(most, std::stod(rows[i][c]));
    EXPECT_TRUE(std::fabs(most - 1) < 1e-3 || std::fabs(most - 2.0 / 3) < 1e-3) << "none or one of three cells is another row's: " << most;
    taken += most < 0.9 ? 1 : 0;
  }
  EXPECT_GT(taken, 40);
  expect_replays("out", 200, 400);
}

TEST_F(MixedRows, NumbersAsTargetAreMixedToo) {
  std::string csv = "x,target\n";
  for (int i = 0; i < 60; ++i) csv += std::to_string(i) + ".00," + std::to_string(3 * i) + ".00\n";
  write_text(folder_ / "in.csv", csv);
  const Cells rows = made("balance: mixup\naugment: {times: 2}\n", "out");
  ASSERT_EQ(rows.size(), 181U);
  for (std::size_t i = 1; i < rows.size(); ++i) EXPECT_NEAR(std::stod(rows[i][1]), 3 * std::stod(rows[i][0]), 0.03);
}

// Two points: the machine's boundary lies in the middle; with C 1 both multipliers are 1/(1 − K), or 1 where that is more.
TEST(Svm, TwoPointsByHand) {
  const std::vector<double> points{0, 2};
  const Svm svm(points, 1, {true, false}, 1, 0.5);
  const double k = std::exp(-0.5 * 4);
  EXPECT_NEAR(svm.decide(std::vector<double>{1.0}), 0, 1e-6);
  EXPECT_NEAR(svm.decide(std::vector<double>{0.0}), 1 - k, 1e-5) << "both at C, offset 0";
  const Svm wide(points, 1, {true, false}, 100, 0.5);
  EXPECT_NEAR(wide.decide(std::vector<double>{0.0}), 1, 2e-3) << "on the margin";
  EXPECT_NEAR(wide.decide(std::vector<double>{2.0}), -1, 2e-3);
}

TEST(Svm, PartsRingFromMiddle) {
  std::vector<double> points;
  std::vector<bool> inner;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const double angle = 6.28318 * draw_unit(Key{5, 5}, 2 * i), radius = i % 2 == 0 ? 0.5 : 2 + draw_unit(Key{5, 5}, 2 * i + 1);
    points.push_back(radius * std::cos(angle)), points.push_back(radius * std::sin(angle));
    inner.push_back(i % 2 == 0);
  }
  const Svm svm(points, 2, inner, 1, 0.5);
  EXPECT_GT(svm.decide(std::vector<double>{0.0, 0.1}), 0);
  for (const double at : {-2.5, 2.5}) EXPECT_LT(svm.decide(std::vector<double>{at, 0.0}), 0);
}

TEST_F(MixedRows, SvmSmoteStaysAtTheMargin) {
  // Class b on 0 … 1, class a on 1 … 9: only the rows of b near 1 lie at the margin.
  std::string csv = "x,class\n";
  for (int i = 0; i < 400; ++i) {
    char line[40];
    std::snprintf(line, sizeof line, "%.4f,a\n", 1 + 8 * draw_unit(Key{7, 7}, static_cast<std::uint64_t>(i)));
    csv += line;
  }
  for (int i = 0; i < 40; ++i) csv += "0." + std::to_string(100 + 22 * i) + "0,b\n";
  write_text(folder_ / "in.csv", csv);
  const Cells rows = made("balance: {method: svm_smote, m: 6}\n", "out");
  ASSERT_EQ(rows.size(), 801U);
  double sum = 0;
  for (std::size_t i = 441; i < rows.size(); ++i) {
    const double x = std::stod(rows[i][0]);
    EXPECT_GT(x, 0);
    EXPECT_LT(x, 1.2);
    sum += x;
  }
  EXPECT_GT(sum / 360, 0.5) << "the middle of the class is 0.53; rows deep inside make none";
  expect_replays("out", 440, 800);
  EXPECT_EQ(made("balance: {method: svm_smote, m: 6}\n", "again"), rows);
}

TEST_F(MixedRows, TablesBehindTablesAreOneTable) {
  write_text(folder_ / "more.csv", "class;y;x;weight\nb;0,5;10;3\nc;10,25;;4\n");
  const Cells rows = made("source: {append: [" + (folder_ / "more.csv").string() + "]}\naugment: {times: 1}\nsteps: [{table_jitter: {sigma: 0.01}}]\n", "out");
  ASSERT_EQ(rows.size(), 405U);
  EXPECT_EQ(rows[0], (std::vector<std::string>{"x", "y", "color", "class", "weight"}));
  EXPECT_EQ(rows[1].back(), "");
  EXPECT_EQ(rows[401], (std::vector<std::string>{"10.000", "0.500", "", "b", "3"}));
  EXPECT_EQ(rows[403], (std::vector<std::string>{"", "10.250", "", "c", "4"}));
  expect_replays("out", 380, 404);
  // Numbers behind words are words; a column that is empty in one file says nothing.
  write_text(folder_ / "more.csv", "x,y,color,class\n,1.5,7,\n");
  EXPECT_EQ(made("source: {append: [" + (folder_ / "more.csv").string() + "]}\naugment: {times: 0}\n", "words").back(), (std::vector<std::string>{"", "1.500", "7", ""}));
}

TEST_F(MixedRows, Case19KeysOfAnotherTableAllResolve) {
  std::string users = "user,name\n", events = "user,amount,class\n";
  for (int i = 0; i < 20; ++i) users += "u" + std::to_string(i) + ",n\n";
  for (int i = 0; i < 300; ++i) events += (i == 17 ? "u99" : "u" + std::to_string(i % 20)) + "," + std::to_string(i % 50) + (i % 9 ? ",a\n" : ",b\n");
  write_text(folder_ / "users.csv", users);
  write_text(folder_ / "in.csv", events);
  const std::string rule = "constraints: [{references: {column: user, table: " + (folder_ / "users.csv").string() + "}}]\n";
  const Cells rows = made("schema: {columns: {user: category}}\nbalance: auto\n" + rule + "steps: [{table_typo: {amount: 0.8, on: user}}]\n", "out");
  std::set<std::string> known;
  for (int i = 0; i < 20; ++i) known.insert("u" + std::to_string(i));
  for (std::size_t i = 1; i < rows.size(); ++i) EXPECT_TRUE(known.contains(rows[i][0])) << rows[i][0];
  EXPECT_EQ(rows.size(), 1U + 265 + 265) << "the orphan, of class a, is set aside, and both classes have as many rows as are left of it";
  EXPECT_NE(table_refusal(folder_ / "in.csv", folder_ / "no", rule.substr(0, rule.find("}}")) + ", key: usr}}]\n").find("did you mean user?"), std::string::npos);
}

}  // namespace
}  // namespace leaven::flow
