#include "learn/tune.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.hpp"
#include "ops/families.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

TEST(Candidates, AreRecipesByLevel) {
  const std::vector<Candidate> few = candidates_for(0, ""), many = candidates_for(1, "digit");
  EXPECT_EQ(few.front().name, "dup");
  EXPECT_EQ(few.back().name, "trivial_augment");
  EXPECT_EQ(many.size(), few.size() + 10);
  EXPECT_EQ(many[1].name, "digit");
  for (std::size_t i = 1; i < many.size(); ++i) EXPECT_FALSE(recipe::parse(many[i].yaml, ops::op_table()).steps.empty()) << many[i].name;
  EXPECT_THROW(candidates_for(0, "no_such_recipe"), Error);
}

class Tune : public testing::Test {
 protected:
  void SetUp() override {
    write_bars(scratch_ / "in", 30);
    write_text(scratch_ / "mild.yaml", "leaven: 1\nsteps: [{brightness: {by: {uniform: [0.99, 1.01]}}}]");
    options_.start = (scratch_ / "mild.yaml").string();
    options_.level = 0;
    options_.best = scratch_ / "best.yaml";
    ProveOptions& p = options_.prove;
    p.data = scratch_ / "in";
    p.out = scratch_ / "out";
    p.steps = 30;
    p.batch = 8;
    p.test = 0.4;
    p.seeds = 2;
    p.budget = 0;
    p.converged = p.robustness = false;
    p.threads = 2;
  }
  Tuned run() {
    const std::atomic<bool> never{false};
    return tune(options_, softmax_learner({&made_}), [](const ProveProgress&) {}, never);
  }
  ScratchFolder scratch_{};
  TuneOptions options_{};
  std::atomic<int> made_{};
};

TEST_F(Tune, KeepsTheBetterThirdAndEndsInAProof) {
  const Tuned tuned = run();
  const std::size_t all = candidates_for(0, "").size() + 1;
  ASSERT_EQ(tuned.candidates.size(), all);
  const auto in_round = [&](int round) { return static_cast<std::size_t>(std::ranges::count_if(tuned.candidates, [&](const Candidate& c) { return c.round >= round; })); };
  EXPECT_EQ(in_round(1), all);
  EXPECT_EQ(in_round(2), (all + 2) / 3);
  EXPECT_EQ(in_round(3), ((all + 2) / 3 + 2) / 3);
  for (std::size_t i = 1; i < all; ++i)
    EXPECT_GE(std::pair(tuned.candidates[i - 1].round, tuned.candidates[i - 1].mean()), std::pair(tuned.candidates[i].round, tuned.candidates[i].mean()));
  EXPECT_EQ(tuned.candidates.front().scores.size(), 3U);
  EXPECT_EQ(tuned.proof.facts.arms, (std::vector<std::string>{"best", "dup", "none", "trivial_augment", "random_policy"}));
  EXPECT_FALSE(recipe::load(options_.best, ops::op_table()).steps.empty());
  EXPECT_EQ(read_text(options_.best).find("# The best of "), 0U);
}

TEST_F(Tune, LevelTwoTriesAPolicyThatNothingWasTrainedWith) {
  options_.level = 2;
  options_.start.clear();
  const Tuned tuned = run();
  EXPECT_EQ(tuned.candidates.size(), candidates_for(0, "").size() + 1);
  EXPECT_EQ(std::ranges::count(tuned.candidates, "density matching", &Candidate::name), 1);
  ASSERT_EQ(tuned.notes.size(), 1U);
  EXPECT_EQ(tuned.notes[0].find("density matching looked at 600 pairs of ops on 4 models"), 0U) << tuned.notes[0];
  const recipe::Recipe policy = recipe::load(scratch_ / "out/density_matching.yaml", ops::op_table()), random = recipe::load(scratch_ / "out/random_policy.yaml", ops::op_table());
  ASSERT_EQ(policy.steps.size(), 1U);
  EXPECT_EQ(policy.steps[0].container, recipe::Container::one_of);
  EXPECT_EQ(random.steps[0].steps.size(), policy.steps[0].steps.size());
  EXPECT_EQ(tuned.proof.facts.arms.back(), "random_policy");
  EXPECT_NE(search_text(tuned).find("density matching looked at"), std::string::npos);
  const std::string before = read_text(scratch_ / "out/density_matching.yaml");
  made_ = 0;
  run();
  EXPECT_EQ(made_, 0);
  EXPECT_EQ(read_text(scratch_ / "out/density_matching.yaml"), before);
}

TEST_F(Tune, LevelThreeFindsAScheduleForTheBest) {
  options_.level = 3;
  const Tuned tuned = run();
  EXPECT_EQ(tuned.schedule.size(), 8U);
  ASSERT_EQ(tuned.notes.size(), 1U);
  EXPECT_EQ(tuned.notes[0].find("a population of 8 found strengths "), 0U) << tuned.notes[0];
  EXPECT_NE(read_text(options_.best).find("@"), std::string::npos);
  EXPECT_FALSE(recipe::load(options_.best, ops::op_table()).steps.empty());
  EXPECT_EQ(tuned.proof.facts.arms, (std::vector<std::string>{"best@schedule", "dup", "none", "trivial_augment", "random_policy", "best", "best@schedule static"}));
  made_ = 0;
  EXPECT_EQ(run().schedule, tuned.schedule);
  EXPECT_EQ(made_, 0);
}

TEST_F(Tune, ABudgetDecidesOnceHowMuchIsTried) {
  options_.level = 2;
  options_.prove.budget = 600;
  run();
  const std::string plan = read_text(scratch_ / "out/leaven.tune.plan.json"), best = read_text(options_.best);
  EXPECT_NE(plan.find("\"steps\": 30"), std::string::npos) << plan;
  made_ = 0;
  run();
  EXPECT_EQ(made_, 0);
  EXPECT_EQ(read_text(options_.best), best);
  options_.prove.budget = 0.001;
  EXPECT_THROW(run(), Error);
}

TEST_F(Tune, AgainIsTheSameWithoutTraining) {
  const Tuned first = run();
  const std::string best = read_text(options_.best);
  made_ = 0;
  const Tuned second = run();
  EXPECT_EQ(made_, 0);
  EXPECT_EQ(read_text(options_.best), best);
  EXPECT_EQ(second.proof.verdict.mean, first.proof.verdict.mean);
}

TEST_F(Tune, TooSmallABudgetIsRefused) {
  options_.prove.steps.reset();
  options_.prove.budget = 0.001;
  EXPECT_THROW(run(), Error);
}

}  // namespace
}  // namespace leaven::learn
