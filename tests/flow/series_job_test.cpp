// Jobs on datasets of time series: the same bytes however they are run, and what is in them.
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/job.hpp"
#include "flow/replay.hpp"
#include "flow/series_replay.hpp"
#include "flow/table_source.hpp"
#include "io/series_file.hpp"
#include "ops/families.hpp"
#include "tests/flow/job_process.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEveryKind =
    "leaven: 1\nsteps:\n  - series_time_warp: {p: 0.5}\n  - series_permutation: {p: 0.5}\n  - series_jitter\n"
    "  - one_of: [series_guided_warp, series_discriminative_warp, series_spawner, series_barycenter, series_mixup, series_surrogate]\n";

class SeriesJob : public testing::Test {
 protected:
  static std::string row(int label, int number, int length) {
    std::string text = std::to_string(label);
    for (int i = 0; i < length; ++i) io::append_value(text += '\t', std::sin(0.2 * i * label + number), -1, "NaN");
    return text + "\n";
  }
  void write_ucr(int train = 12, int test = 5) {
    std::string text;
    for (int i = 0; i < train; ++i) text += row(1 + i % 3, i, 40);
    write_text(folder_ / "in" / "Wave_TRAIN.tsv", text);
    text.clear();
    for (int i = 0; i < test; ++i) text += row(1 + i % 3, 100 + i, 40);
    write_text(folder_ / "in" / "Wave_TEST.tsv", text);
  }
  JobArguments arguments(const std::string& out, std::initializer_list<std::string> more = {}, const std::string& recipe = kEveryKind) const {
    JobArguments list{"in=" + (folder_ / "in").string(), "out=" + (folder_ / out).string(), "recipe=" + recipe};
    list.insert(list.end(), more.begin(), more.end());
    return list;
  }
  recipe::Source source() const {
    recipe::Source in;
    in.path = folder_ / "in";
    return in;
  }
  void expect_replayed(const std::string& out) const {
    for (const std::string& line : lines_of(folder_ / out / kLineageFile))
      EXPECT_TRUE(replay(lineage_from_json(line, ops::op_table()), source()).same_digest) << line;
    const Verification found = verify(folder_ / out, 2);
    EXPECT_EQ(found.missing + found.changed + found.unlisted, 0U);
    EXPECT_EQ(found.checked, lines_of(folder_ / out / kLineageFile).size());
  }

  TestFolder folder_;
};

TEST_F(SeriesJob, Case28SameBytesForAnyThreadsAndShards) {
  write_ucr();
  ASSERT_EQ(run_job_process(arguments("one", {"times=3", "threads=1"})), 0);
  ASSERT_EQ(run_job_process(arguments("many", {"times=3", "threads=8"})), 0);
  EXPECT_EQ(tree_of(folder_ / "one"), tree_of(folder_ / "many"));
  for (const char* shard : {"shard=1/3", "shard=3/3", "shard=2/3"}) ASSERT_EQ(run_job_process(arguments("parts", {"times=3", shard})), 0);
  ASSERT_EQ(run_job_process({"out=" + (folder_ / "parts").string(), "merge"}), 0);
  EXPECT_EQ(tree_of(folder_ / "one"), tree_of(folder_ / "parts"));
  EXPECT_EQ(lines_of(folder_ / "one" / "Wave_TRAIN.tsv").size(), 48U);
  EXPECT_EQ(read_text(folder_ / "one" / "Wave_TEST.tsv"), read_text(folder_ / "in" / "Wave_TEST.tsv"));
  expect_replayed("one");
}

TEST_F(SeriesJob, SurvivesKills) {
  write_ucr(60, 20);
  ASSERT_EQ(run_job_process(arguments("whole", {"times=20"})), 0);
  const auto whole = time_of(arguments("timed", {"times=20"}));
  std::mt19937 random(7);
  int killed = 0;
  ASSERT_EQ(kill_until_done(arguments("killed", {"times=20", "resume"}), whole, random, killed), 0);
  EXPECT_EQ(tree_of(folder_ / "whole"), tree_of(folder_ / "killed"));
}

TEST_F(SeriesJob, ArraysHoldTheSameValues) {
  write_ucr();
  ASSERT_EQ(run_job_process(arguments("text", {"times=2"})), 0);
  ASSERT_EQ(run_job_process(arguments("arrays", {"times=2"}, std::string("sink: {layout: npz}\n") + kEveryKind)), 0);
  expect_replayed("arrays");
  const auto text = io::open_dataset(folder_ / "text");
  const auto arrays = io::open_dataset(folder_ / "arrays", {.format = "series_npz"});
  ASSERT_EQ(text->index().entries.size(), arrays->index().entries.size());
  EXPECT_EQ(arrays->index().labels, text->index().labels);
  const auto values = [](const io::DatasetReader& reader, std::size_t i) {
    const io::Bytes raw = reader.read(reader.index().entries[i]).file;
    return io::parse_series(*reader.index().series, {reinterpret_cast<const char*>(raw.data()), raw.size()}).values;
  };
  for (std::size_t i = 0; i < text->index().entries.size(); ++i) {
    const auto a = values(*text, i), b = values(*arrays, i);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], 1e-8 * (1 + std::fabs(b[k])));
  }
}

