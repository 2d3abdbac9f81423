// From a CSV to a generator to new rows.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/generate/gate_file.hpp"
#include "learn/generate/date_column.hpp"
#include "learn/generate/generate.hpp"
#include "learn/generate/likeness.hpp"
#include "learn/generate/table_model.hpp"
#include "learn/generate/table_source.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

const std::atomic<bool> kGoOn{false};

/// Class yes lies higher than class no; one income in eight is missing; 4 rows are of class rare.
std::string people(int rows) {
  std::string text = "id,age,income,town,label\n";
  const Key key{3, 4};
  for (int i = 0; i < rows; ++i) {
    const auto n = static_cast<std::uint64_t>(i);
    const bool yes = i % 3 == 0;
    const double age = 40 + (yes ? 10 : 0) + 8 * draw(normal(0, 1), key, 4 * n);
    const double income = 1000 + 30 * age + 100 * draw(normal(0, 1), key, 4 * n + 1);
    const std::string missing = i % 8 == 0 ? "" : fmt::format("{:.2f}", income);
    text += fmt::format("{},{:.0f},{},{},{}\n", i + 1, age, missing, draw_unit(key, 4 * n + 2) < 0.3 ? "\"Ulm, old\"" : "Kiel", i < 4 ? "rare" : yes ? "yes" : "no");
  }
  return text;
}

struct Table {
  std::vector<std::vector<std::string>> rows{};
  std::size_t where(std::size_t column, const std::string& text) const {
    return static_cast<std::size_t>(std::ranges::count_if(rows, [&](const auto& row) { return row[column] == text; }));
  }
};

Table parsed(const std::string& text) {
  Table table;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') quoted = !quoted;
      else if (c == ',' && !quoted) cells.emplace_back();
      else cells.back() += c;
    }
    table.rows.push_back(cells);
  }
  return table;
}

class TableGenerator : public testing::Test {
 protected:
  TableGenerator() { write_text(scratch_ / "people.csv", people(1200)); }
  Fitted fit(const std::string& kind = "auto") { return fit_table({.data = scratch_ / "people.csv", .out = scratch_ / "gen", .kind = kind}, plain_table_kinds(), {}, kGoOn); }
  std::string sampled(SampleOptions options) {
    options.generator = scratch_ / "gen";
    options.out = scratch_ / "out";
    options.overwrite = true;
    sample_table(options, plain_table_kinds(), kGoOn);
    return read_text(scratch_ / "out/people.csv");
  }
  ScratchFolder scratch_{};
};

