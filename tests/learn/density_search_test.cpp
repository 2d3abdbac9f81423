#include "learn/density_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/error.hpp"
#include "learn/loss_log.hpp"
#include "ops/families.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

TEST(LossLog, KeepsWhatWasFoundAndSkipsATornLine) {
  const ScratchFolder scratch;
  {
    LossLog log(scratch / "log", "a");
    log.add(1, 2, 0.1 + 0.2);
  }
  write_text(scratch / "log", read_text(scratch / "log") + "{\"search\": \"a\", \"fold\": 1, \"num");
  LossLog again(scratch / "log", "a");
  EXPECT_EQ(again.find(1, 2), 0.1 + 0.2);
  EXPECT_FALSE(again.find(2, 1));
  again.add(0, 1, 5);
  EXPECT_EQ(LossLog(scratch / "log", "a").find(0, 1), 5);
  EXPECT_FALSE(LossLog(scratch / "log", "b").find(1, 2));
}

TEST(PolicySpace, MakesRecipesThatCanBeReadAgain) {
  for (const Domain domain : {Domain::raster, Domain::columns, Domain::series}) {
    const PolicySpace space(domain);
    std::vector<Point> points;
    for (std::size_t c = 0; c < space.shape().choices; ++c) points.push_back({{c, {0, 0.5}}, {c, {1, 1}}});
    points.push_back(points.front());
    const recipe::Recipe policy = space.one_of(points);
    ASSERT_EQ(policy.steps.size(), 1U);
    EXPECT_EQ(policy.steps[0].steps.size(), space.shape().choices);
    const recipe::Recipe read = recipe::parse(recipe::to_yaml(policy), ops::op_table());
    EXPECT_EQ(recipe::to_yaml(read), recipe::to_yaml(policy));
    for (const recipe::Step& pair : read.steps[0].steps) {
      EXPECT_EQ(pair.steps[0].op->domain, domain);
      EXPECT_EQ(pair.steps[0].p, PolicySpace::kLeastProbability);
      EXPECT_EQ(pair.steps[1].p, 1);
    }
  }
}

class Density : public testing::Test {
 protected:
  void SetUp() override { write_discs(scratch_ / "in", 40); }

  DensityFound search(std::uint64_t seed, std::uint32_t pairs, const std::string& file) {
    const auto material = open_material({.data = scratch_ / "in"});
    const Partition partition = divide(material->index(), {.test = 0.2, .seeds = 2, .seed = seed});
    material->take(partition.used());
    const std::vector<Arm> arms{{kDup, kTimes, {}}};
    const LearnerKind learner = softmax_learner({&made_});
    Experiment x{*material, partition, arms, learner};
    x.batch = 8;
    x.seed = seed;
    return match_density(x, PolicySpace(Domain::raster), {pairs, 200, 2, scratch_ / file}, [&](std::size_t done, std::size_t, const std::string&) { stop_ = done >= stop_at_; }, stop_);
  }

  ScratchFolder scratch_{};
  std::atomic<bool> stop_{false};
  std::size_t stop_at_{1'000'000};
  std::atomic<int> made_{};
};

/// How far a step goes, in parts of RandAugment's reach, times how often.
double weight_of(const recipe::Step& step) {
  static const std::map<std::string_view, std::pair<double, double>> kReaches{
      {"rotate", {0, 30}}, {"shear", {0, 16.7}}, {"translate", {0, 0.453}}, {"brightness", {1, 0.9}}, {"contrast", {1, 0.9}}, {"solarize", {1, 1}}};
  const auto reach = kReaches.find(step.op->name);
  if (reach == kReaches.end()) return step.p;
  double most = 0;
  for (const auto& [field, setting] : step.settings) {
    for (const Value& value : setting.choices) most = std::max(most, std::abs(as_number(value) - reach->second.first));
    if (setting.choices.empty() && field->type == FieldType::number) most = std::max(most, std::abs(as_number(setting.fixed) - reach->second.first));
  }
  return step.p * most / reach->second.second;
}

/// Over the ops of these names in the pairs of a policy.
double weight_of(const recipe::Recipe& policy, const std::set<std::string_view>& names) {
  double sum = 0;
  for (const recipe::Step& pair : policy.steps[0].steps)
    for (const recipe::Step& step : pair.steps)
      if (names.contains(step.op->name)) sum += weight_of(step);
  return sum;
}

// What lies in the light of the discs is their class, and a disc turned is the same disc.
TEST_F(Density, FindsWhatKeepsLabelsAndAvoidsWhatSpoilsThem) {
  int right = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const recipe::Recipe policy = recipe::parse(search(seed, 150, "pairs" + std::to_string(seed)).policy, ops::op_table());
    const double moves = weight_of(policy, {"rotate", "shear", "translate"});
    const double lights = weight_of(policy, {"brightness", "contrast", "solarize", "equalize", "autocontrast"});
    right += moves > 2 * lights;
  }
  EXPECT_GE(right, 4);
}

TEST_F(Density, IsTheSameWhenItWasStopped) {
  const DensityFound whole = search(3, 30, "whole");
  EXPECT_EQ(whole.scored, 60U);
  ASSERT_EQ(whole.plain.size(), 2U);
  stop_at_ = 20;
  try {
    search(3, 30, "parts");
    FAIL() << "did not stop";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::interrupted);
  }
  stop_at_ = 1'000'000;
  stop_ = false;
  EXPECT_EQ(search(3, 30, "parts").policy, whole.policy);
  made_ = 0;
  EXPECT_EQ(search(3, 30, "parts").policy, whole.policy);
  EXPECT_EQ(made_, 0);
}

}  // namespace
}  // namespace leaven::learn
