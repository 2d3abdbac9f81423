// A user's own training program: what it is given, what is made of its answer, and how it may fail.
#include "learn/external.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "core/error.hpp"
#include "learn/child_process.hpp"
#include "learn/prove.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

TEST(MetricsFromOutput, TakesTheLastLineOfJson) {
  const Metrics m = metrics_from_output("epoch 1\n{\"accuracy\": 0.1}\nnot {json\n{\"accuracy\": 0.93, \"ece\": 0.02, \"more\": [1]}\nbye\n", "accuracy");
  EXPECT_DOUBLE_EQ(m.accuracy, 93);
  EXPECT_DOUBLE_EQ(m.ece, 2);
  EXPECT_FALSE(is_known(m.auc));
}

TEST(MetricsFromOutput, PassesOverLinesOfJsonThatLackTheMetric) {
  EXPECT_DOUBLE_EQ(metrics_from_output("{\"accuracy\": 0.1}\n{\"accuracy\": 0.9}\n{\"saved\": \"net.pt\"}\n", "accuracy").accuracy, 90);
  EXPECT_DOUBLE_EQ(metrics_from_output("{\"epoch\": 1}\n{\"accuracy\": 0.4}\n", "accuracy").accuracy, 40);
}

TEST(MetricsFromOutput, LeavesOutOtherMetricsThatAreNotKnown) {
  const Metrics m = metrics_from_output("{\"accuracy\": 0.5, \"auc\": NaN, \"ece\": null}", "accuracy");
  EXPECT_DOUBLE_EQ(m.accuracy, 50);
  EXPECT_FALSE(is_known(m.auc) || is_known(m.ece));
}

TEST(MetricsFromOutput, RefusesWhatIsNoAnswer) {
  const auto why = [](const char* output) -> std::string {
    try {
      metrics_from_output(output, "accuracy");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(why("accuracy 0.9\n"), "it printed no line of JSON such as {\"accuracy\": 0.93}");
  EXPECT_EQ(why(""), "it printed no line of JSON such as {\"accuracy\": 0.93}");
  EXPECT_EQ(why("{\"auc\": 0.9}"), "its line {\"auc\": 0.9} has no accuracy");
  EXPECT_EQ(why("{\"accuracy\": 93}"), "accuracy must be a share from 0 to 1, got 93");
  EXPECT_EQ(why("{\"accuracy\": \"high\"}"), "accuracy must be a share from 0 to 1, got \"high\"");
  for (const char* const nothing : {"null", "NaN", "nan", "-Infinity"})
    EXPECT_EQ(why(("{\"a NaN\\\"\": 1, \"accuracy\": " + std::string(nothing) + "}").c_str()),
              "accuracy must be a share from 0 to 1, and its last line is {\"a NaN\\\"\": 1, \"accuracy\": " + std::string(nothing) + "} (NaN there mostly means that the training broke down)");
  EXPECT_EQ(why("{'accuracy': 0.9}"), "its line {'accuracy': 0.9} is no JSON such as {\"accuracy\": 0.93} (names stand in double quotes, as json.dumps writes them)");
}

TEST(ChildProcess, GivesOutputErrorAndCode) {
  const std::atomic<bool> never{false};
  const ChildOutcome outcome = run_child("echo out; echo err >&2; exit 3", never);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.out, "out\n");
  EXPECT_EQ(outcome.error, "err\n");
  EXPECT_EQ(run_child("kill -9 $$", never).code, -9);
}

TEST(ChildProcess, EndsWithAllThatItStartedWhenStopped) {
  std::atomic<bool> stop{false};
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop = true;
  });
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_THROW(run_child("sleep 60 | sleep 60", stop), Error);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30));
}

class ExternalProof : public testing::Test {
 protected:
  void SetUp() override {
    write_bars(scratch_ / "in", 12);
    write_text(scratch_ / "mild.yaml", "leaven: 1\nsteps: [{brightness: {by: 1.1}}]");
  }
  Proof run(const std::string& command, const std::string& metric = "accuracy", double budget = 600) {
    ProveOptions o;
    o.recipe = (scratch_ / "mild.yaml").string();
    o.against = {"none"};
    o.data = scratch_ / "in";
    o.out = scratch_ / "out";
    o.test = 0.5;
    o.threads = 2;
    o.seeds = 3;
    o.external = command;
    o.metric = metric;
    o.margin = 10;  // one of twelve test pictures is 8.3
    o.budget = budget;
    const std::atomic<bool> never{false};
    return prove(o, softmax_learner({&made_}), [](const ProveProgress&) {}, never);
  }
  ScratchFolder scratch_{};
  std::atomic<int> made_{};
};