TEST_F(TableGenerator, WhatIsPassedOverDoesNotDependOnThreads) {
  fit();
  std::string first;
  for (const int threads : {1, 2, 8, 8, 8}) {
    sampled({.rows = 20'000, .where = {{"town", "Kiel"}}, .threads = threads});
    const std::string summary = read_text(scratch_ / "out/leaven.generated.json");
    if (first.empty()) first = summary;
    EXPECT_EQ(summary, first) << threads;
  }
}

TEST_F(TableGenerator, MakesRowsLikeThoseItSaw) {
  const Fitted fitted = fit();
  EXPECT_EQ(fitted.train + fitted.held_out, 1200U);
  EXPECT_NEAR(static_cast<double>(fitted.held_out), 240, 60);
  const Table made = parsed(sampled({.rows = 6000}));
  ASSERT_EQ(made.rows.size(), 6000U);
  EXPECT_NEAR(static_cast<double>(made.where(3, "Kiel")), 4200, 250);
  EXPECT_NEAR(static_cast<double>(made.where(2, "")), 750, 150);
  std::map<std::string, double> sum, count;
  for (const auto& row : made.rows) {
    sum[row[4]] += std::stod(row[1]), count[row[4]] += 1;
    EXPECT_EQ(row[1].find('.'), std::string::npos);
    if (!row[2].empty()) {
      EXPECT_EQ(row[2].size() - row[2].find('.'), 3U) << row[2];
    }
  }
  EXPECT_NEAR(sum["yes"] / count["yes"], 50, 1.5);
  EXPECT_NEAR(sum["no"] / count["no"], 40, 1.5);
}

TEST_F(TableGenerator, EqualSeedsGiveEqualBytesOnAnyNumberOfThreads) {
  fit();
  const std::string one = sampled({.rows = 40'000, .seed = 7, .threads = 1});
  EXPECT_EQ(sampled({.rows = 40'000, .seed = 7, .threads = 3}), one);
  EXPECT_NE(sampled({.rows = 40'000, .seed = 8}), one);
  // More rows leave those before as they are.
  const std::string few = sampled({.rows = 100, .seed = 7});
  EXPECT_EQ(one.substr(0, few.size()), few);
}

TEST_F(TableGenerator, ByClass) {
  fit();
  const Table made = parsed(sampled({.per_class = 50}));
  EXPECT_EQ(made.rows.size(), 150U);
  for (const char* label : {"no", "rare", "yes"}) EXPECT_EQ(made.where(4, label), 50U) << label;
  EXPECT_EQ(parsed(sampled({.rows = 20, .classes = {"yes"}})).where(4, "yes"), 20U);
  EXPECT_THROW(sampled({.rows = 20, .classes = {"maybe"}}), Error);
}

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

TEST_F(TableGenerator, IdsAreNewAndUnique) {
  fit();
  const Table made = parsed(sampled({.per_class = 300}));
  std::map<std::string, int> seen;
  for (const auto& row : made.rows) {
    EXPECT_EQ(++seen[row[0]], 1);
    EXPECT_GT(std::stoll(row[0]), 1200);
  }
}

TEST_F(TableGenerator, WhereAndConstraintsHoldInEveryRow) {
  fit();
  write_text(scratch_ / "r.yaml", "leaven: 1\nconstraints:\n  - range: {column: age, lo: 35, hi: 50}\n  - combinations: [town, label]\nsteps: []\n");
  const Table made = parsed(sampled({.rows = 300, .where = {{"town", "Ulm, old"}}, .recipe = (scratch_ / "r.yaml").string(), .data = scratch_ / "people.csv"}));
  ASSERT_EQ(made.rows.size(), 300U);
  EXPECT_EQ(made.where(3, "Ulm, old"), 300U);
  for (const auto& row : made.rows) {
    EXPECT_GE(std::stoi(row[1]), 35);
    EXPECT_LE(std::stoi(row[1]), 50);
  }
  EXPECT_THROW(sampled({.rows = 300, .where = {{"town", "Rome"}}}), Error);
  EXPECT_THROW(sampled({.rows = 300, .where = {{"age", "30"}}}), Error);
}

TEST_F(TableGenerator, LineageNamesGeneratorSeedAndCondition) {
  const Fitted fitted = fit();
  sampled({.per_class = 10, .classes = {"yes"}, .seed = 5});
  const auto line = nlohmann::json::parse(read_text(scratch_ / "out/leaven.lineage.jsonl"));
  EXPECT_EQ(line["synthetic"], true);
  EXPECT_EQ(line["generator"], fitted.hash);
  EXPECT_EQ(line["seed"], 5);
  EXPECT_EQ(line["condition"]["class"], "yes");
  EXPECT_EQ(line["rows"], (std::vector<int>{0, 10}));
  EXPECT_EQ(line["gate"], "unchecked");
  EXPECT_EQ(nlohmann::json::parse(read_text(scratch_ / "out/leaven.generated.json"))["synthetic"], true);
}

TEST_F(TableGenerator, ARefusedOneSamplesOnlyByForceAndSaysSo) {
  const Fitted fitted = fit();
  write_text(scratch_ / "gen/leaven.gate.json", R"({"verdict":"refused","generator":")" + fitted.hash + R"(","reasons":["too close"]})");
  try {
    sampled({.rows = 10});
    FAIL() << "it sampled";
  } catch (const Error& error) {
    EXPECT_EQ(exit_code(error.fault()), 12);
    EXPECT_NE(error.message().find("too close"), std::string::npos);
  }
  sampled({.rows = 10, .force = true});
  EXPECT_EQ(nlohmann::json::parse(read_text(scratch_ / "out/leaven.lineage.jsonl"))["forced"], true);
  // A verdict on another generator says nothing of this one.
  write_text(scratch_ / "gen/leaven.gate.json", R"({"verdict":"refused","generator":"0"})");
  EXPECT_EQ(gate_of(scratch_ / "gen", fitted.hash).word, kUnchecked);
}

TEST_F(TableGenerator, TheVerdictLiesBesideItAndGoesAlongWithWhatIsDrawn) {
  fit();
  const Checked checked = check_table({.generator = scratch_ / "gen", .data = scratch_ / "people.csv", .threads = 2}, plain_table_kinds(), kGoOn);
  const auto json = nlohmann::json::parse(read_text(scratch_ / "gen/leaven.gate.json"));
  EXPECT_EQ(json["verdict"], checked.accepted ? "accepted" : "refused");
  // Rows without an income are often equal by chance, and the gate knows.
  EXPECT_EQ(json["reasons"].dump().find("copies"), std::string::npos) << json["reasons"];
  sampled({.rows = 10, .force = true});
  const auto line = nlohmann::json::parse(read_text(scratch_ / "out/leaven.lineage.jsonl"));
  EXPECT_EQ(line["gate"], json["verdict"]);
  EXPECT_EQ(line["scores"], json["scores"]);
  EXPECT_NE(read_text(scratch_ / "gen/leaven.gate.html").find("copula of people.csv"), std::string::npos);
}

TEST_F(TableGenerator, TheBootstrapKeepsMeansAndMissingCells) {
  fit("bootstrap");
  const Table made = parsed(sampled({.rows = 5000}));
  double sum = 0;
  for (const auto& row : made.rows) sum += std::stod(row[1]);
  EXPECT_NEAR(sum / 5000, 43.3, 1);
  EXPECT_NEAR(static_cast<double>(made.where(2, "")), 625, 150);
}

TEST_F(TableGenerator, SavedAndLoadedItDrawsTheSame) {
  fit();
  const SavedGenerator saved = load_generator(scratch_ / "gen");
  const TableModel model = TableModel::load(saved);
  SavedGenerator again;
  model.save(again);
  EXPECT_EQ(to_safetensors(again.tensors), to_safetensors(saved.tensors));
}

TEST_F(TableGenerator, TheTableMustBeTheOneThatWasFitted) {
  fit();
  const SavedGenerator saved = load_generator(scratch_ / "gen");
  const SplitTable split = split_as_fitted(saved, scratch_ / "people.csv");
  EXPECT_EQ(split.train.rows + split.held_out.rows, 1200U);
  write_text(scratch_ / "people.csv", people(1199));
  EXPECT_THROW(split_as_fitted(saved, scratch_ / "people.csv"), Error);
}

TEST_F(TableGenerator, FilesThatLieAreRefused) {
  fit();
  const SavedGenerator good = load_generator(scratch_ / "gen");
  const auto refused = [&](const std::function<void(nlohmann::ordered_json&)>& change) {
    SavedGenerator bad = good;
    change(bad.card);
    try {
      TableModel::load(bad);
    } catch (const Error& error) {
      return error.fault() == Fault::data;
    }
    return false;
  };
  EXPECT_TRUE(refused([](auto& card) { card["kind"] = "cvae"; }));
  EXPECT_TRUE(refused([](auto& card) { card.erase("columns"); }));
  EXPECT_TRUE(refused([](auto& card) { card["columns"].erase(3); }));
  EXPECT_TRUE(refused([](auto& card) { card["columns"][3]["words"] = {"Kiel"}; }));
  EXPECT_TRUE(refused([](auto& card) { card["columns"][1]["places"] = 99; }));
  EXPECT_TRUE(refused([](auto& card) { card["groups"][0]["class"] = 9; }));
  EXPECT_TRUE(refused([](auto& card) { card["groups"][0]["rows"] = "many"; }));
  EXPECT_TRUE(refused([](auto& card) { card["groups"] = nlohmann::ordered_json::array(); }));
}

TEST_F(TableGenerator, ATableOfNothingToLearnFromIsRefused) {
  write_text(scratch_ / "ids.csv", "id\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n21\n22\n");
  EXPECT_THROW(fit_table({.data = scratch_ / "ids.csv", .out = scratch_ / "g"}, plain_table_kinds(), {}, kGoOn), Error);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "g/generator.json"));
  EXPECT_THROW(fit("gpt"), Error);
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

TEST(TableModel, RefusesMoreCategoriesThanAGeneratorTakes) {
  TableData data;
  data.columns.push_back({.name = "name", .kind = ColumnKind::category, .role = TableColumn::Role::word});
  data.resize(66'000);
  for (std::int32_t i = 0; i < 66'000; ++i) data.columns[0].dictionary.push_back(fmt::format("{:06}", i)), data.columns[0].words[static_cast<std::size_t>(i)] = i;
  std::vector<std::string> notes;
  try {
    TableModel::fit(data, TableMethod::copula, notes);
    FAIL() << "it was fitted";
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("column name has 66,000 categories"), std::string::npos) << error.message();
  }
}

TEST(Likeness, TwoColumnsOfManyWordsFitIntoMemory) {
  TableData data;
  for (const char* name : {"a", "b"}) data.columns.push_back({.name = name, .kind = ColumnKind::category, .role = TableColumn::Role::word});
  data.resize(20'000);
  for (TableColumn& column : data.columns)
    for (std::int32_t i = 0; i < 20'000; ++i) column.dictionary.push_back(fmt::format("{:06}", i)), column.words[static_cast<std::size_t>(i)] = i;
  EXPECT_NEAR(association(data, 0, 1), 1, 1e-9);  // each tells the other
}

}  // namespace
}  // namespace leaven::learn
