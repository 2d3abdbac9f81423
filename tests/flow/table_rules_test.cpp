// What a table job promises of its rows: constraints, splits, preparation, kinds of cells, numbers of the report.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fmt/core.h>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "core/value.hpp"
#include "flow/fitted_file.hpp"
#include "flow/replay.hpp"
#include "flow/table_apply.hpp"
#include "flow/table_report.hpp"
#include "tests/flow/made_table.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

constexpr Key kKey{1, 2};

/// cost ≤ price ≤ list, net + tax = gross, city goes with country, zip of five digits, id of its own.
std::string shop(int rows) {
  static constexpr std::array kPlaces{"Rome,IT", "Milan,IT", "Paris,FR", "Lyon,FR"};
  std::string text = "id,cost,price,list,net,tax,gross,city,country,zip,class\n";
  for (int i = 0; i < rows; ++i) {
    const auto u = [&](std::uint64_t k) { return draw_unit(kKey, 8 * static_cast<std::uint64_t>(i) + k); };
    const double cost = std::round(1000 * u(0)) / 100, price = cost + std::round(100 * u(1)) / 100, list = price + std::round(100 * u(2)) / 100;
    const double net = std::round(5000 * u(3)) / 100, tax = std::round(900 * u(4)) / 100;
    char line[200];
    std::snprintf(line, sizeof line, "%d,%.2f,%.2f,%.2f,%.2f,%.2f,%.2f,%s,%05d,%s\n", 5000 + i, cost, price, list, net, tax, net + tax,
                  kPlaces[static_cast<std::size_t>(u(5) * 4)], static_cast<int>(u(6) * 99999), i % 5 == 0 ? "a" : "b");
    text += line;
  }
  return text;
}

constexpr std::array kRules{"range: {column: cost, lo: 0, hi: 10}", "order: [cost, price, list]", "sum: {columns: [net, tax], to: gross}",
                            "combinations: [city, country]", "match: {column: zip, regex: \"[0-9]{5}\"}", "unique: id"};

/// Everything that the rules ask for, looked at here, of the cells alone.
void expect_all_hold(const Cells& rows) {
  std::set<std::string> ids;
  const std::set<std::string> places{"Rome,IT", "Milan,IT", "Paris,FR", "Lyon,FR"};
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& r = rows[i];
    ASSERT_EQ(r.size(), 11U);
    const auto cents = [&](std::size_t c) { return std::llround(100 * std::stod(r[c])); };
    ASSERT_TRUE(ids.insert(r[0]).second) << r[0];
    ASSERT_GE(cents(1), 0);
    ASSERT_LE(cents(1), 1000);
    ASSERT_LE(cents(1), cents(2));
    ASSERT_LE(cents(2), cents(3));
    ASSERT_EQ(cents(4) + cents(5), cents(6)) << i;
    ASSERT_TRUE(places.contains(r[7] + "," + r[8])) << r[7] << r[8];
    ASSERT_EQ(r[9].size(), 5U);
  }
}

TEST(TableConstraints, Case18EveryRowHoldsInAnyOrderOfTheRules) {
  TestFolder folder;
  write_text(folder / "shop.csv", shop(600));
  std::array<std::size_t, kRules.size()> order{};
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (int round = 0; round < 4; ++round) {
    std::string recipe = "schema: {columns: {id: id, zip: category}}\nbalance: smote_nc\nconstraints:\n";
    for (const std::size_t rule : order) recipe += std::string("  - ") + kRules[rule] + "\n";
    recipe += "steps:\n  - table_noise: {amount: 0.5}\n  - table_swap: {amount: 0.3, on: [city, country]}\n  - table_typo: {amount: 0.5, on: zip}\n";
    const fs::path out = folder / ("out" + std::to_string(round));
    const JobSummary summary = make_table(folder / "shop.csv", out, recipe);
    EXPECT_EQ(summary.unmet, 0U);
    EXPECT_EQ(summary.outputs, 960U);
    expect_all_hold(cells_of(read_text(out / "shop.csv")));
    for (const char* row : {"601", "777", "959"}) {
      const FoundLineage found = find_lineage(out / (std::string("shop.csv#") + row), ops::op_table());
      EXPECT_TRUE(replay(found.record, found.recipe.source, found.out).same_digest) << row;
    }
    std::ranges::rotate(order, order.begin() + 1);
    if (round == 2) std::ranges::reverse(order);
  }
}

