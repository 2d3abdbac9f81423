// Jobs that are killed, go on, grow, and are divided: always the bytes of one that was left alone.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "core/error.hpp"
#include "flow/job.hpp"
#include "ops/families.hpp"
#include "tests/flow/job_process.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecipe =
    "recipe=leaven: 1\nmax_bad: 1\nclean: {duplicates: true}\nsteps:\n  - rotate: {degrees: {uniform: [-20, 20]}}\n"
    "  - gaussian_noise: {sigma: 0.03}\n";

/// A few dozen images with a truncated one, a duplicate and an empty file among them.
void write_dataset(const fs::path& in) {
  write_classes(in, {"cat", "dog", "owl"}, 12);
  const std::string whole = read_text(in / "cat" / "003.jpg");
  write_text(in / "cat" / "004.jpg", whole.substr(0, whole.size() * 2 / 3));
  write_text(in / "dog" / "005.jpg", whole);
  write_text(in / "owl" / "000.jpg", "");
  write_text(in / "owl" / "011.jpg", whole.substr(0, whole.size() / 2));
  fs::create_symlink("nowhere.jpg", in / "dog" / "dangling.jpg");
}

class Resume : public testing::Test {
 protected:
  Resume() { write_dataset(folder_ / "in"); }

  JobArguments arguments(const std::string& out, std::initializer_list<std::string> more) const {
    JobArguments list{"in=" + (folder_ / "in").string(), "out=" + (folder_ / out).string(), kRecipe, "threads=2"};
    list.insert(list.end(), more.begin(), more.end());
    return list;
  }
  void expect_same(const std::string& a, const std::string& b) const {
    EXPECT_EQ(tree_of(folder_ / a), tree_of(folder_ / b));
  }

  TestFolder folder_;
};

TEST_F(Resume, AKilledRunGoesOnToTheSameBytes) {
  const auto whole = time_of(arguments("whole", {"times=3"}));
  ASSERT_FALSE(lines_of(folder_ / "whole" / kSetAsideFile).empty());
  std::mt19937 random(20);
  int killed = 0;
  // A run that is quicker than the first one was ends before its kill comes: further rounds make up for it.
  for (int round = 0; round < 12 || (killed < 12 && round < 100); ++round) {
    const std::string out = "killed" + std::to_string(round);
    ASSERT_EQ(kill_until_done(arguments(out, {"times=3", "resume"}), whole, random, killed), 0) << out;
    expect_same("whole", out);
  }
  EXPECT_GE(killed, 12);
}

TEST_F(Resume, AKilledRunIsAPartOfTheWhole) {
  const auto time = time_of(arguments("whole", {"times=3"}));
  const auto whole = tree_of(folder_ / "whole");
  for (int round = 0; round < 8; ++round) {
    const std::string out = "part" + std::to_string(round);
    const pid_t job = start_job(arguments(out, {"times=3"}));
    std::this_thread::sleep_for(time * (round + 1) / 9);
    ::kill(job, SIGKILL);
    wait_for(job);
    if (!fs::exists(folder_ / out)) continue;
    for (const auto& [name, digest] : tree_of(folder_ / out)) {
      if (name.find(".leaven-") != std::string::npos || name.starts_with("leaven.")) continue;
      ASSERT_TRUE(whole.contains(name)) << name;
      EXPECT_EQ(digest, whole.at(name)) << name << " is half a file";
    }
  }
}

TEST_F(Resume, GrowingIsTheSameAsAskingForMoreAtOnce) {
  ASSERT_EQ(run_job_process(arguments("direct", {"times=4"})), 0);
  ASSERT_EQ(run_job_process(arguments("grown", {"times=2"})), 0);
  const auto written = fs::last_write_time(folder_ / "grown" / "cat" / "000_aug1.jpg");
  ASSERT_EQ(run_job_process(arguments("grown", {"times=4", "resume"})), 0);
  expect_same("direct", "grown");
  EXPECT_EQ(fs::last_write_time(folder_ / "grown" / "cat" / "000_aug1.jpg"), written) << "made a second time";
  // By total and by class, too; and nothing asked is nothing changed.
  ASSERT_EQ(run_job_process(arguments("direct_total", {"total=150"})), 0);
  ASSERT_EQ(run_job_process(arguments("grown_total", {"total=90"})), 0);
  ASSERT_EQ(run_job_process(arguments("grown_total", {"total=150", "resume"})), 0);
  expect_same("direct_total", "grown_total");
  ASSERT_EQ(run_job_process(arguments("grown_total", {"total=150", "resume"})), 0);
  expect_same("direct_total", "grown_total");
}

