// What new rows are like: small classes, ends of ranges, dates, and what the gate makes of rows that chance made equal.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "learn/generate/date_column.hpp"
#include "tests/generate/people.hpp"

namespace leaven::learn {
namespace {

TEST_F(TableGenerator, AClassOfAFewRowsIsInterpolatedAndToldSo) {
  const Fitted fitted = fit();
  EXPECT_TRUE(std::ranges::any_of(fitted.notes, [](const std::string& note) { return note.find("class rare has") != std::string::npos; }));
  EXPECT_TRUE(std::ranges::any_of(fitted.notes, [](const std::string& note) { return note.find("column id: new rows get ids") != std::string::npos; }));
  double lowest = 1e9, highest = 0, drawn_lowest = 1e9, drawn_highest = 0;
  const Table real = parsed(read_text(scratch_ / "people.csv")), made = parsed(sampled({.rows = 200, .classes = {"rare"}}));
  for (const auto& row : real.rows)
    if (row[4] == "rare") lowest = std::min(lowest, std::stod(row[1])), highest = std::max(highest, std::stod(row[1]));
  for (const auto& row : made.rows) drawn_lowest = std::min(drawn_lowest, std::stod(row[1])), drawn_highest = std::max(drawn_highest, std::stod(row[1]));
  EXPECT_GE(drawn_lowest, lowest);
  EXPECT_LE(drawn_highest, highest);
}

TEST_F(TableGenerator, AClassOfOneRowHasNewOnesBetweenItAndItsNeighbours) {
  // A plane of class a, and one row of class b in its corner: the nearest are at most 0.3 away in either direction.
  std::string text = "x,y,word,label\n";
  for (int i = 0; i < 400; ++i) text += fmt::format("{:.4f},{:.4f},{},a\n", draw_unit(Key{1, 1}, static_cast<std::uint64_t>(i)), draw_unit(Key{1, 2}, static_cast<std::uint64_t>(i)), i % 2 ? "u" : "v");
  // A row of the same numbers is no neighbour: half-way to it would be a copy.
  write_text(scratch_ / "people.csv", text + "1.1000,1.1000,w,b\n1.1000,1.1000,u,a\n");
  // In every draw of the split the row must be in train.
  const Fitted fitted = fit_table({.data = scratch_ / "people.csv", .out = scratch_ / "gen", .target = "label", .held_out = 0}, plain_table_kinds(), {}, kGoOn);
  EXPECT_TRUE(std::ranges::any_of(fitted.notes, [](const std::string& note) { return note.find("class b has 1 row, too few to fit: its new rows lie between it and the nearest rows of other classes") == 0; }));
  const Table made = parsed(sampled({.rows = 200, .classes = {"b"}}));
  std::set<std::string> different;
  for (const auto& row : made.rows) {
    EXPECT_EQ(row[2], "w");
    EXPECT_EQ(row[3], "b");
    for (const std::size_t c : {0U, 1U}) {
      EXPECT_LT(std::stod(row[c]), 1.1);
      EXPECT_GT(std::stod(row[c]), 0.8);
    }
    different.insert(row[0]);
  }
  EXPECT_GT(different.size(), 100U);
  EXPECT_EQ(std::ranges::count_if(made.rows, [](const auto& row) { return row[0] == "1.1000" && row[1] == "1.1000"; }), 0);  // no copies
  // All classes together have it as often as it was seen.
  EXPECT_NEAR(static_cast<double>(parsed(sampled({.rows = 40'200})).where(3, "b")), 100, 50);
}

TEST_F(TableGenerator, RowsOfASmallClassLieBetweenTwoDifferentOnes) {
  std::string text = "x,label\n";
  for (int i = 0; i < 100; ++i) text += fmt::format("{:.4f},a\n", draw_unit(Key{1, 1}, static_cast<std::uint64_t>(i)));
  write_text(scratch_ / "people.csv", text + "5.0000,b\n9.0000,b\n");
  fit_table({.data = scratch_ / "people.csv", .out = scratch_ / "gen", .target = "label", .held_out = 0}, plain_table_kinds(), {}, kGoOn);
  for (const auto& row : parsed(sampled({.rows = 200, .classes = {"b"}})).rows) {
    EXPECT_GT(std::stod(row[0]), 5);
    EXPECT_LT(std::stod(row[0]), 9);
  }
}

TEST_F(TableGenerator, RowsWithoutAClassAreNoMatterOfTheGate) {
  std::string text = people(1200), blank;
  // Two rows in five lose their class.
  std::istringstream lines(text);
  int i = 0;
  for (std::string line; std::getline(lines, line); ++i) blank += (i > 0 && i % 5 < 2 ? line.substr(0, line.rfind(',') + 1) : line) + "\n";
  write_text(scratch_ / "people.csv", blank);
  const Fitted fitted = fit_table({.data = scratch_ / "people.csv", .out = scratch_ / "gen", .target = "label"}, plain_table_kinds(), {}, kGoOn);
  EXPECT_TRUE(std::ranges::any_of(fitted.notes, [](const std::string& note) { return note.find("have no class") != std::string::npos; }));
  check_table({.generator = scratch_ / "gen", .data = scratch_ / "people.csv", .threads = 2}, plain_table_kinds(), kGoOn);
  const auto gate = nlohmann::json::parse(read_text(scratch_ / "gen/leaven.gate.json"));
  for (const auto& column : gate["columns"])
    if (column["name"] == "label") {
      EXPECT_LT(column["distance"].get<double>(), 0.1);
    }
  EXPECT_EQ(gate["train"].get<int>() + gate["held_out"].get<int>(), 720);
}

TEST_F(TableGenerator, PricesThatChanceMadeEqualAreNoCopies) {
  std::string text = "price\n";
  for (std::uint64_t i = 0; i < 1000; ++i) text += fmt::format("{:.2f}\n", std::exp(1 + draw(normal(0, 1), Key{1, 5}, i)));
  write_text(scratch_ / "people.csv", text);
  fit();
  const Checked checked = check_table({.generator = scratch_ / "gen", .data = scratch_ / "people.csv", .threads = 2}, plain_table_kinds(), kGoOn);
  const auto gate = nlohmann::json::parse(read_text(scratch_ / "gen/leaven.gate.json"));
  EXPECT_GT(gate["scores"]["copies"].get<int>(), 300);
  for (const auto& reason : gate["reasons"]) {
    EXPECT_EQ(reason.get<std::string>().find("copies"), std::string::npos) << checked.text;
    EXPECT_EQ(reason.get<std::string>().find("too near"), std::string::npos) << checked.text;
  }
}

TEST_F(TableGenerator, TheEndsOfWhatWasSeenAreNotMadeAgainAndAgain) {
  std::string text = "x,w\n";
  for (std::uint64_t i = 0; i < 300; ++i) text += fmt::format("{:.9f},a\n", draw_unit(Key{1, 5}, i));
  write_text(scratch_ / "people.csv", text);
  fit();
  std::map<std::string, int> count;
  for (const auto& row : parsed(sampled({.rows = 20'000})).rows) ++count[row[0]];
  EXPECT_LE(std::ranges::max_element(count, {}, [](const auto& one) { return one.second; })->second, 3);
}

TEST_F(TableGenerator, TheBootstrapKeepsMeansAndMissingCells) {
  fit("bootstrap");
  const Table made = parsed(sampled({.rows = 5000}));
  double sum = 0;
  for (const auto& row : made.rows) sum += std::stod(row[1]);
  EXPECT_NEAR(sum / 5000, 43.3, 1);
  EXPECT_NEAR(static_cast<double>(made.where(2, "")), 625, 150);
}

TEST_F(TableGenerator, DatesAreMadeInTheirSpelling) {
  std::string text = "day,moment,german,american,either,label\n";
  for (int i = 0; i < 200; ++i)
    text += fmt::format("2024-{:02}-{:02},2023-05-{:02}T{:02}:30:00Z,{:02}.02.2021,{:02}/{:02}/2022 08:15,{:02}/{:02}/2020,{}\n", 1 + i % 12, 1 + i % 28, 1 + i % 30, i % 24, 1 + i % 28, 1 + i % 3, 1 + i % 28,
                        1 + i % 12, 1 + i % 11, i % 2 == 0 ? "a" : "b");
  write_text(scratch_ / "days.csv", text);
  const Fitted fitted = fit_table({.data = scratch_ / "days.csv", .out = scratch_ / "days", .target = "label"}, plain_table_kinds(), {}, kGoOn);
  sample_table({.generator = scratch_ / "days", .out = scratch_ / "new", .rows = 300}, plain_table_kinds(), kGoOn);
  const Table made = parsed(read_text(scratch_ / "new/days.csv"));
  ASSERT_EQ(made.rows.size(), 300U);
  std::set<std::string> days;
  for (const auto& row : made.rows) {
    ASSERT_EQ(row[0].size(), 10U) << row[0];
    EXPECT_TRUE(row[0] >= "2024-01-01" && row[0] <= "2024-12-28") << row[0];
    EXPECT_TRUE(row[1].starts_with("2023-05-") && row[1].ends_with("Z")) << row[1];
    EXPECT_EQ(row[1].substr(16), ":00Z") << row[1];  // no seconds were seen
    ASSERT_EQ(row[2].size(), 10U) << row[2];
    EXPECT_TRUE(row[2].ends_with(".02.2021") && row[2].substr(0, 2) >= "01" && row[2].substr(0, 2) <= "28") << row[2];
    ASSERT_EQ(row[3].size(), 16U) << row[3];
    EXPECT_TRUE(row[3].substr(0, 2) >= "01" && row[3].substr(0, 2) <= "03" && row[3].substr(5, 5) == "/2022") << row[3];
    EXPECT_EQ(row[4], "");  // 03/04/2020 may be in March or in April
    days.insert(row[0]);
  }
  EXPECT_GT(days.size(), 40U);
  EXPECT_TRUE(std::ranges::any_of(fitted.notes, [](const std::string& note) {
    return note == "column either: whether the day or the month comes first in dates like 01/01/2020 cannot be told; new rows have none";
  }));
}

TEST(DateColumn, TheWholeColumnTellsWhatComesFirst) {
  const auto read = [](const std::vector<std::string>& cells) {
    DateReader reader;
    for (const std::string& cell : cells) reader.see(cell, cell.empty());
    TableColumn column{.kind = ColumnKind::date_time, .role = TableColumn::Role::number};
    reader.finish(column);
    return column;
  };
  const TableColumn german = read({"01.02.2024", "", "31.12.2023"});
  EXPECT_EQ(german.order, DateOrder::day_first);
  EXPECT_EQ(german.grain, 86400);
  EXPECT_EQ(german.numbers[0], 19754);  // days from 1970-01-01 to 2024-02-01
  EXPECT_TRUE(std::isnan(german.numbers[1]));
  EXPECT_EQ(german.numbers[2], 19722);
  EXPECT_EQ(date_text(19723 * 86400.0, german.like, german.order), "01.01.2024");
  const TableColumn american = read({"12/31/2023 23:30", "01/02/2024 00:30"});
  EXPECT_EQ(american.order, DateOrder::month_first);
  EXPECT_EQ(american.grain, 60);
  EXPECT_EQ(date_text((american.numbers[0] + 60) * 60, american.like, american.order), "01/01/2024 00:30");
  EXPECT_EQ(read({"2024/12/31", "2024/01/02"}).order, DateOrder::year_first);
  EXPECT_EQ(read({"13.01.2024", "01/13/2024"}).why, "not all of its dates are spelt in one order");
  EXPECT_EQ(read({"31.02.2024", "01.03.2024"}).role, TableColumn::Role::left_out);  // no such day, and no such month
}

}  // namespace
}  // namespace leaven::learn