TEST(TableConstraints, Case18FewerRowsThanAskedAreCountedWithTheirReason) {
  TestFolder folder;
  write_text(folder / "in.csv", "x,word,class\n1,ok,a\n2,bad,a\n3,ok,b\n4,ok,b\n5,ok,b\n6,bad,b\n");
  const JobSummary summary = make_table(folder / "in.csv", folder / "out", "augment: {times: 2}\nconstraints: [{match: {column: word, regex: ok}}]\n");
  EXPECT_EQ(summary.unmet, 4U) << "two copies of two rows, whose own cell breaks it";
  EXPECT_EQ(summary.outputs, 12U);
  EXPECT_EQ(summary.set_aside.at(kViolates), 6U);
  for (const std::string& line : lines_of(folder / "out" / kSetAsideFile)) EXPECT_NE(line.find("match of word"), std::string::npos);
}

TEST(TableConstraints, Case18WhatMustBeUniqueIsNeverChangedInAnOriginal) {
  TestFolder folder;
  write_text(folder / "in.csv", "id,code,x\n1,a,1.5\n1,b,2.5\n2,c,3.5\n,d,4.5\n,e,5.5\n7,a,6.5\n3,a-2,7.5\n");
  const std::string recipe = "schema: {columns: {id: integer, code: category}}\naugment: {times: 1}\nconstraints: [{unique: id}, {unique: code}]\n";
  const JobSummary summary = make_table(folder / "in.csv", folder / "out", recipe);
  EXPECT_EQ(summary.set_aside.at(kViolates), 2U) << "the second 1, and the second a";
  EXPECT_EQ(summary.copies, 7U);
  const Cells rows = cells_of(read_text(folder / "out/in.csv"));
  const Cells originals{{"1", "a", "1.5"}, {"2", "c", "3.5"}, {"", "d", "4.5"}, {"", "e", "5.5"}, {"3", "a-2", "7.5"}};
  for (const auto& original : originals) EXPECT_NE(std::ranges::find(rows, original), rows.end()) << original[1];
  std::set<std::string> ids, codes;
  for (std::size_t r = 1; r < rows.size(); ++r) {
    EXPECT_TRUE(rows[r][0].empty() || ids.insert(rows[r][0]).second) << rows[r][0];
    EXPECT_TRUE(codes.insert(rows[r][1]).second) << rows[r][1];
  }
  EXPECT_NE(read_text(folder / "out" / kSetAsideFile).find("in.csv#1\",\"kind\":\"violates\",\"reason\":\"the row breaks the constraint unique of id: a row before has 1, too"),
            std::string::npos);
}

TEST(TableConstraints, Case18DaysAndTimesHaveAnOrderToo) {
  TestFolder folder;
  write_text(folder / "in.csv", "begin,end,x,class\n2024-03-31,2024-04-01,1,a\n2024-04-02,2024-04-01,2,a\n2024-01-01,,3,a\n2024-12-31T23:00:00+01:00,2025-01-01,4,b\n");
  const JobSummary summary = make_table(folder / "in.csv", folder / "out", "augment: {times: 1}\nconstraints: [{order: [begin, end]}]\nsteps: [{table_jitter: {sigma: 1}}]\n");
  EXPECT_EQ(summary.set_aside.at(kViolates), 2U) << "the second row, and its copy, which has the same days";
  EXPECT_EQ(summary.unmet, 1U);
  EXPECT_EQ(summary.outputs, 6U);
  write_text(folder / "de.csv", "begin,end\n31.03.2024,01.04.2024\n");
  EXPECT_NE(table_refusal(folder / "de.csv", folder / "no", "constraints: [{order: [begin, end]}]\n").find("times must begin with the year to be compared, and column begin holds 31.03.2024"),
            std::string::npos);
  EXPECT_NE(table_refusal(folder / "in.csv", folder / "no", "constraints: [{order: [begin, x]}]\n").find("column begin is no number"), std::string::npos);
}