TEST_F(SeriesJob, PartnersAreOfTrainAndOfTheClass) {
  // Case 4 of leakage: nothing of test may come into a copy.
  write_ucr();
  ASSERT_EQ(run_job_process(arguments("out", {"times=6"}, "leaven: 1\nsteps: [series_discriminative_warp]\n")), 0);
  for (const std::string& line : lines_of(folder_ / "out" / kLineageFile)) {
    const LineageRecord record = lineage_from_json(line, ops::op_table());
    for (const ProgramStep& step : record.program.steps) {
      ASSERT_EQ(step.partners.size(), 6U);
      for (std::size_t p = 0; p < 6; ++p) {
        EXPECT_TRUE(step.partners[p].source.starts_with("Wave_TRAIN")) << line;
        EXPECT_EQ(step.partners[p].label == record.label, p < 3) << line;
      }
    }
  }
}

TEST_F(SeriesJob, PerClassCounts) {
  write_ucr(13, 0);
  fs::remove(folder_ / "in" / "Wave_TEST.tsv");
  ASSERT_EQ(run_job_process(arguments("out", {"per_class=10"}, "leaven: 1\nsteps: [series_jitter]\n")), 0);
  std::map<char, int> counts;
  for (const std::string& line : lines_of(folder_ / "out" / "Wave_TRAIN.tsv")) ++counts[line[0]];
  EXPECT_EQ(counts, (std::map<char, int>{{'1', 10}, {'2', 10}, {'3', 10}}));
}

TEST_F(SeriesJob, OneFileIsSplitIntoSeveral) {
  write_ucr(30, 0);
  fs::remove(folder_ / "in" / "Wave_TEST.tsv");
  ASSERT_EQ(run_job_process(arguments("out", {"times=1"}, "leaven: 1\nsplit: {test: 20%}\nsteps: [series_jitter]\n")), 0);
  EXPECT_EQ(lines_of(folder_ / "out" / "Wave_TRAIN.tsv").size(), 48U);
  EXPECT_EQ(lines_of(folder_ / "out" / "Wave_TEST.tsv").size(), 6U);
  expect_replayed("out");
}

TEST_F(SeriesJob, BrokenSeriesAreSetAsideAndTheRestIsMade) {
  write_ucr(30, 5);
  std::string text = read_text(folder_ / "in" / "Wave_TRAIN.tsv");
  text += "2\t1\tx\t3\n3\tNaN\tNaN\n";
  write_text(folder_ / "in" / "Wave_TRAIN.tsv", text);
  ASSERT_EQ(run_job_process(arguments("out", {"times=1"})), 0);
  const auto aside = lines_of(folder_ / "out" / kSetAsideFile);
  ASSERT_EQ(aside.size(), 2U);
  EXPECT_NE(aside[0].find("Wave_TRAIN.tsv#000030"), std::string::npos);
  EXPECT_NE(aside[0].find("Wave_TRAIN.tsv:31: value 3 is no number: x"), std::string::npos);
  EXPECT_NE(aside[1].find("Wave_TRAIN.tsv:32: holds no value"), std::string::npos);
  EXPECT_EQ(lines_of(folder_ / "out" / "Wave_TRAIN.tsv").size(), 60U);
}

TEST_F(SeriesJob, StepsOfOtherDomainsAreRefused) {
  write_ucr();
  std::string error;
  EXPECT_EQ(run_job_process(arguments("out", {"times=1"}, "leaven: 1\nsteps: [invert]\n"), &error), 2);
  EXPECT_NE(error.find("works on images, and this is a time series"), std::string::npos) << error;
  EXPECT_EQ(run_job_process(arguments("out", {"times=1"}, "leaven: 1\nsteps: [series_mixup: {partners: any}]\n"), &error), 2);
  EXPECT_NE(error.find("cannot hold shares of classes"), std::string::npos) << error;
}

TEST_F(SeriesJob, ExplainAndReportShowThem) {
  write_ucr();
  ASSERT_EQ(run_job_process(arguments("out", {"times=2"})), 0);
  const std::string line = lines_of(folder_ / "out" / kLineageFile).back();
  const FoundLineage found = find_lineage(folder_ / "out" / lineage_from_json(line, ops::op_table()).id, ops::op_table());
  const Explanation told = explain(found);
  EXPECT_NE(told.text.find("the same bytes"), std::string::npos) << told.text;
  EXPECT_NE(told.page.find("<path class=\"now\" d=\"M"), std::string::npos);
  SourceFinder sources(source());
  const auto row = series_example({"Wave_TRAIN.tsv#000003", "1", {line}}, sources);
  ASSERT_TRUE(row);
  EXPECT_NE(row->find("copy copy-1"), std::string::npos);
}

TEST_F(SeriesJob, AUcrFileIsNoTable) {
  write_ucr();
  recipe::Source in;
  in.path = folder_ / "in" / "Wave_TRAIN.tsv";
  EXPECT_FALSE(is_table(in));
  in.format = "table";
  EXPECT_TRUE(is_table(in));
}

}  // namespace
}  // namespace leaven::flow
