// Ways to train or to predict with a recipe: by clusters, with agreement, by views, as an ensemble.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/error.hpp"
#include "learn/ensemble.hpp"
#include "learn/experiment.hpp"
#include "learn/prove.hpp"
#include "learn/views.hpp"
#include "ops/families.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

/// Says how likely "right" is by the mean of the right half less that of the left.
class Sides final : public Learner {
 public:
  double train(const Batch&, double) override { return 0; }
  std::vector<float> predict(std::span<const float> values) override {
    std::vector<float> p;
    for (std::size_t i = 0; i * 144 < values.size(); ++i) {
      double more = 0;
      for (std::size_t v = 0; v < 144; ++v) more += (v % 12 >= 6 ? 1 : -1) * values[i * 144 + v] / 72;
      const auto right = static_cast<float>(1 / (1 + std::exp(-more)));
      p.insert(p.end(), {1 - right, right});
    }
    return p;
  }
  std::vector<float> weights() const override { return {}; }
  void set_weights(std::span<const float>) override {}
};

class Ways : public testing::Test {
 protected:
  void SetUp() override {
    write_bars(scratch_ / "in", 30);
    write_text(scratch_ / "mild.yaml", "leaven: 1\nsteps: [{brightness: {by: {uniform: [0.8, 1.2]}}}]");
    write_text(scratch_ / "mirror.yaml", "leaven: 1\nsteps: [{horizontal_flip: {p: 1}}]");
  }
  ProveOptions options(const std::string& recipe, const std::string& out) const {
    ProveOptions o;
    o.recipe = recipe;
    o.against = {"none"};
    o.data = scratch_ / "in";
    o.out = scratch_ / out;
    o.steps = 60;
    o.batch = 8;
    o.test = 0.4;
    o.seeds = 2;
    o.budget = 0;
    o.converged = o.robustness = false;
    o.threads = 2;
    return o;
  }
  std::string mild() const { return (scratch_ / "mild.yaml").string(); }
  Proof run(const ProveOptions& o, bool looks_inside = true) {
    const std::atomic<bool> never{false};
    LearnerKind learner = softmax_learner({});
    if (!looks_inside) learner.make = [](const InputShape&, std::uint32_t, Key) -> std::unique_ptr<Learner> { return std::make_unique<Sides>(); };
    return prove(o, learner, [](const ProveProgress&) {}, never);
  }
  std::unique_ptr<Material> opened() {
    auto material = open_material({.data = scratch_ / "in"});
    all_.resize(60);
    std::iota(all_.begin(), all_.end(), 0U);
    material->take(all_);
    return material;
  }
  ScratchFolder scratch_{};
  Entries all_{};
};

TEST_F(Ways, AreComparedWithTheRecipeOfTheSameMeanStrength) {
  for (const char* const way : {"cluster_strength", "cluster_weight", "cluster_mix", "consistency", "views"}) {
    const Proof proof = run(options(mild() + "@" + way, way));
    const std::string arm = "mild@" + std::string(way), still = arm + " static";
    EXPECT_EQ(proof.facts.arms, (std::vector<std::string>{arm, "dup", "none", still}));
    EXPECT_TRUE(std::ranges::any_of(proof.comparisons, [&](const Comparison& c) { return c.arm == arm && c.against == still && c.seeds.size() == 2; })) << way;
    const auto in_vain = [&](const std::string& note) { return note.find(arm + " had no effect: items lie equally densely in all clusters, so each picture was changed as strongly as the others (0.5") == 0; };
    EXPECT_EQ(std::ranges::count_if(proof.facts.notes, in_vain), way == std::string("cluster_strength") ? 1 : 0) << testing::PrintToString(proof.facts.notes);
    for (const Trial& led : proof.trials) {
      if (led.arm != arm) continue;
      const Trial& control = *std::ranges::find_if(proof.trials, [&](const Trial& t) { return t.arm == still && t.seed == led.seed; });
      EXPECT_TRUE(led.failure.empty()) << led.failure;
      EXPECT_NEAR(control.course.mean_strength, led.course.mean_strength, 1e-4) << way;
      // Three views a step, a third of the steps.
      EXPECT_EQ(led.course.steps, way == std::string("consistency") ? 20U : 60U);
      EXPECT_EQ(control.course.steps, 60U);
      if (way == std::string("cluster_strength"))
        EXPECT_TRUE(led.course.mean_strength > 0.2 && led.course.mean_strength < 0.8) << led.course.mean_strength;
      else
        EXPECT_EQ(led.course.mean_strength, 1);
      // Views are the same training, looked at otherwise; bars lie equally densely, so that strength is the same for all of them.
      EXPECT_EQ(led.weights == control.weights, way == std::string("views") || way == std::string("cluster_strength")) << way;
    }
  }
}

