// From a CSV to a generator to new rows.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "learn/generate/gate_file.hpp"
#include "learn/generate/likeness.hpp"
#include "learn/generate/table_model.hpp"
#include "learn/generate/table_source.hpp"
#include "tests/generate/people.hpp"

namespace leaven::learn {
namespace {

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

TEST_F(TableGenerator, AnotherGeneratorIsOverwrittenOnlyWhenAsked) {
  fit();
  check_table({.generator = scratch_ / "gen", .data = scratch_ / "people.csv", .threads = 2}, plain_table_kinds(), kGoOn);
  const std::string card = read_text(scratch_ / "gen/generator.json");
  try {
    fit("bootstrap");
    FAIL() << "it was overwritten";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_NE(std::string(error.what()).find("--overwrite"), std::string::npos) << error.what();
  }
  EXPECT_EQ(read_text(scratch_ / "gen/generator.json"), card);
  fit_table({.data = scratch_ / "people.csv", .out = scratch_ / "gen", .kind = "bootstrap", .overwrite = true}, plain_table_kinds(), {}, kGoOn);
  EXPECT_NE(read_text(scratch_ / "gen/generator.json"), card);
  for (const char* file : {"leaven.gate.json", "leaven.gate.html"}) EXPECT_FALSE(std::filesystem::exists(scratch_ / "gen" / file)) << file;
}

TEST_F(TableGenerator, NothingIsLeftOfRowsThatCannotBeDrawn) {
  fit();
  write_text(scratch_ / "r.yaml", "leaven: 1\nconstraints:\n  - match: {column: town, regex: never}\nsteps: []\n");
  EXPECT_THROW(sampled({.rows = 300, .recipe = (scratch_ / "r.yaml").string(), .data = scratch_ / "people.csv"}), Error);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out"));
  EXPECT_THROW(sampled({.rows = 20, .classes = {"maybe"}}), Error);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out"));
}

TEST_F(TableGenerator, WordsAreNamedWithoutTheirBlanks) {
  std::string text = "town, label\n";
  for (int i = 0; i < 300; ++i) text += i % 3 ? "Kiel, yes\n" : " Ulm, no\n";
  write_text(scratch_ / "people.csv", text);
  fit_table({.data = scratch_ / "people.csv", .out = scratch_ / "gen", .target = "label"}, plain_table_kinds(), {}, kGoOn);
  EXPECT_EQ(parsed(sampled({.rows = 20, .classes = {"yes"}})).where(1, " yes"), 20U);
  EXPECT_EQ(parsed(sampled({.rows = 20, .where = {{"town", "Ulm"}}})).where(0, " Ulm"), 20U);
  EXPECT_EQ(nlohmann::json::parse(read_text(scratch_ / "out/leaven.lineage.jsonl"))["condition"]["town"], " Ulm");
  try {
    sampled({.rows = 20, .where = {{"town", "Kil"}}});
    FAIL() << "there is no such town";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean Kiel?"), std::string::npos) << error.what();
  }
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

TEST_F(TableGenerator, RowsThatAreMovedIntoARangeAreCounted) {
  fit();
  write_text(scratch_ / "r.yaml", "leaven: 1\nconstraints:\n  - range: {column: age, lo: 40, hi: 41}\n");
  const auto summary = [&](SampleOptions options) {
    options.data = scratch_ / "people.csv";
    options.recipe = (scratch_ / "r.yaml").string();
    sampled(options);
    return nlohmann::json::parse(read_text(scratch_ / "out/leaven.generated.json"));
  };
  const std::uint64_t moved = summary({.rows = 300, .threads = 1})["repaired"];
  EXPECT_EQ(summary({.rows = 300, .threads = 4})["repaired"], moved);
  const Table free = parsed(sampled({.rows = 300}));
  EXPECT_EQ(moved, static_cast<std::uint64_t>(std::ranges::count_if(free.rows, [](const auto& row) { return row[1] != "40" && row[1] != "41"; })));
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
  // What cannot be read must not open the gate.
  write_text(scratch_ / "gen/leaven.gate.json", "{\"verdict\":");
  EXPECT_THROW(sampled({.rows = 10}), Error);
  // A verdict on another generator says nothing of this one.
  write_text(scratch_ / "gen/leaven.gate.json", R"({"verdict":"refused","generator":"0"})");
  EXPECT_EQ(gate_of(scratch_ / "gen", load_generator(scratch_ / "gen")).word, kUnchecked);
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

TEST_F(TableGenerator, ANumberOfStepsIsRefusedWhereThereAreNone) {
  write_text(scratch_ / "some.csv", "x,y\n1,a\n2,b\n");
  try {
    fit_table({.data = scratch_ / "some.csv", .out = scratch_ / "g", .steps = 5}, plain_table_kinds(), {}, kGoOn);
    FAIL() << "the steps were passed over";
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("the kind copula has no steps of training"), std::string::npos) << error.message();
  }
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
