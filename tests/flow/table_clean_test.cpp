// Steps on a whole table: gaps filled along it, rows left out, columns added.
#include <gtest/gtest.h>

#include <filesystem>

#include "core/error.hpp"
#include "flow/fitted_file.hpp"
#include "flow/replay.hpp"
#include "flow/table_apply.hpp"
#include "tests/flow/made_table.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> column_of(const std::string& csv, std::size_t column) {
  std::vector<std::string> cells;
  const Cells rows = cells_of(csv);
  for (std::size_t r = 1; r < rows.size(); ++r) cells.push_back(rows[r].at(column));
  return cells;
}

/// The column `x` of a table after one step on it.
std::vector<std::string> filled(const std::string& csv, const std::string& step, const std::string& more = "") {
  TestFolder folder;
  write_text(folder / "in.csv", csv);
  make_table(folder / "in.csv", folder / "out", more + "augment: {times: 0}\nprepare:\n  - table_fill_along: " + step + "\n");
  return column_of(read_text(folder / "out/in.csv"), 0);
}

using Words = std::vector<std::string>;

TEST(TableFillAlong, ValuesByHand) {
  const std::string csv = "x,t\n,0\n2.0,1\n,2\n,4\n8.0,5\n,6\n";
  EXPECT_EQ(filled(csv, "{with: forward}"), (Words{"", "2.0", "2.0", "2.0", "8.0", "8.0"}));
  EXPECT_EQ(filled(csv, "{with: backward}"), (Words{"2.0", "2.0", "8.0", "8.0", "8.0", ""}));
  EXPECT_EQ(filled(csv, "{with: linear}"), (Words{"", "2.0", "4.0", "6.0", "8.0", ""}));
  EXPECT_EQ(filled(csv, "{with: time, by: t}"), (Words{"", "2.0", "3.5", "6.5", "8.0", ""})) << "2 + 6·(t − 1)/4";
  EXPECT_EQ(filled(csv, "{with: forward, limit: 1}"), (Words{"", "2.0", "2.0", "", "8.0", "8.0"}));
  EXPECT_EQ(filled(csv, "{with: backward, limit: 1}"), (Words{"2.0", "2.0", "", "8.0", "8.0", ""}));
}

TEST(TableFillAlong, OrdersRowsByTimeAndKeepsGroupsApart) {
  // By time a is 1, gap, 3 and b is 10, gap.
  const std::string csv = "x,when,who\n3.0,2024-01-03,a\n,2024-01-02 06:00,a\n1.0,2024-01-01,a\n,2024-01-02,b\n10.0,2024-01-01,b\n,,a\n";
  EXPECT_EQ(filled(csv, "{with: time, by: when, group: who}"), (Words{"3.0", "2.2", "1.0", "", "10.0", ""})) << "30 of 48 hours: 2.25, to the even";
  EXPECT_EQ(filled(csv, "{with: forward, by: when, group: who}"), (Words{"3.0", "1.0", "1.0", "10.0", "10.0", ""}));
  EXPECT_EQ(filled("x,i\nred,1\n,2\n,3\nblue,4\nred,5\nblue,6\nred,7\n", "{with: forward}", "schema: {columns: {x: category}}\n"), (Words{"red", "red", "red", "blue", "red", "blue", "red"}));
}

