// A table in, a longer table out: rows, lineage, checks, and every row made again.
#include "flow/table_job.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/error.hpp"
#include "flow/replay.hpp"
#include "flow/table_row.hpp"
#include "ops/families.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecipe = R"(leaven: 1
seed: 5
steps:
  - table_fill: {with: median}
  - table_jitter: {sigma: {uniform: [0.1, 0.3]}, p: 0.5, when: {class: [a]}}
)";

std::string small_table() {
  std::string text = "id,name,price,class\n";
  for (int i = 0; i < 9000; ++i)  // more than two blocks
    text += std::to_string(i) + ",\"n, " + std::to_string(i % 7) + "\"," + (i % 11 == 0 ? std::string() : std::to_string(i % 50) + ".25") +
            (i % 2 ? ",a\n" : ",b\n");
  return text;
}

JobSummary make(const fs::path& in, const fs::path& out, int threads, const std::string& recipe = kRecipe) {
  JobOptions options;
  options.recipe = recipe::parse(recipe, ops::op_table());
  options.recipe.source.path = in;
  options.recipe.sink.path = out;
  options.recipe.augment.times = 2;
  options.threads = threads;
  const std::atomic<bool> stop{false};
  return run_job(options, [](const Progress&) {}, stop);
}

std::vector<std::string> lines(const fs::path& file) {
  std::istringstream in(read_text(file));
  std::vector<std::string> all;
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

TEST(TableJob, OriginalsStayAsTheyAreAndCopiesFollowThem) {
  TestFolder folder;
  write_text(folder / "in.csv", small_table());
  const JobSummary summary = make(folder / "in.csv", folder / "out", 2);
  EXPECT_EQ(summary.outputs, 27'000U);
  EXPECT_EQ(summary.classes.at("a"), (std::pair<std::uint64_t, std::uint64_t>{4500, 13'500}));
  const auto before = lines(folder / "in.csv"), after = lines(folder / "out" / "in.csv");
  ASSERT_EQ(after.size(), 27'001U);
  EXPECT_EQ(after[0], before[0]);
  int changed = 0;
  for (std::size_t i = 0; i < 9000; ++i) {
    ASSERT_EQ(after[1 + 3 * i], before[1 + i]) << i;
    const bool missing = i % 11 == 0, b = i % 2 == 0;
    for (std::size_t k = 1; k <= 2; ++k) {
      if (b && !missing) { ASSERT_EQ(after[1 + 3 * i + k], before[1 + i]) << "class b is left alone"; }
      changed += after[1 + 3 * i + k] != before[1 + i];
      ASSERT_NE(after[1 + 3 * i + k].find("\"n, "), std::string::npos) << "text stays as it was quoted";
    }
  }
  EXPECT_GT(changed, 4500);
}

TEST(TableJob, AnyNumberOfThreadsGivesTheSameBytes) {
  TestFolder folder;
  write_text(folder / "in.csv", small_table());
  make(folder / "in.csv", folder / "one", 1);
  make(folder / "in.csv", folder / "four", 4);
  for (const char* file : {"in.csv", kLineageFile, kSetAsideFile, kFittedFile})
    EXPECT_EQ(read_text(folder / "one" / file), read_text(folder / "four" / file)) << file;
}

TEST(TableJob, EveryRowCanBeMadeAgainAndChecked) {
  TestFolder folder;
  write_text(folder / "in.csv", small_table());
  make(folder / "in.csv", folder / "out", 2);
  const auto table = lines(folder / "out" / "in.csv");
  for (const int row : {0, 1, 2, 4, 5, 33, 34, 12'300, 26'999}) {
    const FoundLineage found = find_lineage(folder / "out" / ("in.csv#" + std::to_string(row)), ops::op_table());
    const Replayed again = replay(found.record, found.recipe.source);
    EXPECT_TRUE(again.same_digest) << row;
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(again.file.data()), again.file.size()), table[static_cast<std::size_t>(row) + 1] + "\n");
  }
  const Explanation told = explain(find_lineage(folder / "out" / "in.csv#1", ops::op_table()));
  EXPECT_NE(told.text.find("table_fill"), std::string::npos);
  EXPECT_NE(told.page.find("the same cells"), std::string::npos);
  EXPECT_EQ(verify(folder / "out", 1).changed, 0U);
  std::string text = read_text(folder / "out" / "in.csv");
  text.replace(text.rfind("a\n"), 1, "z");
  write_text(folder / "out" / "in.csv", text);
  const Verification after = verify(folder / "out", 1);
  EXPECT_EQ(after.changed, 1U);
  EXPECT_EQ(after.checked, 27'000U);
}

TEST(TableJob, ExplanationsTellWhatEachStepDid) {
  TestFolder folder;
  std::string csv = "x,z,word,class\n";
  for (int i = 0; i < 40; ++i) csv += std::to_string(10 * i) + ".5," + std::to_string(i * i) + "," + (i % 2 ? "up" : "down") + "," + (i % 4 ? "b" : "a") + "\n";
  write_text(folder / "in.csv", csv);
  make(folder / "in.csv", folder / "out", 1,
       "leaven: 1\nbalance: smote_nc\nconstraints: [{range: {column: z, lo: 5000}}]\nclean: {missing: true}\naugment: {originals: none}\n"
       "steps: [{table_jitter: {sigma: 1, on: x}}, {table_category_flip: {amount: 1, on: word}}]\n");
  const std::string told = explain(find_lineage(folder / "out" / "in.csv#0", ops::op_table())).text;
  const auto at = [&](const char* what) { return told.find(what); };
  ASSERT_NE(at("1. table_jitter"), std::string::npos) << told;
  EXPECT_LT(at("Made by smote_nc"), at("1. table_jitter"));
  EXPECT_TRUE(at("   x: ") < at("1. table_jitter") || told.find("   x: ", at("1. table_jitter")) < at("2. table_category_flip")) << told;
  EXPECT_GT(told.find("   word: ", at("2. table_category_flip")), at("2. table_category_flip"));
  EXPECT_LT(told.find("   word: ", at("2. table_category_flip")), at("repaired for the constraints")) << told;
  EXPECT_NE(told.find("   z: ", at("repaired for the constraints")), std::string::npos) << told;
  EXPECT_NE(at("Made again just now: the same cells."), std::string::npos) << told;
}

TEST(TableJob, WhatBelongsToImagesIsRefused) {
  TestFolder folder;
  write_text(folder / "in.csv", small_table());
  const auto refusal = [&](const std::string& recipe) {
    try {
      make(folder / "in.csv", folder / "out", 1, recipe);
    } catch (const Error& e) {
      EXPECT_EQ(e.fault(), Fault::usage);
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  EXPECT_NE(refusal("leaven: 1\nsteps: [invert]\n").find("invert works on images, and this is a table"), std::string::npos);
  EXPECT_NE(refusal("leaven: 1\nsource: {limit: 5}\nsteps: [table_jitter]\n").find("cannot be made with limit"), std::string::npos);
  EXPECT_NE(refusal("leaven: 1\nclean: {perceptual: 3}\nsteps: [table_jitter]\n").find("perceptual"), std::string::npos);
  EXPECT_NE(refusal("leaven: 1\nsteps: [{table_jitter: {on: prize}}]\n").find("did you mean price?"), std::string::npos);
  EXPECT_NE(refusal("leaven: 1\nsteps: [{random_order: [table_jitter, table_fill]}]\n").find("random_order"), std::string::npos);
}

}  // namespace
}  // namespace leaven::flow