TEST(TableConstraints, Case18AsManyAsAskedThoughOriginalsAreSetAside) {
  TestFolder folder;
  std::string csv = "x,y,class\n";
  for (int i = 0; i < 60; ++i) csv += std::to_string(i) + ".5," + std::to_string(i * 7 % 20) + ".25," + (i % 4 ? "b\n" : "a\n");
  write_text(folder / "in.csv", csv);
  const std::string rule = "constraints: [{range: {column: x, lo: 10}}]\n";
  for (const char* how : {"balance: smote\naugment: {per_class: 70}\n", "augment: {per_class: 70}\nsteps: [table_jitter]\n", "balance: random_over\naugment: {total: 140}\n"}) {
    TestFolder out;
    const JobSummary summary = make_table(folder / "in.csv", out / "out", how + rule);
    EXPECT_EQ(summary.unmet, 0U) << how;
    EXPECT_EQ(summary.outputs, 140U) << how;
    EXPECT_EQ(summary.set_aside.at(kViolates), 10U) << "rows 0 to 9";
    const Cells made = cells_of(read_text(out / "out/in.csv"));
    for (std::size_t r = 1; r < made.size(); ++r) EXPECT_GE(std::stod(made[r][0]), 10) << how;
  }
  make_table(folder / "in.csv", folder / "parents", "balance: smote\n" + rule);
  for (const std::string& line : lines_of(folder / "parents" / kLineageFile)) {
    const auto record = nlohmann::json::parse(line);
    if (!record.contains("synthesis")) continue;
    for (const std::string parent : record["synthesis"]["parents"]) EXPECT_GE(std::stoi(parent.substr(parent.find('#') + 1)), 10) << "a row that was set aside is no parent";
  }
}

TEST(TableConstraints, MistakesAreRefusedWithTheirPlace) {
  TestFolder folder;
  write_text(folder / "in.csv", shop(30));
  const auto refusal = [&](const std::string& rule) { return table_refusal(folder / "in.csv", folder / "out", "augment: {times: 1}\nconstraints:\n  - " + rule + "\n"); };
  EXPECT_NE(refusal("range: {column: prise, lo: 0}").find("did you mean price?"), std::string::npos);
  EXPECT_NE(refusal("order: [cost]").find("needs two columns"), std::string::npos);
  EXPECT_NE(refusal("range: {column: city, lo: 0}").find("column city is no number"), std::string::npos);
  EXPECT_NE(refusal("match: {column: zip, regex: \"[\"}").find("is no regular expression"), std::string::npos);
  EXPECT_NE(refusal("rnage: {column: cost}").find("did you mean range?"), std::string::npos);
}

TEST(TableRows, WhatWasGuessedAndMayBeWrongIsSaid) {
  TestFolder folder;
  std::string csv = "x;price;e;class\n";
  for (int i = 0; i < 60; ++i) csv += (i == 40 ? std::string("abc") : std::to_string(i)) + ";1," + std::to_string(100 + i) + ";;" + (i % 3 ? "a\n" : "b\n");
  write_text(folder / "in.csv", csv);
  JobSummary summary = make_table(folder / "in.csv", folder / "out", "balance: random_over\n");
  EXPECT_EQ(summary.input_description, "table, CSV with semicolons, UTF-8, 4 columns, 60 rows");
  ASSERT_EQ(summary.notes.size(), 3U);
  EXPECT_NE(summary.notes[0].find("column x is taken for id: numbers but for 1 cell, first in line 42: abc"), std::string::npos) << summary.notes[0];
  EXPECT_NE(summary.notes[1].find("column price is taken for text, though all are numbers"), std::string::npos) << summary.notes[1];
  EXPECT_EQ(summary.notes[2], "column e holds no value at all");
  write_text(folder / "none.csv", "a,class\n1\n2\n");
  EXPECT_NE(table_refusal(folder / "none.csv", folder / "none", "balance: random_over\n").find("none.csv:2: the row has 1 cells, the header 2"), std::string::npos);
}

