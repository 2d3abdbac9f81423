#include "recipe/policies.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "ops/families.hpp"
#include "recipe/auto_augment.hpp"
#include "recipe/recipe.hpp"

namespace leaven::recipe {
namespace {

Recipe with_step(const std::string& step) { return parse("leaven: 1\nsteps:\n  - " + step + "\n", ops::op_table()); }

const Step& op_named(const std::vector<Step>& steps, std::string_view name, std::size_t from = 0) {
  for (std::size_t i = from; i < steps.size(); ++i)
    if (steps[i].op && steps[i].op->name == name) return steps[i];
  throw bug("no step " + std::string(name));
}

std::vector<double> choices(const Step& step, std::string_view field) {
  const Setting* setting = step.find(step.op->at(field));
  std::vector<double> values;
  for (const Value& v : setting->choices) values.push_back(as_number(v));
  return values;
}

TEST(Policies, SearchedOpsAreRandAugmentsAtAShareOfTheirReach) {
  EXPECT_EQ(searched_ops().size(), 13U);
  for (const std::string_view op : searched_ops()) EXPECT_EQ(with_step(searched_step(op, 0.5)).steps.size(), 1U) << op;
  // Half of 30 degrees, of a factor of 1 ± 0.9, of four bits, of 255.
  EXPECT_EQ(choices(with_step(searched_step("Rotate", 0.5)).steps[0], "degrees"), (std::vector<double>{15, -15}));
  EXPECT_EQ(choices(with_step(searched_step("Brightness", 0.5)).steps[0], "by"), (std::vector<double>{1.45, 0.55}));
  EXPECT_EQ(searched_step("Posterize", 0.5), "posterize: {bits: 6}");
  EXPECT_EQ(searched_step("Solarize", 0.5), "solarize: {threshold: 0.5}");
}

TEST(Policies, RandAugmentIsNOpsAtOneMagnitude) {
  const Recipe recipe = with_step("rand_augment: {n: 3, magnitude: 10}");
  ASSERT_EQ(recipe.steps.size(), 1U);
  const Step& repeat = recipe.steps[0];
  EXPECT_EQ(repeat.container, Container::repeat);
  EXPECT_EQ(as_number(repeat.count.fixed), 3);
  ASSERT_EQ(repeat.steps.size(), 1U);
  const std::vector<Step>& ops = repeat.steps[0].steps;
  EXPECT_EQ(ops.size(), 14U);
  // A third of the way: a factor of 1 ± 0.3, a turn of 10°, a shear of 0.1, two thirds of 255, one bit (4/3) lost.
  EXPECT_EQ(choices(op_named(ops, "brightness"), "by"), (std::vector<double>{1.3, 0.7}));
  EXPECT_EQ(choices(op_named(ops, "rotate"), "degrees"), (std::vector<double>{10, -10}));
  const auto shear = choices(op_named(ops, "shear"), "x");
  EXPECT_NEAR(std::tan(shear.at(0) * 3.14159265358979 / 180), 0.1, 1e-6);
  EXPECT_DOUBLE_EQ(as_number(op_named(ops, "posterize").find(op_named(ops, "posterize").op->at("bits"))->fixed), 7);
  EXPECT_NEAR(as_number(op_named(ops, "solarize").find(op_named(ops, "solarize").op->at("threshold"))->fixed), 2.0 / 3, 1e-6);
}

TEST(Policies, TrivialAugmentHasEveryBinAndBothSigns) {
  const Recipe recipe = with_step("trivial_augment: {size: 64}");
  const std::vector<Step>& ops = recipe.steps[0].steps;
  EXPECT_EQ(recipe.steps[0].container, Container::one_of);
  EXPECT_EQ(ops.size(), 14U);
  const auto turns = choices(op_named(ops, "rotate"), "degrees");
  EXPECT_EQ(turns.size(), 62U);
  EXPECT_EQ(turns.front(), 0);
  EXPECT_EQ(turns.back(), -135);
  EXPECT_EQ(choices(op_named(ops, "translate"), "x").at(60), 0.5);
  EXPECT_EQ(choices(op_named(ops, "posterize"), "bits").back(), 2);
}

TEST(Policies, AutoAugmentTakesItsTables) {
  for (const char* policy : {"imagenet", "cifar10", "svhn"}) {
    const Recipe recipe = with_step("auto_augment: {policy: " + std::string(policy) + "}");
    ASSERT_EQ(recipe.steps[0].steps.size(), 25U) << policy;
    for (const Step& pair : recipe.steps[0].steps) {
      ASSERT_EQ(pair.steps.size(), 2U);
      for (const Step& step : pair.steps) EXPECT_EQ(step.container, Container::with_probability);
    }
  }
  // ImageNet's first pair: posterize with probability 0.4 at magnitude 8 (8 − round(8/2.25) bits), rotate 0.6 at 9.
  const Recipe recipe = with_step("auto_augment");
  const Step& first = recipe.steps[0].steps[0];
  EXPECT_EQ(first.steps[0].p, 0.4);
  const Step& posterize = first.steps[0].steps[0];
  EXPECT_EQ(as_number(posterize.find(posterize.op->at("bits"))->fixed), 4);
  EXPECT_EQ(choices(first.steps[1].steps[0], "degrees"), (std::vector<double>{30, -30}));
}

TEST(Policies, UniformAugmentDrawsAnyStrength) {
  const Recipe recipe = with_step("uniform_augment: {n: 4, p_each: 0.25}");
  EXPECT_EQ(as_number(recipe.steps[0].count.fixed), 4);
  EXPECT_EQ(recipe.steps[0].steps[0].p, 0.25);
  const std::vector<Step>& ops = recipe.steps[0].steps[0].steps[0].steps;
  const Setting* by = op_named(ops, "contrast").find(op_named(ops, "contrast").op->at("by"));
  ASSERT_TRUE(by->law);
  EXPECT_DOUBLE_EQ(by->law.a, 0.1);
  EXPECT_DOUBLE_EQ(by->law.b, 1.9);
}

TEST(Policies, AreWrittenAsPlainStepsAndReadAgain) {
  for (const Policy& policy : policies()) {
    const Recipe recipe = with_step(std::string(policy.name) + ": {p: 0.5}");
    EXPECT_EQ(recipe.steps[0].p, 0.5);
    const std::string yaml = to_yaml(recipe);
    EXPECT_EQ(yaml.find(policy.name), std::string::npos);
    EXPECT_EQ(to_yaml(parse(yaml, ops::op_table())), yaml) << policy.name;
  }
}

TEST(Policies, ErrorsNameThePlaceAndTheRange) {
  const auto message = [](const std::string& step) {
    try {
      with_step(step);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(message("rand_augment: {magnitude: 31}").find("[0, 30]"), std::string::npos);
  EXPECT_NE(message("rand_augment: {level: 3}").find("level"), std::string::npos);
  EXPECT_NE(message("auto_augment: {policy: cifar100}").find("cifar10"), std::string::npos);
  EXPECT_NE(message("trivial_augmentt").find("trivial_augment"), std::string::npos);
}

}  // namespace
}  // namespace leaven::recipe
