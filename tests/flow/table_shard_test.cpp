// Shards of a table job: each makes its part, and the merge gives the bytes of one run.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/flow/made_table.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

const char* const kRecipe =
    "schema: {target: class}\nsplit: {test: 10%}\nclean: {duplicates: true}\nbalance: smote_nc\nprepare: [table_fill, {table_outliers: {action: drop, far: 3}}]\n"
    "constraints: [{unique: id}, {range: {column: x, lo: 0}}]\nsteps: [{table_jitter: {sigma: 0.1}}]\n";

/// 9,000 rows in three blocks, with gaps, duplicates and far numbers.
std::string made_csv() {
  std::string csv = "id,x,color,class\n";
  for (int i = 0; i < 9000; ++i) {
    const double u = draw_unit(Key{9, 9}, static_cast<std::uint64_t>(i));
    csv += std::to_string(1000 + i - (i % 1000 == 999 ? 1 : 0)) + "," + (i % 50 == 3 ? "" : std::to_string(i % 700 == 5 ? 900.5 : u)) + "," + (i % 3 ? "red" : "\"deep, blue\"") + (i % 6 ? ",a\n" : ",b\n");
  }
  return csv;
}

void run_shard(const fs::path& in, const fs::path& out, std::uint32_t shard, std::uint32_t shards, const std::string& recipe = kRecipe) {
  JobOptions options;
  options.recipe = recipe::parse("leaven: 1\n" + recipe, ops::op_table());
  options.recipe.source.path = in;
  options.recipe.sink.path = out;
  options.threads = 2;
  options.report = false;
  options.shard = shard, options.shards = shards;
  const std::atomic<bool> stop{false};
  run_job(options, [](const Progress&) {}, stop);
}

TEST(TableShards, Case28MergedShardsAreTheUnshardedRun) {
  TestFolder folder;
  write_text(folder / "in.csv", made_csv());
  const JobSummary whole = make_table(folder / "in.csv", folder / "whole", kRecipe);
  for (const std::uint32_t shards : {2U, 7U}) {
    const fs::path out = folder / ("of" + std::to_string(shards));
    for (std::uint32_t i = shards; i > 0; --i) run_shard(folder / "in.csv", out, i, shards);
    EXPECT_FALSE(fs::exists(out / "train/in.csv"));
    const JobSummary merged = merge_shards(out, [](const Progress&) {});
    for (const char* file : {"train/in.csv", "test/in.csv", kLineageFile, kSetAsideFile, kFittedFile})
      EXPECT_TRUE(read_text(out / file) == read_text(folder / "whole" / file)) << file << " of " << shards;
    EXPECT_EQ(merged.outputs, whole.outputs);
    EXPECT_EQ(merged.classes, whole.classes);
    EXPECT_EQ(merged.set_aside, whole.set_aside);
    std::size_t left = 0;
    for (const auto& entry : fs::directory_iterator(out)) left += entry.path().filename().string().find("-of-") != std::string::npos ? 1 : 0;
    EXPECT_EQ(left, 0U) << "the shards' own files go";
  }
}

TEST(TableShards, WhatCannotBeMergedSaysWhy) {
  TestFolder folder;
  write_text(folder / "in.csv", made_csv());
  const auto refusal = [&] {
    try {
      merge_shards(folder / "out", [](const Progress&) {});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("merged");
  };
  run_shard(folder / "in.csv", folder / "out", 1, 2);
  EXPECT_NE(refusal().find("shards are missing: 2/2"), std::string::npos);
  run_shard(folder / "in.csv", folder / "out", 2, 2);
  fs::path spool;
  for (const auto& entry : fs::directory_iterator(folder / "out"))
    if (entry.path().filename().string().find("journal.2-of-2") != std::string::npos) spool = entry.path();
  ASSERT_FALSE(spool.empty());
  const std::string bytes = read_text(spool);
  write_text(spool, bytes.substr(0, bytes.size() / 2));
  EXPECT_NE(refusal().find("is cut off"), std::string::npos);
  write_text(spool, bytes);
  write_text(folder / "in.csv", made_csv() + "1,2,red,a\n");
  EXPECT_NE(refusal().find("has changed since"), std::string::npos);
}

}  // namespace
}  // namespace leaven::flow