TEST_F(Resume, AKilledGrowthGoesOn) {
  const auto whole = time_of(arguments("direct", {"times=4"}));
  std::mt19937 random(5);
  int killed = 0;
  for (int round = 0; round < 5; ++round) {
    const std::string out = "grown" + std::to_string(round);
    ASSERT_EQ(run_job_process(arguments(out, {"times=1"})), 0);
    ASSERT_EQ(kill_until_done(arguments(out, {"times=4", "resume"}), whole, random, killed), 0);
    expect_same("direct", out);
  }
  EXPECT_GE(killed, 2);  // a run quicker than the one timed ends before its kill comes
}

TEST_F(Resume, WhatWasDeletedIsMadeAgain) {
  ASSERT_EQ(run_job_process(arguments("whole", {"times=2"})), 0);
  ASSERT_EQ(run_job_process(arguments("holed", {"times=2"})), 0);
  fs::remove(folder_ / "holed" / "cat" / "002_aug2.jpg");
  fs::remove(folder_ / "holed" / "owl" / "003.jpg");
  ASSERT_EQ(run_job_process(arguments("holed", {"times=2", "resume"})), 0);
  expect_same("whole", "holed");
}

TEST_F(Resume, ASourceThatWasReplacedMeanwhileIsRefused) {
  JobArguments stopping = arguments("out", {"times=2", "resume"});
  stopping[2] = "recipe=leaven: 1\non_error: stop\nsteps: [horizontal_flip]\n";
  fs::remove(folder_ / "in" / "dog" / "dangling.jpg");  // seen before anything is made
  std::string said;
  ASSERT_NE(run_job_process(stopping, &said), 0);
  EXPECT_NE(said.find("cat/004.jpg"), std::string::npos) << said;
  ASSERT_TRUE(fs::exists(folder_ / "out" / "cat" / "001_aug2.jpg"));
  // Written anew with the same bytes is no change.
  const std::string as_it_was = read_text(folder_ / "in" / "cat" / "001.jpg");
  write_text(folder_ / "in" / "cat" / "001.jpg", as_it_was);
  ASSERT_NE(run_job_process(stopping, &said), 0);
  EXPECT_NE(said.find("cat/004.jpg"), std::string::npos) << said;
  write_image(folder_ / "in" / "cat" / "001.jpg", picture(77));
  ASSERT_NE(run_job_process(stopping, &said), 0);
  EXPECT_NE(said.find("cat/001.jpg: has changed since the interrupted run read it"), std::string::npos) << said;
}

TEST_F(Resume, StopsCleanlyWhenAskedAndSaysHowToGoOn) {
  // Long enough that the watcher, who comes ten times a second, finds it at work.
  constexpr int kTimes = 60;
  ASSERT_EQ(run_job_process(arguments("whole", {"times=" + std::to_string(kTimes)})), 0);
  JobOptions options;
  options.recipe = recipe::parse(std::string(kRecipe).substr(7), ops::op_table(), "test.yaml");
  options.recipe.source.path = folder_ / "in";
  options.recipe.sink.path = folder_ / "stopped";
  options.recipe.augment.times = kTimes;
  options.threads = 1;
  options.report = false;
  options.command = "leaven augment in -o stopped";
  std::atomic<bool> stop{};
  try {
    run_job(options, [&](const Progress& p) { stop = p.stage == "augment"; }, stop);
    FAIL() << "was not stopped";
  } catch (const Error& e) {
    EXPECT_EQ(e.fault(), Fault::interrupted);
    EXPECT_NE(std::string(e.what()).find("leaven augment in -o stopped --resume"), std::string::npos) << e.what();
  }
  for (const std::string& name : names_in(folder_ / "stopped")) EXPECT_FALSE(name.ends_with(".leaven-tmp")) << name;
  options.resume = true;
  stop = false;
  run_job(options, {}, stop);
  expect_same("whole", "stopped");
}