/// The softmax learner by another name, one that learns in rounds, and one that says where it is lighter.
std::shared_ptr<const LearnerKind> other_learner(const std::string& name) {
  LearnerKind kind = softmax_learner({});
  kind.name = kind.summary = name;
  if (name == "sides") kind.make = [](const InputShape&, std::uint32_t, Key) -> std::unique_ptr<Learner> { return std::make_unique<Sides>(); };
  if (name == "rounds") kind.rounds = 3;
  return name == "softmax" || name == "sides" || name == "rounds" ? std::make_shared<LearnerKind>(std::move(kind)) : nullptr;
}

TEST_F(Ways, AnotherLearnerIsComparedWithDupUnderThatLearner) {
  ProveOptions o = options(mild(), "learners");
  const std::string mirror = (scratch_ / "mirror.yaml").string();
  o.against = {"none", mild() + "@sides", mild() + "@softmax", "dup@rounds", mild() + "@rounds", "none@softmax", mirror + "@softmax"};
  const std::atomic<bool> never{false};
  const auto watch = [](const ProveProgress&) {};
  const Proof proof = prove(o, softmax_learner({}), watch, never, other_learner);
  EXPECT_EQ(proof.facts.arms, (std::vector<std::string>{"mild", "dup", "none", "mild@sides", "mild@softmax", "dup@rounds", "mild@rounds", "none@softmax", "mirror@softmax", "dup@sides", "dup@softmax"}));
  const auto trial = [&](const std::string& arm) -> const Trial& { return *std::ranges::find_if(proof.trials, [&](const Trial& t) { return t.arm == arm && t.seed == 1; }); };
  EXPECT_EQ(trial("mild").weights, trial("mild@softmax").weights) << "the same learner, and the same training";
  EXPECT_EQ(trial("none").weights, trial("none@softmax").weights);
  EXPECT_NE(trial("dup").weights, trial("mild").weights);
  EXPECT_EQ(trial("mild@sides").metrics.accuracy, 100);
  EXPECT_EQ(trial("mild@sides").course.steps, 60U);
  EXPECT_EQ(trial("dup@rounds").course.steps, 3U) << "in rounds of its own";
  for (const char* learner : {"sides", "softmax", "rounds"})
    EXPECT_TRUE(std::ranges::any_of(proof.comparisons, [&](const Comparison& c) { return c.arm == std::string("mild@") + learner && c.against == std::string("dup@") + learner; })) << learner;
  EXPECT_TRUE(std::ranges::any_of(proof.comparisons, [](const Comparison& c) { return c.arm == "mirror@softmax" && c.against == "dup@softmax"; })) << "a control for both";
  EXPECT_EQ(proof.comparisons.front().against, "dup");
  o.recipe += "@sides";
  EXPECT_THROW(prove(o, softmax_learner({}), watch, never, other_learner), Error) << "the test that decides has one learner";
  EXPECT_THROW(arms_for("light", {"light@nothing"}, Domain::raster, other_learner), Error);
  EXPECT_EQ(arms_for("smote", {"smote@softmax"}, Domain::columns, other_learner).size(), 4U) << "of tables too";
}

TEST_F(Ways, GiveTheSameForAnyThreads) {
  ProveOptions o = options(mild() + "@cluster_mix", "a");
  o.against = {"none", mild() + "@views", mild() + "@consistency", "light+" + mild()};
  const Proof first = run(o);
  o.out = scratch_ / "b";
  o.threads = 1;
  const Proof other = run(o);
  ASSERT_EQ(first.trials.size(), other.trials.size());
  for (std::size_t i = 0; i < first.trials.size(); ++i) {
    EXPECT_EQ(first.trials[i].weights, other.trials[i].weights) << first.trials[i].arm;
    EXPECT_EQ(first.trials[i].metrics.accuracy, other.trials[i].metrics.accuracy) << first.trials[i].arm;
  }
}

TEST_F(Ways, AnEnsembleHasAsManyStepsInAll) {
  ProveOptions o = options(mild(), "e");
  o.against = {"light+" + mild() + "+trivial_augment"};
  const Proof proof = run(o);
  EXPECT_EQ(proof.facts.arms, (std::vector<std::string>{"mild", "dup", "light+mild+trivial_augment"}));
  for (const Trial& t : proof.trials) EXPECT_EQ(t.course.steps, 60U) << t.arm;
  const std::vector<Arm> arms = arms_for("light+strong", {});
  ASSERT_EQ(arms[0].members.size(), 1U);
  EXPECT_EQ(arms[0].members[0].name, "strong");
  EXPECT_THROW(arms_for("light+", {}), Error);
  EXPECT_THROW(arms_for("light+nothing_such", {}), Error);
  EXPECT_THROW(arms_for("smote+adasyn", {}, Domain::columns), Error);
}

