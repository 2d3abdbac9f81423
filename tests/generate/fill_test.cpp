// `generate:` of a recipe: fitted on the recipe's own train, judged, and drawn for the classes that lack samples.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/value.hpp"
#include "flow/generated.hpp"
#include "learn/generate/generate.hpp"
#include "learn/generate/saved.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

const std::atomic<bool> kGoOn{false};

class Fill : public testing::Test {
 protected:
  /// 300 rows, of which every fifth is rare; x tells the classes apart.
  Fill() {
    std::string csv = "x,z,y\n";
    for (int i = 0; i < 300; ++i) {
      const auto u = [&](int n) { return std::to_string(draw_unit(Key{5, static_cast<std::uint64_t>(n)}, static_cast<std::uint64_t>(i))); };
      csv += (i % 5 ? "-" : "") + u(1) + "," + u(2) + (i % 5 ? ",common\n" : ",rare\n");
    }
    write_text(scratch_ / "in.csv", csv);
  }
  Filled run(const std::string& recipe, const std::string& in = "in.csv") {
    write_text(scratch_ / "r.yaml", "leaven: 1\nsource: {path: '" + (scratch_ / in).string() + "'}\nsink: {path: '" + (scratch_ / "out").string() + "'}\n" + recipe);
    return fill({.recipe = scratch_ / "r.yaml", .threads = 2}, plain_table_kinds(), kinds_, {}, {}, kGoOn);
  }
  std::vector<ImageKind> kinds_{pca_kind()};
  ScratchFolder scratch_{};
};

TEST_F(Fill, RareRowsAreFilledUpToTheLargestClass) {
  const Filled filled = run("schema: {target: y}\ngenerate: {force: true}\n");
  EXPECT_EQ(filled.counts, (std::map<std::string, std::uint64_t>{{"common", 0}, {"rare", 180}}));
  const flow::GeneratedTable table = flow::read_generated_table(scratch_ / "out.generator/samples");
  EXPECT_EQ(table.rows(), 180U);
  const std::string csv = read_text(table.file);
  EXPECT_EQ(csv.find("common"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "out.generator/leaven.gate.html"));
}

TEST_F(Fill, OnlyTrainIsLearntFromAndCounted) {
  const Filled filled = run("schema: {target: y}\nsplit: {test: 50%}\ngenerate: {force: true, per_class: 100}\n");
  EXPECT_EQ(filled.counts.at("rare"), 70U);
  EXPECT_EQ(filled.counts.at("common"), 0U);
  EXPECT_EQ(from_card<std::uint64_t>(load_generator(scratch_ / "out.generator").card, "rows"), 150U);
}

TEST_F(Fill, WhatIsDoneIsNotDoneAgain) {
  const std::string recipe = "schema: {target: y}\ngenerate: {force: true}\n";
  EXPECT_FALSE(run(recipe).done_before);
  EXPECT_TRUE(run(recipe).done_before);
  EXPECT_FALSE(run("seed: 4\n" + recipe).done_before);
  write_text(scratch_ / "in.csv", read_text(scratch_ / "in.csv") + "0.5,0.5,rare\n");
  EXPECT_FALSE(run("seed: 4\n" + recipe).done_before);
}

TEST_F(Fill, NothingIsLearntWhereNoClassLacksAnything) {
  const Filled filled = run("schema: {target: y}\ngenerate: {per_class: 20}\n");
  EXPECT_EQ(filled.counts, (std::map<std::string, std::uint64_t>{{"common", 0}, {"rare", 0}}));
  EXPECT_EQ(std::ranges::count(filled.notes, "no class lacks samples: nothing was learnt, and nothing generated"), 1);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out.generator/generator.json"));
  EXPECT_EQ(flow::read_generated_table(scratch_ / "out.generator/samples").rows(), 0U);
  EXPECT_TRUE(run("schema: {target: y}\ngenerate: {per_class: 20}\n").done_before);
}

TEST_F(Fill, WhatTheGateCouldNotJudgeIsNotBegun) {
  try {
    run("schema: {target: y}\ngenerate: {held_out: 5%}\n");
    FAIL() << "15 rows are no 20";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data) << error.what();
    EXPECT_NE(std::string(error.what()).find("the gate needs 20 rows that are held out, and has 15"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out.generator/generator.json"));
}

TEST_F(Fill, ARefusalDrawsNothing) {
  // No column tells the classes apart, so that no new row can.
  std::string csv = "a,b,y\n";
  for (int i = 0; i < 400; ++i) csv += std::to_string(draw_unit(Key{1, 2}, static_cast<std::uint64_t>(i))) + "," + std::to_string(draw_unit(Key{1, 3}, static_cast<std::uint64_t>(i))) + (i % 2 ? ",p\n" : ",q\n");
  write_text(scratch_ / "noise.csv", csv);
  try {
    run("schema: {target: y}\ngenerate: {per_class: 500}\n", "noise.csv");
    FAIL() << "classes that nothing tells apart gain nothing from new rows";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::refused) << error.what();
    EXPECT_NE(std::string(error.what()).find("force: true"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out.generator/samples/leaven.lineage.jsonl"));
}

TEST_F(Fill, ATableTooSmallToJudgeIsFilledByForceAlone) {
  std::string csv = "x,y\n";
  for (int i = 0; i < 40; ++i) csv += std::to_string(draw_unit(Key{1, 2}, static_cast<std::uint64_t>(i))) + (i % 4 ? ",p\n" : ",q\n");
  write_text(scratch_ / "small.csv", csv);
  EXPECT_THROW(run("schema: {target: y}\ngenerate: {}\n", "small.csv"), Error);
  const Filled filled = run("schema: {target: y}\ngenerate: {force: true}\n", "small.csv");
  EXPECT_TRUE(std::ranges::any_of(filled.notes, [](const std::string& note) { return note.find("the gate cannot judge") == 0; }));
  const flow::GeneratedTable table = flow::read_generated_table(scratch_ / "out.generator/samples");
  EXPECT_EQ(table.rows(), 20U);
  const auto record = nlohmann::json::parse(table.record(0));
  EXPECT_EQ(record["gate"], "unchecked");
  EXPECT_EQ(record["forced"], true);
}

TEST_F(Fill, SeriesAreRefused) {
  std::string ts = "@problemName s\n@timeStamps false\n@missing false\n@univariate true\n@equalLength true\n@seriesLength 3\n@classLabel true a b\n@data\n";
  for (int i = 0; i < 30; ++i) ts += i % 3 ? "1,2,3:a\n" : "3,2,1:b\n";
  write_text(scratch_ / "s.ts", ts);
  try {
    run("generate: {force: true}\n", "s.ts");
    FAIL() << "series were filled";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("not of series"), std::string::npos) << error.what();
  }
}

TEST_F(Fill, ATableWithoutClassesIsRefused) {
  EXPECT_THROW(run("generate: {}\nschema: {columns: {y: text}}\n"), Error);
}

}  // namespace
}  // namespace leaven::learn