TEST(TableRows, Case15KindsOfCellsSurvive) {
  TestFolder folder;
  std::string csv = "user_id,count,price,flag,color,class\n";
  for (int i = 0; i < 300; ++i)
    csv += std::to_string(9007199254740993 + i) + "," + std::to_string(i % 17) + "," + std::to_string(i % 90) + ".30," + (i % 3 ? "yes" : "no") + "," +
           (i % 2 ? "Deep Blue" : "red") + (i % 10 ? ",b\n" : ",a\n");
  write_text(folder / "in.csv", csv);
  make_table(folder / "in.csv", folder / "out", "balance: auto\nsteps: [{table_jitter: {sigma: 0.2}}]\n");
  const Cells source = cells_of(csv), made = cells_of(read_text(folder / "out/in.csv"));
  ASSERT_EQ(made.size(), 541U);
  for (std::size_t i = 1; i < made.size(); ++i) {
    const auto& r = made[i];
    if (i <= 300) { ASSERT_EQ(r, source[i]) << "ids above 2^53 digit by digit"; }
    ASSERT_EQ(r[1].find('.'), std::string::npos);
    ASSERT_EQ(r[2].size() - r[2].find('.'), 3U) << r[2];
    ASSERT_TRUE(r[3] == "yes" || r[3] == "no");
    ASSERT_TRUE(r[4] == "Deep Blue" || r[4] == "red");
  }
}

TEST(TableRows, Case16MissingCellsStayWhereNothingFillsThem) {
  TestFolder folder;
  std::string csv = "a,b,word\n";
  for (int i = 0; i < 200; ++i) csv += (i % 4 ? std::to_string(i) : "") + "," + (i % 5 ? std::to_string(i) + ".5" : "NA") + "," + (i % 3 ? (i % 2 ? "x" : "y") : "?") + "\n";
  write_text(folder / "in.csv", csv);
  make_table(folder / "in.csv", folder / "out", "augment: {times: 1}\nsteps: [table_jitter, {table_noise: {noise: uniform, unit: range}}, table_salt_pepper, table_category_flip]\n");
  const Cells source = cells_of(csv), made = cells_of(read_text(folder / "out/in.csv"));
  for (std::size_t i = 1; i < source.size(); ++i)
    for (std::size_t c = 0; c < 3; ++c) {
      const auto missing = [](const std::string& cell) { return cell.empty() || cell == "NA" || cell == "?"; };
      EXPECT_EQ(missing(made[2 * i][c]), missing(source[i][c])) << i << " " << c;
    }
}

TEST(TablePrepare, FitsSeeTrainAloneAndEveryRowIsPrepared) {
  TestFolder folder;
  std::string csv = "x,y,part\n";
  for (int i = 0; i < 100; ++i) csv += (i == 3 || i == 90 ? "" : std::to_string(i < 80 ? i % 10 : 1000000)) + "," + std::to_string(i) + (i < 80 ? ",train\n" : ",test\n");
  write_text(folder / "in.csv", csv);
  make_table(folder / "in.csv", folder / "out", "source: {split_column: part}\naugment: {times: 0}\nprepare:\n  - table_fill: {with: mean, on: x}\n  - table_scale: {method: max_abs, on: x, places: 3}\n");
  const Cells train = cells_of(read_text(folder / "out/train/in.csv")), test = cells_of(read_text(folder / "out/test/in.csv"));
  ASSERT_EQ(train.size(), 81U);
  ASSERT_EQ(test.size(), 21U);
  // The mean of train is 357/79 → 5 as a whole number; its largest number is 9.
  EXPECT_EQ(train[4][0], "0.556");
  EXPECT_EQ(test[11][0], "0.556");
  EXPECT_EQ(train[10][0], "1.000");
  EXPECT_EQ(test[1][0], "111111.111");
  EXPECT_EQ(read_fits(folder / "out" / kFittedFile).size(), 3U) << "two steps, and the kinds of the columns";
}

