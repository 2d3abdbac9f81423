#include "learn/training.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.hpp"
#include "learn/budget.hpp"
#include "learn/material.hpp"
#include "learn/trial.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

/// Says in advance what its losses and accuracies will be.
class Scripted final : public Learner {
 public:
  double breaks_at{1e9};                 ///< step whose loss is NaN
  std::vector<double> right{};           ///< share of right answers at each look; the last one goes on
  std::vector<double> rates{};
  std::size_t looks{};

  double train(const Batch&, double rate) override {
    rates.push_back(rate);
    weight_ = static_cast<float>(rates.size());
    return static_cast<double>(rates.size()) == breaks_at ? std::numeric_limits<double>::quiet_NaN() : 1;
  }
  std::vector<float> predict(std::span<const float> pixels) override {
    const std::size_t count = pixels.size() / 144;
    const double share = right.empty() ? 1 : right[std::min(looks, right.size() - 1)];
    ++looks;
    std::vector<float> p;
    // All items of these tests are of class 0.
    for (std::size_t i = 0; i < count; ++i) {
      const bool good = static_cast<double>(i) < share * static_cast<double>(count);
      p.push_back(good ? 0.9f : 0.1f);
      p.push_back(good ? 0.1f : 0.9f);
    }
    return p;
  }
  std::vector<float> weights() const override { return {weight_}; }
  void set_weights(std::span<const float> w) override { weight_ = w[0]; }

 private:
  float weight_{};
};

class Training : public testing::Test {
 protected:
  void SetUp() override {
    write_bars(scratch_ / "in", 10);
    material_ = open_material({.data = scratch_ / "in"});
    all_.resize(20);
    std::iota(all_.begin(), all_.end(), 0U);
    material_->take(all_);
  }
  Course run(Learner& learner, const Schedule& schedule, bool validates = true) {
    const Fold fold{all_, {}};
    const auto supply = material_->supply({kNone, 1, {}}, nullptr, fold, 0);
    Held validation{std::vector<float>(100 * 144), std::vector<std::uint32_t>(100), 2, {}};
    if (!validates) validation = {};
    return train(learner, *supply, validation, schedule, stop_);
  }
  ScratchFolder scratch_{};
  std::unique_ptr<Material> material_{};
  Entries all_{};
  std::atomic<bool> stop_{false};
};

TEST_F(Training, MatchedTakesExactlyItsStepsAlongACosine) {
  Scripted learner;
  const Course course = run(learner, {Regime::matched, 100, 4});
  EXPECT_EQ(course.steps, 100U);
  EXPECT_EQ(course.chosen_step, 100U);
  EXPECT_EQ(course.curve.size(), 10U);
  EXPECT_DOUBLE_EQ(learner.rates[0], 1);
  EXPECT_NEAR(learner.rates[50], 0.5, 1e-12);
  EXPECT_NEAR(learner.rates[99], (1 + std::cos(0.99 * 3.14159265358979)) / 2, 1e-12);
  EXPECT_EQ(learner.weights()[0], 100);
}

TEST_F(Training, ALossThatIsNoNumberEndsItWithItsStep) {
  Scripted learner;
  learner.breaks_at = 37;
  const Course course = run(learner, {Regime::matched, 100, 4});
  EXPECT_EQ(course.failure, "the loss became NaN at step 37");
  EXPECT_EQ(course.steps, 37U);
}

TEST_F(Training, ConvergedKeepsTheBestWeightsAndSlowsDownTwice) {
  Scripted learner;
  learner.right = {0.5, 0.9, 0.6};
  const Course course = run(learner, {Regime::converged, 100, 4});
  // Best at the second look; three in vain, three times over.
  EXPECT_EQ(course.steps, 110U);
  EXPECT_EQ(course.chosen_step, 20U);
  EXPECT_EQ(learner.weights()[0], 20);
  EXPECT_DOUBLE_EQ(learner.rates[49], 1);
  EXPECT_DOUBLE_EQ(learner.rates[50], 0.3);
  EXPECT_DOUBLE_EQ(learner.rates[80], 0.1);
}

TEST_F(Training, ConvergedEndsSomeTime) {
  Scripted learner;
  for (int i = 0; i < 100; ++i) learner.right.push_back(0.01 * i);
  const Course course = run(learner, {Regime::converged, 20, 4});
  EXPECT_EQ(course.steps, 20 * Schedule::kLongest);
}

TEST_F(Training, WithoutValidationThereIsNoAccuracy) {
  Scripted learner;
  const Course course = run(learner, {Regime::matched, 10, 4}, false);
  EXPECT_FALSE(is_known(course.curve.back().score));
  EXPECT_EQ(learner.looks, 0U);
}

TEST_F(Training, StopsWhenAsked) {
  Scripted learner;
  stop_ = true;
  try {
    run(learner, {Regime::matched, 10, 4});
    FAIL() << "went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::interrupted);
  }
}