/// 10,000 rows, so that gaps lie across blocks, with every seventh cell missing, and what comes after `known` made other.
std::string long_table(int known) {
  std::string csv = "x,part\n";
  for (int i = 0; i < 10'000; ++i) csv += (i % 7 < 3 ? std::string() : std::to_string(i < known ? i : 5 * i)) + (i % 10 == 9 ? ",test\n" : ",train\n");
  return csv;
}

TEST(TableFillAlong, Case17ForwardKnowsNothingOfTheFuture) {
  const Words all = filled(long_table(10'000), "{with: forward}"), other = filled(long_table(5'000), "{with: forward}");
  for (std::size_t i = 0; i < 5'000; ++i) ASSERT_EQ(all[i], other[i]) << i;
  EXPECT_NE(all[9'000], other[9'000]);
  const Words back = filled(long_table(10'000), "{with: linear}"), bent = filled(long_table(5'000), "{with: linear}");
  EXPECT_NE(back, bent);
  EXPECT_NE(Words(back.begin(), back.begin() + 5'000), Words(bent.begin(), bent.begin() + 5'000)) << "a line through a gap does look ahead";
}

TEST(TableFillAlong, Case17TrainSeesTrainAlone) {
  TestFolder folder;
  // Row 1 is of test; the gap of train in row 2 must be filled from row 0, that of test in row 3 from the row before.
  write_text(folder / "in.csv", "x,part\n1,train\n100,test\n,train\n,test\n5,train\n");
  make_table(folder / "in.csv", folder / "out", "source: {split_column: part}\naugment: {times: 0}\nprepare:\n  - table_fill_along\n");
  EXPECT_EQ(column_of(read_text(folder / "out/train/in.csv"), 0), (Words{"1", "1", "5"}));
  EXPECT_EQ(column_of(read_text(folder / "out/test/in.csv"), 0), (Words{"100", "100"}));
}

TEST(TableFillAlong, Case29AnotherTableBeginsWhereTrainEnded) {
  TestFolder folder;
  write_text(folder / "in.csv", "x,word,who\n1,p,a\n2,q,b\n3,,a\n,r,b\n");
  make_table(folder / "in.csv", folder / "out", "augment: {times: 0}\nschema: {columns: {word: category}}\nprepare:\n  - table_fill_along: {group: who}\n");
  write_text(folder / "new.csv", "x,word,who\n,,b\n,,a\n9,z,c\n,,c\n,,d\n");
  apply_prepared(folder / "out", folder / "new.csv", folder / "filled.csv", false);
  EXPECT_EQ(read_text(folder / "filled.csv"), "x,word,who\n2,r,b\n3,p,a\n9,z,c\n9,z,c\n,,d\n");
  // One row alone gets the same.
  write_text(folder / "one.csv", "x,word,who\n,w,a\n");
  apply_prepared(folder / "out", folder / "one.csv", folder / "one_filled.csv", false);
  EXPECT_EQ(read_text(folder / "one_filled.csv"), "x,word,who\n3,w,a\n");
}

TEST(TablePrepare, ATableWithoutItsHeaderIsRefusedAsSuch) {
  TestFolder folder;
  write_text(folder / "in.csv", "x,who\n1,a\n2,b\n3,a\n");
  make_table(folder / "in.csv", folder / "out", "augment: {times: 0}\nprepare:\n  - table_scale: {on: x}\n");
  write_text(folder / "new.csv", "4,a\n5,b\n");
  try {
    apply_prepared(folder / "out", folder / "new.csv", folder / "new_out.csv", false);
    FAIL() << "it was taken";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "new.csv: has no column of the run, whose first is x (the first line must name the columns)");
  }
  EXPECT_FALSE(fs::exists(folder / "new_out.csv"));
}

TEST(TableFillAlong, CopiesOfFilledRowsCanBeMadeAgain) {
  TestFolder folder;
  write_text(folder / "in.csv", long_table(10'000));
  make_table(folder / "in.csv", folder / "out", "source: {split_column: part}\naugment: {times: 1}\nprepare:\n  - table_fill_along: {with: linear}\nsteps: [table_jitter]\n");
  for (const char* row : {"train/in.csv#2", "train/in.csv#9001", "test/in.csv#17"}) {
    const FoundLineage found = find_lineage(folder / "out" / row, ops::op_table());
    EXPECT_TRUE(replay(found.record, found.recipe.source, found.out).same_digest) << row;
  }
  make_table(folder / "in.csv", folder / "again", "source: {split_column: part}\naugment: {times: 1}\nprepare:\n  - table_fill_along: {with: linear}\nsteps: [table_jitter]\n", 7);
  EXPECT_EQ(read_text(folder / "out/train/in.csv"), read_text(folder / "again/train/in.csv"));
}

TEST(TableFillAlong, WhatCannotBeSaysWhy) {
  TestFolder folder;
  write_text(folder / "in.csv", "x,t\n1,2\n,3\n2,3\n");
  const auto refusal = [&](const std::string& recipe) { return table_refusal(folder / "in.csv", folder / "out", "augment: {times: 1}\n" + recipe); };
  EXPECT_NE(refusal("steps: [table_fill_along]").find("it stands under prepare:"), std::string::npos);
  EXPECT_NE(refusal("steps: [{table_outliers: {action: drop}}]").find("it stands under prepare:"), std::string::npos);
  EXPECT_NE(refusal("prepare: [{table_fill_along: {p: 0.5}}]").find("can have no p"), std::string::npos);
  EXPECT_NE(refusal("prepare: [{table_fill_along: {with: time}}]").find("needs by:"), std::string::npos);
  write_text(folder / "in.csv", "x,t\n1,31.03.2024\n,01.04.2024\n2,02.04.2024\n");
  EXPECT_NE(refusal("prepare: [{table_fill_along: {by: t}}]").find("by: no cell of t is a number or a time such as"), std::string::npos);
  EXPECT_NE(refusal("prepare: [{table_fill_along: {by: tt}}]").find("did you mean t?"), std::string::npos);
}

/// 60 rows of train with one far number, 20 of test with another.
std::string far_table() {
  std::string csv = "x,y,part\n";
  for (int i = 0; i < 80; ++i) csv += std::to_string(i == 30 || i == 70 ? 9000 : i % 9) + "," + std::to_string(i % 5) + (i < 60 ? ",train\n" : ",test\n");
  return csv;
}

TEST(TableOutliers, DropLeavesRowsOfTrainOutWithTheReason) {
  TestFolder folder;
  write_text(folder / "in.csv", far_table());
  const JobSummary summary = make_table(folder / "in.csv", folder / "out",
                                        "source: {split_column: part}\naugment: {times: 1}\nprepare:\n  - table_outliers: {action: drop}\n  - table_scale: {method: max_abs, on: x, places: 3}\n");
  EXPECT_EQ(summary.set_aside.at(kOutlier), 1U);
  EXPECT_EQ(summary.outputs, 59U * 2 + 20);
  const std::string aside = read_text(folder / "out" / kSetAsideFile);
  EXPECT_NE(aside.find("in.csv#30"), std::string::npos) << aside;
  EXPECT_NE(aside.find("x is 9000, beyond"), std::string::npos) << aside;
  // Later steps were fitted without it, and the far row of test stays.
  EXPECT_EQ(column_of(read_text(folder / "out/test/in.csv"), 0)[10], "1125.000") << "9000 ÷ 8";
  write_text(folder / "new.csv", "x,y,part\n9000,1,train\n4,1,train\n");
  EXPECT_EQ(apply_prepared(folder / "out", folder / "new.csv", folder / "new_out.csv", false).rows, 2U);
}

TEST(TableOutliers, FlagAddsAColumnThatGoesAlong) {
  TestFolder folder;
  write_text(folder / "in.csv", far_table());
  const std::string recipe = "source: {split_column: part}\naugment: {times: 1}\nprepare:\n  - table_outliers: {action: flag, on: x}\n  - table_isolation: {action: flag, share: 0.02}\nsteps: [table_jitter]\n";
  make_table(folder / "in.csv", folder / "out", recipe);
  const Cells train = cells_of(read_text(folder / "out/train/in.csv")), test = cells_of(read_text(folder / "out/test/in.csv"));
  EXPECT_EQ(train[0], (Words{"x", "y", "part", "x_outlier", "row_outlier"}));
  EXPECT_EQ(train[1 + 2 * 30][3], "1");
  EXPECT_EQ(train[2 + 2 * 30][3], "1") << "its copy";
  EXPECT_EQ(train[1 + 2 * 30][4], "1");
  EXPECT_EQ(train[1][3], "0");
  EXPECT_EQ(test[11][3], "1");
  const FoundLineage found = find_lineage(folder / "out" / "train/in.csv#61", ops::op_table());
  EXPECT_TRUE(replay(found.record, found.recipe.source, found.out).same_digest);
  EXPECT_NE(table_refusal(folder / "out/train/in.csv", folder / "twice", recipe.substr(recipe.find("prepare"))).find("there is a column x_outlier already"), std::string::npos);
}

TEST(TableSpelling, IsLearntFromTrainAndServed) {
  TestFolder folder;
  std::string csv = "city,part\n";
  for (int i = 0; i < 40; ++i) csv += std::string(i < 30 ? (i % 3 ? "Rome" : i % 2 ? "rome" : "Paris") : (i % 2 ? "ROME" : "PARIS")) + (i < 30 ? ",train\n" : ",test\n");
  write_text(folder / "in.csv", csv);
  make_table(folder / "in.csv", folder / "out", "source: {split_column: part}\naugment: {times: 0}\nprepare: [table_spelling]\n");
  for (const std::string& city : column_of(read_text(folder / "out/test/in.csv"), 0)) EXPECT_TRUE(city == "Rome" || city == "Paris") << city;
  EXPECT_EQ(read_fits(folder / "out" / kFittedFile).at("prepare/table_spelling").at("words of city").words, (Words{"Rome", "Paris", "rome"}));
}

}  // namespace
}  // namespace leaven::flow