TEST(TablePrepare, Case29WhatARunLearntAppliesToAnotherTableAndBack) {
  TestFolder folder;
  std::string csv = "n,price,color\n";
  for (int i = 0; i < 300; ++i) csv += std::to_string(i * 7 % 90) + "," + std::to_string(i % 50) + ".25," + (i % 3 ? "red" : "green") + "\n";
  write_text(folder / "in.csv", csv);
  make_table(folder / "in.csv", folder / "out", "augment: {times: 0}\nprepare:\n  - table_scale: {method: robust, on: n, places: 12}\n  - table_scale: {method: yeo_johnson, on: price, places: 12}\n");
  const std::string prepared = read_text(folder / "out/in.csv");
  EXPECT_NE(prepared, csv);
  apply_prepared(folder / "out", folder / "in.csv", folder / "again.csv", false);
  EXPECT_EQ(read_text(folder / "again.csv"), prepared);
  // One row alone is prepared as it is among the others.
  write_text(folder / "one.csv", "n,price,color\n" + lines_of(folder / "in.csv")[5] + "\n");
  apply_prepared(folder / "out", folder / "one.csv", folder / "one_made.csv", false);
  EXPECT_EQ(lines_of(folder / "one_made.csv")[1], lines_of(folder / "again.csv")[5]);
  apply_prepared(folder / "out", folder / "again.csv", folder / "back.csv", true);
  EXPECT_EQ(read_text(folder / "back.csv"), csv);
}

TEST(TablePrepare, RowsThatCannotBeUsedAndWordsThatAreNewAreTold) {
  TestFolder folder;
  std::string csv = "n,color\n";
  for (int i = 0; i < 40; ++i) csv += std::to_string(i) + (i % 3 ? ".5,red\n" : ".5,green\n");
  write_text(folder / "in.csv", csv);
  make_table(folder / "in.csv", folder / "out", "augment: {times: 0}\nprepare: [{table_scale: {on: n}}, {table_one_hot: {on: color}}]\n");
  write_text(folder / "new.csv", "n,color\n1.5,red\nmany,red\n2.5,blue\n3.5,\n4.5,blue\n");
  const Applied applied = apply_prepared(folder / "out", folder / "new.csv", folder / "made.csv", false);
  EXPECT_EQ(applied.rows, 4U);
  ASSERT_EQ(applied.set_aside.size(), 1U);
  EXPECT_EQ(applied.set_aside[0].line, 3U);
  EXPECT_EQ(applied.set_aside[0].reason, "n must be a number, got many");
  EXPECT_EQ(applied.notes, (std::vector<std::string>{"color: 2 cells hold words that the run did not have, the first blue: zeros in all columns of color"}));
}

TEST(TablePrepare, ColumnsOfTheRunThatAreNotThereAreToldButForTheTarget) {
  TestFolder folder;
  std::string csv = "n,color,size,class\n";
  for (int i = 0; i < 40; ++i) csv += std::to_string(i) + (i % 3 ? ".5,red," : ".5,green,") + std::to_string(i % 7) + (i % 2 ? ",a\n" : ",b\n");
  write_text(folder / "in.csv", csv);
  make_table(folder / "in.csv", folder / "out", "augment: {times: 0}\nprepare: [table_scale, table_one_hot]\n");
  write_text(folder / "new.csv", "n,size\n1.5,2\n2.5,3\n");
  const Applied applied = apply_prepared(folder / "out", folder / "new.csv", folder / "made.csv", false);
  EXPECT_EQ(applied.rows, 2U);
  EXPECT_EQ(applied.notes, (std::vector<std::string>{"column color of the run is not there, nor what its steps make of it"}));
}

TEST(TablePrepare, TheWayBackLeavesColumnsThatStepsAdded) {
  TestFolder folder;
  write_text(folder / "in.csv", "n,color\n1,red\n5,green\n3,red\n");
  make_table(folder / "in.csv", folder / "out", "augment: {times: 0}\nprepare: [{table_scale: {method: min_max, on: n, places: 6}}, {table_one_hot: {on: color}}]\n");
  apply_prepared(folder / "out", folder / "out/in.csv", folder / "back.csv", true);
  const Cells made = cells_of(read_text(folder / "out/in.csv")), back = cells_of(read_text(folder / "back.csv"));
  EXPECT_EQ(back[0], made[0]);
  ASSERT_GT(back[0].size(), 2U);
  const std::vector<std::string> numbers{"1", "5", "3"};
  for (std::size_t r = 1; r <= 3; ++r) {
    EXPECT_EQ(back[r][0], numbers[r - 1]);
    EXPECT_EQ(std::vector<std::string>(back[r].begin() + 1, back[r].end()), std::vector<std::string>(made[r].begin() + 1, made[r].end()));
  }
}

