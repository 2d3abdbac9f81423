// The promise of bytes, for every step on tables and on series: any number of threads, any shards in any order.
#include <gtest/gtest.h>

#include <cmath>

#include "core/value.hpp"
#include "tests/flow/made_table.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kShards = 3;

// Under ThreadSanitizer a run takes ten times as long: one run by many threads shows it their races, bytes are for the others.
#if defined(__SANITIZE_THREAD__)
constexpr bool kEveryRun = false;
#else
constexpr bool kEveryRun = true;
#endif

std::vector<const OpInfo*> ops_of(Domain domain) {
  std::vector<const OpInfo*> ops;
  for (const auto& op : ops::op_table().all())
    if (op->domain == domain) ops.push_back(op.get());
  return ops;
}

struct Run {
  int threads{2};
  std::uint32_t shard{1}, shards{1};
};

void run(const fs::path& in, const fs::path& out, const std::string& recipe, Run how) {
  JobOptions options;
  options.recipe = recipe::parse("leaven: 1\nseed: 3\n" + recipe, ops::op_table());
  options.recipe.source.path = in;
  options.recipe.sink.path = out;
  options.recipe.augment.times = 2;
  options.threads = how.threads;
  options.shard = how.shard, options.shards = how.shards;
  options.report = false;
  const std::atomic<bool> stop{false};
  run_job(options, [](const Progress&) {}, stop);
}

class SameBytes : public testing::TestWithParam<const OpInfo*> {
 protected:
  void expect_same(const fs::path& in, const std::string& recipe) {
    run(in, folder_ / "1", recipe, {.threads = 1});
    const auto first = tree_of(folder_ / "1");
    EXPECT_GT(first.size(), 1U);
    for (const int threads : {8, 2}) {
      const fs::path out = folder_ / std::to_string(threads);
      run(in, out, recipe, {.threads = threads});
      EXPECT_EQ(tree_of(out), first) << threads << " threads";
      if (!kEveryRun) return;
    }
    for (std::uint32_t shard = kShards; shard > 0; --shard) run(in, folder_ / "parts", recipe, {.shard = shard, .shards = kShards});
    merge_shards(folder_ / "parts", [](const Progress&) {});
    EXPECT_EQ(tree_of(folder_ / "parts"), first) << "merged shards";
  }
  TestFolder folder_;
};

class SameTableBytes : public SameBytes {};
class SameSeriesBytes : public SameBytes {};

/// Two blocks of rows, with gaps, words and times.
std::string table_of_all_kinds() {
  std::string csv = "time,group,x,y,color,note,class\n";
  for (int i = 0; i < 4300; ++i) {
    const auto u = [&](int k) { return draw_unit(Key{8, 8}, static_cast<std::uint64_t>(4 * i + k)); };
    csv += std::to_string(i) + ",g" + std::to_string(i % 3) + "," + (u(0) < 0.05 ? "" : std::to_string(u(1))) + "," + std::to_string(static_cast<int>(1000 * u(2))) +
           (u(3) < 0.5 ? ",red" : u(3) < 0.9 ? ",Blue" : u(3) < 0.95 ? ",blue" : ",") + ",some words " + std::to_string(i) + (i % 4 ? ",a\n" : ",b\n");
  }
  return csv;
}

TEST_P(SameTableBytes, ForThreadsAndShards) {
  write_text(folder_ / "in.csv", table_of_all_kinds());
  const OpInfo& op = *GetParam();
  std::string step(op.example);
  if (op.name == "table_fill_along") step = "table_fill_along: {with: linear, by: time, group: group, on: [x]}";
  if (op.name == "table_rotate") step = "table_rotate: {on: [x, y]}";
  const std::string noise = "steps:\n  - table_jitter\n  - " + step + "\n";
  const std::string prepared = "prepare:\n  - " + step + "\nsteps: [table_jitter]\n";
  const std::string rest = "schema: {target: class, columns: {note: text}}\nsplit: {test: 10%}\n";
  const bool whole = table_refusal(folder_ / "in.csv", folder_ / "tried", rest + noise) != "made";
  expect_same(folder_ / "in.csv", rest + (whole ? prepared : noise));
}
INSTANTIATE_TEST_SUITE_P(Op, SameTableBytes, testing::ValuesIn(ops_of(Domain::columns)), [](const auto& op) { return std::string(op.param->name); });

TEST_P(SameSeriesBytes, ForThreadsAndShards) {
  for (const char* split : {"TRAIN", "TEST"}) {
    std::string text;
    for (int i = 0; i < 14; ++i) {
      text += std::to_string(1 + i % 2);
      for (int t = 0; t < 48; ++t) text += "\t" + (i == 5 && t == 9 ? "NaN" : std::to_string(std::sin(0.2 * t * (1 + i % 2)) + 0.1 * i));
      text += "\n";
    }
    write_text(folder_ / "in" / ("Wave_" + std::string(split) + ".tsv"), text);
  }
  std::string step(GetParam()->example);
  if (GetParam()->labels == LabelRule::mixes) step = GetParam()->name;  // shares of classes do not fit into text
  expect_same(folder_ / "in", "steps:\n  - series_jitter\n  - " + step + "\n");
}
INSTANTIATE_TEST_SUITE_P(Op, SameSeriesBytes, testing::ValuesIn(ops_of(Domain::series)), [](const auto& op) { return std::string(op.param->name); });

}  // namespace
}  // namespace leaven::flow
