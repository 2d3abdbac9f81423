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
  int made_{};
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