TEST_F(Ways, WhatALearnerCannotDoIsRefusedByName) {
  const auto why = [&](const ProveOptions& o, bool inside) -> std::string {
    try {
      run(o, inside);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      return error.what();
    }
    return "";
  };
  EXPECT_NE(why(options(mild() + "@cluster_mix", "x"), false).find("works inside of a network, and softmax is none"), std::string::npos);
  EXPECT_NE(why(options(mild() + "@consistency", "x"), false).find("--learner conv_net"), std::string::npos);
  ProveOptions external = options(mild() + "@views", "x");
  external.external = "true";
  EXPECT_NE(why(external, true).find("leave out --external"), std::string::npos);
  EXPECT_NE(why(options(mild() + "@cluster_mixes", "x"), true).find("cluster_mix"), std::string::npos);
  EXPECT_THROW(arms_for("smote@views", {}, Domain::columns), Error);
}

TEST_F(Ways, ViewsOfATrainingItemAreTheItemAndTwoOthers) {
  const auto material = opened();
  const Fold fold{all_, {}};
  const Arm arm{.name = "mild", .times = kTimes, .recipe = arms_for(mild(), {}).front().recipe};
  const auto supply = material->supply(arm, nullptr, fold, 0), plain = material->supply({kNone, 1, {}}, nullptr, fold, 0);
  std::vector<std::vector<float>> seen(4, std::vector<float>(144));
  for (std::uint64_t position = 0; position < 20; ++position) {
    std::uint32_t entry = 0;
    for (std::uint32_t view = 0; view < 3; ++view) entry = supply->put_view(position, view, seen[view]).entry;
    EXPECT_EQ(supply->put(position, seen[3]).entry, entry);
    EXPECT_EQ(seen[0], plain->hold({entry}).values);
    const std::set<std::vector<float>> different(seen.begin(), seen.end());
    EXPECT_EQ(different.size(), 4U);
  }
}

TEST_F(Ways, ViewsThatMisleadAreNotChosen) {
  const auto material = opened();
  const Fold fold{all_, {}};
  Sides learner;
  // A mirrored bar is one of the other class.
  const ArmRecipe mirror = *arms_for((scratch_ / "mirror.yaml").string(), {}).front().recipe;
  Views misleading(*material, mirror, fold, 1);
  misleading.choose(learner, all_);
  const auto plain = material->supply({kNone, 1, {}}, nullptr, fold, 0);
  for (const View& view : misleading.chosen())
    if (view.recipe) { EXPECT_NE(view.recipe->digest, mirror.digest); }
  Views alone(*material, mirror, fold, 1);
  EXPECT_EQ(alone.predict(learner, all_).probability, predict(learner, *plain, all_).probability);
}

TEST_F(Ways, PredictionsInViewsAreMeansOverThem) {
  const auto material = opened();
  const Fold fold{all_, {}};
  Sides learner;
  const ArmRecipe recipe = *arms_for(mild(), {}).front().recipe;
  Views views(*material, recipe, fold, 1);
  views.choose(learner, all_);
  EXPECT_LE(views.chosen().size(), Views::kMost);
  EXPECT_EQ(views.chosen().front().recipe, nullptr);
  const Predictions mean = views.predict(learner, all_);
  const HeldOut held_out = material->held_out(fold, all_, 1);
  std::vector<double> sum(mean.probability.size());
  for (const View& view : views.chosen()) {
    const std::vector<float> own = learner.predict(held_out(view.recipe, view.copy).values);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += own[i] / static_cast<double>(views.chosen().size());
  }
  for (std::size_t i = 0; i < sum.size(); ++i) EXPECT_NEAR(mean.probability[i], sum[i], 1e-6);
}

TEST(Ensembles, AverageTheirMembers) {
  const LearnerKind kind = softmax_learner({});
  std::vector<std::unique_ptr<Learner>> members;
  const InputShape shape{3, 1, 1};
  const std::vector<float> items{1, 2, 3, -1, 0, 2};
  std::vector<float> a, b;
  for (const Key key : {Key{1, 1}, Key{2, 2}}) {
    members.push_back(kind.make(shape, 2, key));
    const std::vector<std::uint32_t> labels{0, 1};
    members.back()->train({items, labels, {}}, key.low == 1 ? 1.0 : 20.0);
    (key.low == 1 ? a : b) = members.back()->predict(items);
  }
  const auto ensemble = ensemble_of(std::move(members));
  const std::vector<float> mean = ensemble->predict(items);
  for (std::size_t i = 0; i < mean.size(); ++i) EXPECT_NEAR(mean[i], (a[i] + b[i]) / 2, 1e-6);
  const std::vector<float> weights = ensemble->weights();
  std::vector<float> nothing(weights.size());
  ensemble->set_weights(nothing);
  EXPECT_NE(ensemble->predict(items), mean);
  ensemble->set_weights(weights);
  EXPECT_EQ(ensemble->predict(items), mean);
  EXPECT_THROW(ensemble->train({}, 1), Error);
}

}  // namespace
}  // namespace leaven::learn
