// Recipes whose strength follows the training, inside proofs.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "learn/dynamic_strength.hpp"
#include "learn/material.hpp"
#include "learn/prove.hpp"
#include "ops/families.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

constexpr const char* kDark = "leaven: 1\nsteps: [{brightness: {by: 0}}]";

class Dynamic : public testing::Test {
 protected:
  void SetUp() override {
    write_bars(scratch_ / "in", 30);
    write_text(scratch_ / "mild.yaml", "leaven: 1\nsteps: [{brightness: {by: {uniform: [0.8, 1.2]}}}]");
  }
  ProveOptions options(const std::string& rule) const {
    ProveOptions o;
    o.recipe = (scratch_ / "mild.yaml").string() + rule;
    o.against = {"none"};
    o.data = scratch_ / "in";
    o.out = scratch_ / "out";
    o.steps = 40;
    o.batch = 8;
    o.test = 0.4;
    o.seeds = 2;
    o.budget = 0;
    o.converged = o.robustness = false;
    o.threads = 2;
    return o;
  }
  Proof run(const ProveOptions& o) {
    const std::atomic<bool> never{false};
    return prove(o, softmax_learner({&made_}), [](const ProveProgress&) {}, never);
  }
  const Trial& trial(const Proof& proof, const std::string& arm, std::uint32_t seed) const {
    return *std::ranges::find_if(proof.trials, [&](const Trial& t) { return t.arm == arm && t.seed == seed; });
  }
  ScratchFolder scratch_{};
  std::atomic<int> made_{};
};

TEST_F(Dynamic, ItemsAreAsTheyAreUntilThereIsSomethingToGoBy) {
  const auto material = open_material({.data = scratch_ / "in"});
  Entries all(60);
  std::iota(all.begin(), all.end(), 0U);
  material->take(all);
  const Fold fold{all, {}};
  const Arm arm{"dark", kTimes, arm_recipe("dark", recipe::parse(kDark, ops::op_table()), Domain::raster), StrengthRule::ent_augment};
  const auto supply = material->supply(arm, nullptr, fold, 0), plain = material->supply({kDup, kTimes, {}}, nullptr, fold, 0);
  DynamicStrength dynamic(StrengthRule::ent_augment, *supply, material->index(), all, {});
  EXPECT_EQ(dynamic.pass(), 60U);
  std::vector<float> seen(144), same(144);
  supply->put(5, seen);
  plain->put(5, same);
  EXPECT_EQ(seen, same);
  std::vector<double> strengths(60, 0.5);
  supply->show_at(strengths);
  supply->put(5, seen);
  EXPECT_NE(seen, same);
  strengths.assign(60, 1);
  supply->show_at(strengths);
  supply->put(5, seen);
  EXPECT_TRUE(std::ranges::all_of(seen, [&](float value) { return value == seen[0]; })) << "black all over";
}

TEST_F(Dynamic, AnArmComesWithOneOfTheSameMeanStrength) {
  for (const char* rule : {"ent_augment", "cuda", "ada"}) {
    ProveOptions o = options("@" + std::string(rule));
    o.out = scratch_ / rule;
    const Proof proof = run(o);
    const std::string arm = "mild@" + std::string(rule), still = arm + " static";
    EXPECT_EQ(proof.facts.arms, (std::vector<std::string>{arm, "dup", "none", still}));
    EXPECT_EQ(proof.comparisons.front().arm, arm);
    EXPECT_EQ(proof.comparisons.front().against, "dup");
    EXPECT_TRUE(std::ranges::any_of(proof.comparisons, [&](const Comparison& c) { return c.arm == arm && c.against == still && c.seeds.size() == 2; }));
    for (const std::uint32_t seed : {0U, 1U}) {
      const Course& led = trial(proof, arm, seed).course;
      ASSERT_GT(led.strengths.size(), 5U);
      EXPECT_EQ(led.strengths.front().mean, 0);
      EXPECT_NEAR(trial(proof, still, seed).course.mean_strength, led.mean_strength, 1e-4);
      EXPECT_GT(led.mean_strength, rule == std::string("ada") ? -1 : 0);
      for (std::size_t i = 1; i < led.strengths.size(); ++i) EXPECT_GT(led.strengths[i].step, led.strengths[i - 1].step);
    }
    const std::string page = read_text(scratch_ / rule / "leaven.proof.html"), json = read_text(scratch_ / rule / "leaven.proof.json");
    EXPECT_NE(page.find("How strongly the recipe changed"), std::string::npos);
    EXPECT_NE(json.find("\"mean_strength\""), std::string::npos);
    EXPECT_NE(proof_text(proof).find("mild@" + std::string(rule) + " over"), std::string::npos);
  }
}

TEST_F(Dynamic, AScheduleIsKeptInEqualPartsOfTheTraining) {
  const Proof proof = run(options("@0/0.25/1/0.5"));
  EXPECT_EQ(proof.facts.arms, (std::vector<std::string>{"mild@schedule", "dup", "none", "mild@schedule static"}));
  const Course& course = trial(proof, "mild@schedule", 0).course;
  ASSERT_EQ(course.strengths.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(course.strengths[i].step, 10 * i);
    EXPECT_EQ(course.strengths[i].mean, (std::vector<double>{0, 0.25, 1, 0.5})[i]);
  }
  EXPECT_NEAR(course.mean_strength, 0.4375, 1e-12);
  EXPECT_NEAR(trial(proof, "mild@schedule static", 0).course.mean_strength, 0.4375, 1e-12);
}

TEST_F(Dynamic, TheSameForAnyThreadsAndAgainWithoutTraining) {
  ProveOptions o = options("@cuda");
  o.threads = 1;
  const Proof first = run(o);
  made_ = 0;
  EXPECT_EQ(run(o).comparisons.front().differences, first.comparisons.front().differences);
  EXPECT_EQ(made_, 0);
  o.out = scratch_ / "other";
  o.threads = 4;
  const Proof other = run(o);
  ASSERT_EQ(other.trials.size(), first.trials.size());
  for (std::size_t i = 0; i < first.trials.size(); ++i) EXPECT_EQ(to_json_line(other.trials[i]).substr(0, 200), to_json_line(first.trials[i]).substr(0, 200));
}

TEST_F(Dynamic, WhatCannotFollowIsRefused) {
  for (const char* how : {"@cudo", "@", "@0/2", "@0/", "@0,1", "@1x"}) EXPECT_THROW(run(options(how)), Error) << how;
  ProveOptions external = options("@cuda");
  external.external = "true";
  EXPECT_THROW(run(external), Error);
  const std::vector<Arm> arms = arms_for("light", {"light@ada", "none"});
  ASSERT_EQ(arms.size(), 5U);
  EXPECT_EQ(arms[2].name, "light@ada");
  EXPECT_EQ(arms[2].rule, StrengthRule::ada);
  EXPECT_EQ(arms[4].name, "light@ada static");
  EXPECT_EQ(arms[4].strength_of, "light@ada");
}

}  // namespace
}  // namespace leaven::learn
