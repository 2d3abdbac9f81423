#include "learn/tune.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

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

TEST(Candidates, OfANumberNeedNoClasses) {
  const auto names = [](bool number) {
    std::vector<std::string> found;
    for (const Candidate& c : candidates_for(1, "", Domain::columns, number)) found.push_back(c.name);
    return found;
  };
  const std::vector<std::string> classes = names(false), number = names(true);
  for (const char* method : {"adasyn", "borderline_1", "random_under"}) {
    EXPECT_EQ(std::ranges::count(classes, method), 1) << method;
    EXPECT_EQ(std::ranges::count(number, method), 0) << method;
  }
  EXPECT_EQ(std::ranges::count(number, "auto"), 1);
}

TEST(SearchText, SaysWhyATrainingBrokeDown) {
  const Tuned tuned{.candidates = {{.name = "light", .scores = {91.5}, .round = 2}, {.name = "adasyn", .scores = {-1e6}, .round = 1, .failure = "class b has too few rows"}}};
  const std::string text = search_text(tuned);
  EXPECT_NE(text.find("91.50\n"), std::string::npos) << text;
  EXPECT_NE(text.find("           -\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  adasyn: class b has too few rows\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("00000"), std::string::npos) << text;
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

TEST_F(Tune, ATableOfNumbersIsTunedWhateverTheSeed) {
  std::string text = "x,z,y\n";
  for (std::uint64_t i = 0; i < 60; ++i) {
    const double x = draw_unit(Key{3, 4}, 2 * i), z = draw_unit(Key{3, 4}, 2 * i + 1);
    text += std::to_string(x) + "," + std::to_string(z) + "," + std::to_string(2 * x - z + 0.5) + "\n";
  }
  write_text(scratch_ / "t.csv", text);
  options_.start.clear();
  options_.level = 1;
  options_.prove.data = scratch_ / "t.csv";
  std::set<std::string> drawn;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    options_.prove.seed = seed;
    options_.prove.out = scratch_ / ("out" + std::to_string(seed));
    options_.prove.steps = 2;
    const std::atomic<bool> never{false};
    const Tuned tuned = tune(options_, constant_learner(), [](const ProveProgress&) {}, never);
    EXPECT_EQ(tuned.proof.facts.metric, "r2");
    for (const ArmResult& arm : tuned.proof.arms) EXPECT_TRUE(arm.failures.empty()) << arm.arm;
    drawn.insert(read_text(options_.prove.out / "random_policy.yaml"));
  }
  EXPECT_GT(drawn.size(), 2U);
}

TEST_F(Tune, TooSmallABudgetIsRefused) {
  options_.prove.steps.reset();
  options_.prove.budget = 0.001;
  EXPECT_THROW(run(), Error);
}

}  // namespace
}  // namespace leaven::learn