TEST_F(ExternalProof, TheProgramSeesFoldersAndItsAnswerCounts) {
  // Answers with the share of its training files: 5 of each where the arm repeats, 1 where it does not.
  const Proof proof = run("n=$(find {data}/train -name '*.png' | wc -l); t=$(find {data}/test/left -name '*.png' | wc -l); "
                          "echo \"seed {seed} arm {arm}\"; echo \"{\\\"accuracy\\\": 0.$n, \\\"auc\\\": 0.0$t}\"");
  EXPECT_EQ(made_, 0);
  ASSERT_EQ(proof.arms.size(), 3U);
  // 12 of each class: 6 are tested, 1 validates, 5 train; two classes, five times.
  EXPECT_NEAR(proof.arms[0].metrics.at("accuracy").mean, 50, 1e-9);
  EXPECT_NEAR(proof.arms[1].metrics.at("accuracy").mean, 50, 1e-9);
  EXPECT_NEAR(proof.arms[2].metrics.at("accuracy").mean, 10, 1e-9);
  EXPECT_NEAR(proof.arms[0].metrics.at("auc").mean, 6, 1e-9);
  EXPECT_EQ(proof.arms[0].metrics.at("ece").seeds, 0U);
  EXPECT_EQ(proof.verdict.mean, 0);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out/data_0_0"));
  const std::string page = proof_page(proof);
  EXPECT_NE(page.find("harmless"), std::string::npos);
  // What the program did not say has no place on the page, nor in the table of the terminal.
  for (const char* const absent : {"macro F1", "worst class", "While training", "Accuracy of each class", ">steps<"}) EXPECT_EQ(page.find(absent), std::string::npos) << absent;
  EXPECT_EQ(proof_text(proof).find("macro_f1"), std::string::npos);
  EXPECT_NE(page.find("<th class=\"n\">AUC"), std::string::npos);
}

TEST_F(ExternalProof, AProgramThatFailsIsAFailedSeedWithItsLastWords) {
  const Proof proof = run("echo 'no such module' >&2; exit 7");
  EXPECT_EQ(proof.verdict.word, Word::inconclusive);
  EXPECT_EQ(proof.arms.front().failures.front(), "seed 0: the program ended with exit code 7: no such module");
}

TEST_F(ExternalProof, WhatFailedIsTriedAgainAndWhatWentThroughIsKept) {
  const std::string count = (scratch_ / "count").string(), there = (scratch_ / "there").string();
  const std::string command = "echo x >> " + count + "; test -e " + there + " || test {arm} = dup || exit 1; echo '{\"accuracy\": 0.5}'";
  EXPECT_EQ(run(command).verdict.word, Word::inconclusive);
  EXPECT_EQ(read_text(count).size(), 2 * 9U);
  write_text(there, "");
  const Proof proof = run(command);
  EXPECT_EQ(proof.verdict.seeds, 3U);
  EXPECT_TRUE(proof.arms.front().failures.empty());
  EXPECT_EQ(read_text(count).size(), 2 * (9U + 6U));  // those of dup were there
}

TEST_F(ExternalProof, AnotherProgramOfTheSameNameIsAnotherTraining) {
  const std::string program = (scratch_ / "train.sh").string();
  write_text(program, "echo '{\"accuracy\": 0.5}'");
  EXPECT_NEAR(run("sh " + program + " {data}").arms[0].metrics.at("accuracy").mean, 50, 1e-9);
  write_text(program, "echo '{\"accuracy\": 0.6}'");
  const Proof proof = run("sh '" + program + "' {data}");
  EXPECT_NEAR(proof.arms[0].metrics.at("accuracy").mean, 60, 1e-9);
  write_text(program, "echo '{\"accuracy\": 0.7}'");
  EXPECT_NEAR(run("sh '" + program + "' {data}").arms[0].metrics.at("accuracy").mean, 70, 1e-9);
}

TEST_F(ExternalProof, ABudgetForTwoPairsJudgesNothing) {
  const Proof proof = run("sleep 0.1; echo '{\"accuracy\": 0.5}'", "accuracy", 0.05);
  EXPECT_EQ(proof.verdict.seeds, 2U);
  EXPECT_EQ(proof.verdict.word, Word::inconclusive);
  EXPECT_EQ(exit_code(proof.verdict.word), 11);
  EXPECT_NE(sentence(proof).find("the budget ended after 2 of 3 pairs of trainings"), std::string::npos) << sentence(proof);
}

TEST_F(ExternalProof, AnotherMetricCanDecide) {
  const Proof proof = run("echo '{\"macro_f1\": 0.5}'", "macro_f1");
  EXPECT_EQ(proof.verdict.word, Word::harmless);
  EXPECT_EQ(proof.comparisons.front().metric, "macro_f1");
}

}  // namespace
}  // namespace leaven::learn