TEST_F(Resume, ShardsJoinToTheWhole) {
  for (const int threads : {1, 3}) {
    const std::string t = "threads=" + std::to_string(threads), n = std::to_string(threads);
    ASSERT_EQ(run_job_process(arguments("whole" + n, {"times=2", t})), 0);
    const std::string out = "shards" + n;
    // Two at a time in one folder, as machines that share it would.
    const pid_t second = start_job(arguments(out, {"times=2", "shard=2/3", t}));
    EXPECT_EQ(run_job_process(arguments(out, {"times=2", "shard=1/3", t})), 0);
    EXPECT_EQ(wait_for(second), 0);
    EXPECT_EQ(run_job_process(arguments(out, {"times=2", "shard=3/3", t})), 0);
    write_text(folder_ / out / "leaven.recipe.yaml", read_text(folder_ / ("whole" + n) / "leaven.recipe.yaml"));
    const JobSummary merged = merge_shards(folder_ / out, {});
    expect_same("whole" + n, out);
    EXPECT_EQ(merged.sources, 37U);
    EXPECT_EQ(merged.outputs, lines_of(folder_ / out / kLineageFile).size());
    EXPECT_EQ(merged.set_aside.at("broken"), 4U);
    EXPECT_EQ(merged.set_aside.at("duplicate"), 1U);
  }
}

TEST_F(Resume, MoreShardsThanSources) {
  TestFolder few;
  write_classes(few / "in", {"a"}, 2);
  const auto args = [&](const std::string& out, std::initializer_list<std::string> more) {
    JobArguments list{"in=" + (few / "in").string(), "out=" + (few / out).string(), "times=1"};
    list.insert(list.end(), more.begin(), more.end());
    return list;
  };
  ASSERT_EQ(run_job_process(args("whole", {})), 0);
  for (int i = 1; i <= 5; ++i) ASSERT_EQ(run_job_process(args("out", {"shard=" + std::to_string(i) + "/5"})), 0);
  merge_shards(few / "out", {});
  EXPECT_EQ(tree_of(few / "out"), tree_of(few / "whole"));
}

TEST_F(Resume, AKilledShardGoesOn) {
  const auto whole = time_of(arguments("whole", {"times=3"}));
  std::mt19937 random(6);
  int killed = 0;
  for (const std::string shard : {"shard=1/2", "shard=2/2"})
    ASSERT_EQ(kill_until_done(arguments("out", {"times=3", shard, "resume"}), whole / 2, random, killed), 0);
  EXPECT_GE(killed, 1);
  merge_shards(folder_ / "out", {});
  expect_same("whole", "out");
}

TEST_F(Resume, MergeNamesTheShardsThatAreMissing) {
  ASSERT_EQ(run_job_process(arguments("out", {"times=1", "shard=2/3"})), 0);
  try {
    merge_shards(folder_ / "out", {});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.fault(), Fault::usage);
    EXPECT_NE(std::string(e.what()).find("shards are missing: 1/3, 3/3"), std::string::npos) << e.what();
  }
  EXPECT_THROW(merge_shards(folder_ / "in", {}), Error);
  // A shard of other work leaves nothing behind.
  const auto before = names_in(folder_ / "out");
  JobArguments other = arguments("out", {"times=1", "shard=1/3"});
  other[2] = "recipe=leaven: 1\nsteps: [vertical_flip]\n";
  std::string said;
  ASSERT_EQ(run_job_process(other, &said), 2) << said;
  EXPECT_EQ(names_in(folder_ / "out"), before);
}