TEST(TableSplit, GroupsStayTogetherAndCleanComesFirst) {
  TestFolder folder;
  std::string csv = "user,x,class\n";
  for (int i = 0; i < 400; ++i) csv += "u" + std::to_string(i % 40) + "," + (i == 7 ? "" : std::to_string(i / 2 * 2)) + (i % 2 ? ",a\n" : ",b\n");
  csv += "u1,2,b\nu2,2,b\nu2,2,b\n";
  write_text(folder / "in.csv", csv);
  const JobSummary summary = make_table(folder / "in.csv", folder / "out",
                                        "clean: {duplicates: true, missing: true}\nsplit: {method: group, column: user, test: 0.3}\naugment: {times: 0}\n");
  EXPECT_EQ(summary.set_aside.at(kDuplicate), 2U);
  EXPECT_EQ(summary.set_aside.at(kMissingCell), 1U);
  EXPECT_EQ(summary.sources, summary.outputs + 3) << "row counts add up";
  std::set<std::string> train, test;
  for (const auto& row : cells_of(read_text(folder / "out/train/in.csv"))) train.insert(row[0]);
  for (const auto& row : cells_of(read_text(folder / "out/test/in.csv"))) test.insert(row[0]);
  EXPECT_EQ(test.size(), 13U) << "12 users and the header";
  for (const std::string& user : test) EXPECT_EQ(train.contains(user), user == "user");
}

// Worked by hand; SciPy's ks_2samp gives the same for these.
TEST(TableSplit, NewRowsAreOfTheirParentsGroup) {
  TestFolder folder;
  std::string csv = "patient,x,z,y\n";
  for (int i = 0; i < 400; ++i) csv += fmt::format("{},{},{}.5,{}\n", i * 37 % 40, i * 7 % 101, i * 13 % 89, i % 5 ? "no" : "yes");
  write_text(folder / "in.csv", csv);
  make_table(folder / "in.csv", folder / "out", "schema: {target: y}\nsplit: {column: patient, test: 0.3}\nbalance: smote\nsteps: [{table_jitter: {sigma: 1}}]\n");
  std::set<std::string> train, test;
  const Cells grown = cells_of(read_text(folder / "out/train/in.csv"));
  for (std::size_t r = 1; r < grown.size(); ++r) train.insert(grown[r][0]);
  const Cells kept = cells_of(read_text(folder / "out/test/in.csv"));
  for (std::size_t r = 1; r < kept.size(); ++r) EXPECT_FALSE(train.contains(kept[r][0])) << kept[r][0];
  EXPECT_EQ(train.size(), 28U);
  const Cells source = cells_of(csv);
  for (const std::string& line : lines_of(folder / "out" / kLineageFile)) {
    const auto record = nlohmann::json::parse(line);
    if (!record.contains("synthesis")) continue;
    const std::string id = record["id"], parent = record["synthesis"]["parents"][0];
    EXPECT_EQ(grown[1 + std::stoul(id.substr(id.find('#') + 1))][0], source[1 + std::stoul(parent.substr(parent.find('#') + 1))][0]) << id;
  }
}

TEST(TableDistances, Case25ValuesByHandAndTies) {
  EXPECT_DOUBLE_EQ(ks_distance({1, 2, 3, 4}, {1, 2, 3, 4}), 0);
  EXPECT_DOUBLE_EQ(ks_distance({1, 1, 1, 2}, {1, 2, 2, 2}), 0.5);
  EXPECT_DOUBLE_EQ(ks_distance({1, 2}, {5, 6, 7}), 1);
  EXPECT_DOUBLE_EQ(ks_distance({1, 3, 5}, {2, 4}), 1.0 / 3);
  EXPECT_DOUBLE_EQ(total_variation({"a", "a", "b", "c"}, {"a", "b", "b", "unseen"}), 0.5);
  EXPECT_DOUBLE_EQ(total_variation({"a"}, {"b"}), 1);
  EXPECT_NEAR(correlation({1, 2, 3, 4}, {2, 4, 6, 8}), 1, 1e-15);
  EXPECT_NEAR(correlation({1, 2, 3}, {1, 3, 2}), 0.5, 1e-15);
  EXPECT_EQ(correlation({1, 1, 1}, {1, 3, 2}), 0) << "a constant column";
}

}  // namespace
}  // namespace leaven::flow
