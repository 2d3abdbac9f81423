// Merges that are killed and done again: always the bytes of a run that was never divided.
#include <gtest/gtest.h>

#include <random>

#include "core/error.hpp"
#include "flow/job.hpp"
#include "tests/flow/job_process.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

class KilledMerge : public testing::TestWithParam<std::string> {
 protected:
  KilledMerge() {
    write_classes(folder_ / "in", {"cat", "dog"}, 8);
    write_text(folder_ / "in" / "dog" / "broken.jpg", "no picture");
    EXPECT_EQ(run_job_process(arguments("whole", {"times=2"})), 0);
    for (const char* shard : {"shard=1/3", "shard=2/3", "shard=3/3"})
      EXPECT_EQ(run_job_process(arguments("shards", {"times=2", shard})), 0);
  }

  JobArguments arguments(const std::string& out, std::initializer_list<std::string> more) const {
    JobArguments list{"in=" + (folder_ / "in").string(), "out=" + (folder_ / out).string(), "threads=2",
                      "recipe=leaven: 1\nmax_bad: 1\naugment: {originals: none}\nsink: {layout: " + GetParam() +
                          "}\nsteps:\n  - gaussian_noise: {sigma: 0.05}\n  - resize: {width: 9, height: 7}\n"};
    list.insert(list.end(), more.begin(), more.end());
    return list;
  }
  void copy(const std::string& from, const std::string& to) const {
    fs::copy(folder_ / from, folder_ / to, fs::copy_options::recursive);
  }
  void expect_whole(const std::string& out) const {
    EXPECT_EQ(tree_of(folder_ / out), tree_of(folder_ / "whole")) << out;
    EXPECT_TRUE(fs::exists(folder_ / out / kReportFile)) << out;
    EXPECT_TRUE(fs::exists(folder_ / out / kJobFile)) << out;
    for (const std::string& name : names_in(folder_ / out)) EXPECT_EQ(name.find("-of-3"), std::string::npos) << name;
  }

  TestFolder folder_;
};

TEST_P(KilledMerge, IsDoneAgainAtAnyMoment) {
  copy("shards", "timed");
  const auto whole = time_of(arguments("timed", {"merge"}));
  std::mt19937 random(11);
  int killed = 0;
  for (int round = 0; round < 6; ++round) {
    const std::string out = "killed" + std::to_string(round);
    copy("shards", out);
    const int code = kill_until_done(arguments(out, {"merge"}), whole, random, killed);
    // A merge that was killed when its last shard was gone had nothing left to do.
    if (code == 2) EXPECT_THROW(merge_shards(folder_ / out, {}), Error);
    else ASSERT_EQ(code, 0) << out;
    expect_whole(out);
  }
  EXPECT_GE(killed, 3);  // a run quicker than the one timed ends before its kill comes
}

/// The files that a merge writes stand beside those of the shards, up to the moment at which it was killed.
TEST_P(KilledMerge, IsDoneAgainBesideWhatItHadWritten) {
  copy("shards", "merged");
  merge_shards(folder_ / "merged", {});
  expect_whole("merged");
  const auto killed = [&](const std::string& out, const std::vector<std::string>& lacking) {
    copy("merged", out);
    fs::copy(folder_ / "shards", folder_ / out, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    for (const std::string& file : lacking) fs::remove(folder_ / out / file);
    const JobSummary summary = merge_shards(folder_ / out, {});
    EXPECT_EQ(summary.sources, 17U);
    EXPECT_EQ(summary.copies, 32U);
    EXPECT_EQ(summary.set_aside.at("broken"), 1U);
    expect_whole(out);
  };
  killed("containers_there", {kJobFile, kLineageFile, kSetAsideFile, kReportFile});
  killed("lines_there", {kJobFile, kReportFile});
  killed("job_there", {kReportFile});
  killed("a_shard_gone",
         {"leaven.lineage.1-of-3.jsonl", "leaven.set_aside.1-of-3.jsonl", "leaven.journal.1-of-3.jsonl",
          "leaven.part-1-of-3.items", "leaven.job.1-of-3.json", "leaven.lineage.2-of-3.jsonl"});
}

TEST_P(KilledMerge, IsNotGoneOnWithAsAWholeRun) {
  copy("shards", "out");
  copy("shards", "merged");
  merge_shards(folder_ / "merged", {});
  fs::copy_file(folder_ / "merged" / kJobFile, folder_ / "out" / kJobFile);
  std::string said;
  EXPECT_EQ(run_job_process(arguments("out", {"times=2", "resume"}), &said), 2);
  EXPECT_NE(said.find("leaven merge"), std::string::npos) << said;
}

TEST_P(KilledMerge, ShardsAreVerifiedWhereTheyLieInFiles) {
  if (GetParam() == "folders") {
    EXPECT_EQ(verify(folder_ / "shards", 2).checked, 32U);
    EXPECT_EQ(verify(folder_ / "shards", 2).missing, 0U);
    return;
  }
  try {
    verify(folder_ / "shards", 2);
    FAIL() << "was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_NE(std::string(error.what()).find("leaven merge"), std::string::npos) << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(Layouts, KilledMerge, testing::Values("folders", "npz", "webdataset"));

TEST(MergedJobs, AreJudgedAsAWhole) {
  TestFolder folder;
  write_classes(folder / "in", {"cat"}, 24);
  for (const char* name : {"a.jpg", "b.jpg"}) write_text(folder / "in/cat" / name, "no picture");
  const std::string recipe = "recipe=leaven: 1\nmax_bad: 0.05\nsteps: []\n";
  for (const char* shard : {"shard=1/3", "shard=2/3", "shard=3/3"})
    EXPECT_EQ(run_job_process({"in=" + (folder / "in").string(), "out=" + (folder / "out").string(), "times=1", recipe, shard}), 0) << "no shard can know";
  const JobSummary merged = merge_shards(folder / "out", {});
  EXPECT_EQ(merged.broken, 2U);
  EXPECT_TRUE(merged.too_many_broken);
}

TEST(MergedJobs, AreWholeBeforeTheyAreVerified) {
  TestFolder folder;
  write_classes(folder / "in", {"cat"}, 6);
  const auto run_shard = [&](const char* shard) {
    ASSERT_EQ(run_job_process({"in=" + (folder / "in").string(), "out=" + (folder / "out").string(), "times=1", "recipe=leaven: 1\nsteps: []\n", shard}), 0);
  };
  run_shard("shard=1/2");
  EXPECT_EQ(verify(folder / "out", 1).problems, std::vector<std::string>{"shard 2/2: is missing or unfinished"});
  EXPECT_EQ(verify(folder / "out", 1).missing, 1U);
  run_shard("shard=2/2");
  EXPECT_EQ(verify(folder / "out", 1).missing, 0U);
  merge_shards(folder / "out", {});
  EXPECT_EQ(verify(folder / "out", 1).checked, 12U);
}

}  // namespace
}  // namespace leaven::flow