// What must not be mixed.
TEST_F(Resume, RefusesOtherWork) {
  ASSERT_EQ(run_job_process(arguments("out", {"times=2"})), 0);
  const auto refused = [&](const JobArguments& args, const std::string& text) {
    std::string said;
    EXPECT_EQ(run_job_process(args, &said), 2) << text;
    EXPECT_NE(said.find(text), std::string::npos) << said;
  };
  const auto before = tree_of(folder_ / "out");
  JobArguments other = arguments("out", {"times=2", "resume"});
  other[2] = "recipe=leaven: 1\nsteps: [vertical_flip]\n";
  refused(other, "the recipe's digest was");
  other[2] = std::string(kRecipe) + "seed: 7\n";
  refused(other, "the seed was 0, is now 7");
  other = arguments("out", {"times=2", "resume"});
  write_classes(folder_ / "in2", {"cat"}, 2);
  other[0] = "in=" + (folder_ / "in2").string();
  refused(other, "the source was " + (folder_ / "in").string());
  refused(arguments("out", {"times=1", "resume"}), "copy 2 of cat/000.jpg");
  refused(arguments("out", {"times=2", "shard=1/2"}), "holds a whole run");
  refused(arguments("out", {"times=2"}), "--resume makes it larger, --overwrite starts anew");
  write_image(folder_ / "in" / "cat" / "new.jpg", picture(99));
  refused(arguments("out", {"times=2", "resume"}), "the source's samples have changed: there were 37, now there are 38");
  std::string job = read_text(folder_ / "out" / kJobFile);
  job.replace(job.find("\"leaven\": \"") + 11, 1, "9");
  write_text(folder_ / "out" / kJobFile, job);
  refused(arguments("out", {"times=2", "resume"}), "Leaven's version was 9");
  EXPECT_EQ(tree_of(folder_ / "out"), before);
}

TEST_F(Resume, OneRunAtATimeInOneFolder) {
  ASSERT_EQ(run_job_process(arguments("whole", {"times=200"})), 0);
  const auto refused = [&](std::initializer_list<std::string> more) {
    std::string said;
    EXPECT_EQ(run_job_process(arguments("out", more), &said), 2);
    EXPECT_NE(said.find("another run is at work in it"), std::string::npos) << said;
  };
  const pid_t first = start_job(arguments("out", {"times=200"}));
  for (int waited = 0; waited < 5000 && !fs::exists(folder_ / "out" / "cat" / "000_aug1.jpg"); ++waited)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ::kill(first, SIGSTOP);  // at work, however slow this machine is
  refused({"times=200", "resume"});
  refused({"times=1", "overwrite"});
  EXPECT_THROW(merge_shards(folder_ / "out", {}), Error);
  ::kill(first, SIGCONT);
  EXPECT_EQ(wait_for(first), 0);
  expect_same("whole", "out");

  const pid_t shard = start_job(arguments("shards", {"times=200", "shard=1/2"}));
  for (int waited = 0; waited < 5000 && !fs::exists(folder_ / "shards" / "cat" / "000_aug1.jpg"); ++waited)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ::kill(shard, SIGSTOP);
  std::string said;
  EXPECT_EQ(run_job_process(arguments("shards", {"times=200", "shard=1/2", "resume"}), &said), 2);
  EXPECT_NE(said.find("another run of shard 1-of-2 is at work in it"), std::string::npos) << said;
  EXPECT_EQ(run_job_process(arguments("shards", {"times=200", "shard=2/2"})), 0);
  ::kill(shard, SIGCONT);
  EXPECT_EQ(wait_for(shard), 0);
  merge_shards(folder_ / "shards", {});
  expect_same("whole", "shards");
}

TEST_F(Resume, OverwriteTakesAwayWhatWasMadeAndNothingElse) {
  // An unfinished run, too, whose last files have no lines yet.
  const pid_t job = start_job(arguments("out", {"times=4"}));
  for (int waited = 0; waited < 5000 && !fs::exists(folder_ / "out" / "cat" / "000_aug1.jpg"); ++waited)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ::kill(job, SIGKILL);
  wait_for(job);
  write_text(folder_ / "out" / "cat" / "my notes.txt", "mine");
  ASSERT_EQ(run_job_process(arguments("out", {"times=1", "overwrite"})), 0);
  EXPECT_EQ(read_text(folder_ / "out" / "cat" / "my notes.txt"), "mine");
  fs::remove(folder_ / "out" / "cat" / "my notes.txt");
  ASSERT_EQ(run_job_process(arguments("fresh", {"times=1"})), 0);
  expect_same("fresh", "out");
  write_classes(folder_ / "foreign", {"x"}, 1);
  JobArguments foreign = arguments("foreign", {"times=1", "overwrite"});
  std::string said;
  EXPECT_EQ(run_job_process(foreign, &said), 2);
  EXPECT_NE(said.find("Leaven did not make what is in it"), std::string::npos) << said;
  EXPECT_TRUE(fs::exists(folder_ / "foreign" / "x" / "000.jpg"));
}

}  // namespace
}  // namespace leaven::flow
