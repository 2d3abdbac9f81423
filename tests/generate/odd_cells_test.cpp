// Cells that are no ordinary numbers or words, and what a generator makes of their columns.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "core/error.hpp"
#include "learn/generate/saved.hpp"
#include "tests/generate/people.hpp"

namespace leaven::learn {
namespace {

class OddCells : public TableGenerator {
 protected:
  /// A column of `cell(row)`, of which `name` is the header, behind classes and numbers that are as usual.
  template <class Cell>
  Fitted fitted_with(const std::string& name, const Cell& cell) {
    std::string text = "x,label," + name + "\n";
    for (int i = 0; i < 200; ++i) text += fmt::format("{:.2f},{},{}\n", draw_unit(Key{7, 1}, static_cast<std::uint64_t>(i)), i % 3 ? "a" : "b", cell(i));
    write_text(scratch_ / "people.csv", text);
    return fit();
  }
  /// The third cells of new rows.
  std::vector<std::string> made() {
    std::vector<std::string> cells;
    for (const auto& row : parsed(sampled({.rows = 300})).rows) cells.push_back(row[2]);
    return cells;
  }
};

bool noted(const Fitted& fitted, const std::string& what) {
  return std::ranges::any_of(fitted.notes, [&](const std::string& note) { return note.find(what) != std::string::npos; });
}

TEST_F(OddCells, NumbersWhoseSquaresAreNoNumbersAreRefusedByColumnAndRow) {
  try {
    fitted_with("big", [](int i) { return i == 41 ? std::string("-3e300") : std::to_string(i); });
    FAIL() << "it was fitted";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    const std::string what = error.what();
    EXPECT_NE(what.find("column big holds -3e+300 in row 42"), std::string::npos) << what;
    EXPECT_NE(what.find("people.csv"), std::string::npos) << what;
  }
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "gen/generator.json"));
}

TEST_F(OddCells, LargeNumbersThatCanBeLearntAreMade) {
  fitted_with("big", [](int i) { return i % 40 ? std::to_string(i % 7) : std::string("9e120"); });
  EXPECT_EQ(made().size(), 300U);
}

TEST_F(OddCells, InfiniteNumbersAreToldAndMissing) {
  const Fitted fitted = fitted_with("ratio", [](int i) { return i % 4 ? fmt::format("{}.5", i % 9) : std::string("inf"); });
  EXPECT_TRUE(noted(fitted, "column ratio: 50 numbers are infinite, and counted as missing"));
  const std::vector<std::string> cells = made();
  EXPECT_GT(std::ranges::count(cells, ""), 30);
  EXPECT_EQ(std::ranges::count(cells, "inf"), 0);
}

TEST_F(OddCells, NumbersBelowAllDecimalsAreTold) {
  EXPECT_TRUE(noted(fitted_with("tiny", [](int i) { return fmt::format("{}e-300", i + 1); }), "column tiny: its numbers are too small"));
}

TEST_F(OddCells, SmallNumbersWithTheirDecimalsAreNot) {
  EXPECT_FALSE(noted(fitted_with("small", [](int i) { return fmt::format("0.00{}", i % 9 + 1); }), "too small"));
}

TEST_F(OddCells, AColumnWithoutAnyValueIsToldToBeOne) {
  EXPECT_TRUE(noted(fitted_with("nothing", [](int) { return ""; }), "column nothing: it holds no value; new rows have none"));
  EXPECT_EQ(std::ranges::count(made(), ""), 300);
}

TEST_F(OddCells, NewIdsBeginWhereNoOldOneIs) {
  fitted_with("user_id", [](int i) { return "g" + std::to_string(2 * i); });
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) seen.insert("g" + std::to_string(2 * i));
  for (const std::string& id : made()) EXPECT_TRUE(seen.insert(id).second) << id;
}

TEST_F(OddCells, EachColumnOfIdsIsOneOfItsOwn) {
  std::string text = "name,user_id,x,label\n";
  for (int i = 0; i < 100; ++i) text += fmt::format("n{:03},{},{:.2f},{}\n", i, i + 500, draw_unit(Key{7, 1}, static_cast<std::uint64_t>(i)), i % 2 ? "a" : "b");
  write_text(scratch_ / "people.csv", text);
  fit();
  for (const auto& row : parsed(sampled({.rows = 10})).rows) {
    EXPECT_EQ(row[0].front(), 'g') << row[0];
    EXPECT_GT(std::stoll(row[1]), 599);
  }
}

TEST_F(OddCells, WhatIsMissingInJsonIsAnEmptyCell) {
  std::string text;
  for (int i = 0; i < 200; ++i)
    text += fmt::format("{{\"x\": {:.2f}, \"label\": \"{}\", \"town\": {}}}\n", draw_unit(Key{7, 1}, static_cast<std::uint64_t>(i)), i % 3 ? "a" : "b", i % 4 ? (i % 2 ? "\"Kiel\"" : "\"Ulm\"") : "null");
  write_text(scratch_ / "people.jsonl", text);
  fit_table({.data = scratch_ / "people.jsonl", .out = scratch_ / "gen"}, plain_table_kinds(), {}, kGoOn);
  const std::vector<std::string> cells = made();
  EXPECT_EQ(std::ranges::count(cells, "null"), 0);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(cells, "")), 75, 40);
}

TEST_F(OddCells, RowsOfSomeClassesAreSoManyInAll) {
  fitted_with("n", [](int i) { return std::to_string(i % 50); });
  const Table both = parsed(sampled({.rows = 31, .classes = {"a", "b"}}));
  EXPECT_EQ(both.rows.size(), 31U);
  EXPECT_GT(both.where(1, "a"), both.where(1, "b"));
  EXPECT_EQ(both.where(1, "a") + both.where(1, "b"), 31U);
  EXPECT_EQ(parsed(sampled({.rows = 1, .classes = {"a", "b"}})).rows.size(), 1U);
}

TEST_F(OddCells, ARecipeThatSaysNothingOfRowsIsRefused) {
  fit();
  write_text(scratch_ / "r.yaml", "leaven: 1\nsteps: [table_noise]\n");
  try {
    sampled({.rows = 3, .recipe = (scratch_ / "r.yaml").string(), .data = scratch_ / "people.csv"});
    FAIL() << "it was used for nothing";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("has no constraints:"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace leaven::learn