TEST(TrialStore, KeepsTrialsBitForBitAndSkipsATornLine) {
  const ScratchFolder scratch;
  Trial t;
  t.key = "k1", t.arm = "light", t.regime = Regime::converged, t.seed = 3;
  t.metrics = {93.1 / 3, 0.1, 1e-17, 2.5, 7, {1.0 / 3, -1}, kUnknown, -1};
  t.robustness["fog"] = {1.0 / 7, 2};
  t.course = {40, 30, {{10, 0.1 + 0.2, 50}}, "", {{0, 0, 0, 0}, {7, 1.0 / 3, 0.1, 0.7}}, 2.0 / 7};
  t.labels = {{"", 90, "", "", 0}, {"rotate", 40, "6", "9", 70.0 / 3}};
  t.weights = "abc", t.cpu_seconds = 1.25;
  {
    TrialStore store(scratch / "trials.jsonl");
    store.add(t);
  }
  write_text(scratch / "trials.jsonl", read_text(scratch / "trials.jsonl") + to_json_line(t).substr(0, 40));
  TrialStore again(scratch / "trials.jsonl");
  Trial other = t;
  other.key = "k2", other.failure = "the loss became NaN at step 2";
  again.add(other);
  const TrialStore last(scratch / "trials.jsonl");
  ASSERT_TRUE(last.find("k1"));
  EXPECT_EQ(to_json_line(*last.find("k1")), to_json_line(t));
  EXPECT_FALSE(is_known(last.find("k1")->metrics.r2));
  EXPECT_EQ(last.find("k1")->metrics.mae, -1);
  EXPECT_EQ(last.find("k1")->course.curve[0].loss, 0.1 + 0.2);
  EXPECT_EQ(last.find("k1")->course.mean_strength, 2.0 / 7);
  ASSERT_EQ(last.find("k1")->course.strengths.size(), 2U);
  EXPECT_EQ(last.find("k1")->course.strengths[1].mean, 1.0 / 3);
  ASSERT_TRUE(last.find("k2"));
  EXPECT_EQ(last.find("k2")->failure, other.failure);
  EXPECT_FALSE(last.find("k3"));
}

PlanRequest six_seeds() {
  PlanRequest r;
  r.steps = 1000, r.seeds = 6, r.converged = true, r.workers = 2, r.plain_arms = 2, r.recipe_arms = 1;
  return r;
}
constexpr Costs kCosts{0.01, 0.02, 1};  // all of it: 6 · (40 + 3 + 80 + 3) / 2 = 378 s

TEST(Budget, EnoughTimeCutsNothing) {
  PlanRequest r = six_seeds();
  r.budget = 600;
  const Plan plan = plan_within(r, kCosts);
  EXPECT_EQ(plan.steps, 1000U);
  EXPECT_EQ(plan.seeds, 6U);
  EXPECT_TRUE(plan.converged);
  EXPECT_TRUE(plan.cut.empty());
  EXPECT_NEAR(plan.seconds, 378, 1e-9);
  r.budget = 0;
  EXPECT_EQ(plan_within(r, kCosts).steps, 1000U);
}

TEST(Budget, FirstFewerSteps) {
  PlanRequest r = six_seeds();
  r.budget = 250;  // 225 to plan with: 3 · (0.12 steps + 6) ≤ 225
  const Plan plan = plan_within(r, kCosts);
  EXPECT_EQ(plan.steps, 575U);
  EXPECT_EQ(plan.seeds, 6U);
  EXPECT_TRUE(plan.converged);
  EXPECT_NE(plan.cut.find("6 seeds of 575 steps"), std::string::npos) << plan.cut;
}

TEST(Budget, ThenNoConvergedTraining) {
  PlanRequest r = six_seeds();
  r.budget = 100;  // 90: 3 · (0.04 steps + 3)
  const Plan plan = plan_within(r, kCosts);
  EXPECT_FALSE(plan.converged);
  EXPECT_EQ(plan.seeds, 6U);
  EXPECT_EQ(plan.steps, 675U);
}

TEST(Budget, ThenFewerSeeds) {
  PlanRequest r = six_seeds();
  r.budget = 25;  // 22.5: seeds / 2 · (0.04 · 200 + 3)
  const Plan plan = plan_within(r, kCosts);
  EXPECT_EQ(plan.seeds, 4U);
  EXPECT_EQ(plan.steps, 206U);
}

TEST(Budget, StepsThatWereAskedForStay) {
  PlanRequest r = six_seeds();
  r.fixed_steps = true;
  r.budget = 100;
  const Plan plan = plan_within(r, kCosts);
  EXPECT_EQ(plan.steps, 1000U);
  EXPECT_EQ(plan.seeds, 4U);
}

TEST(Budget, TooLittleIsRefusedWithWhatIsNeeded) {
  PlanRequest r = six_seeds();
  r.budget = 5;
  try {
    plan_within(r, kCosts);
    FAIL() << "planned";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_NE(std::string(error.what()).find("a budget of 5.0 s is too small: 3 seeds of 200 steps take about 18 s"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace leaven::learn
