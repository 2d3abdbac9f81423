#include "recipe/strength.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "ops/families.hpp"

namespace leaven::recipe {
namespace {

Recipe with_steps(const std::string& steps) { return parse("leaven: 1\nsteps:\n" + steps, ops::op_table()); }
std::string at(const std::string& steps, double strength) {
  const std::string all = to_yaml(at_strength(with_steps(steps), strength));
  return all.substr(all.find("steps:"));
}

TEST(Strength, FieldsLieAShareOfTheWayFromNeutral) {
  EXPECT_EQ(at("  - rotate: {degrees: {uniform: [-20, 10]}, p: 0.5}\n", 0.5), at("  - rotate: {degrees: {uniform: [-10, 5]}, p: 0.5}\n", 1));
  EXPECT_EQ(at("  - brightness: {by: {choice: [1.4, 0.6]}}\n", 0.25), at("  - brightness: {by: {choice: [1.1, 0.9]}}\n", 1));
  // Of 8 bits, 4 are lost at full strength.
  EXPECT_EQ(at("  - posterize: {bits: 4}\n", 0.5), at("  - posterize: {bits: 6}\n", 1));
  EXPECT_EQ(at("  - rotate: {degrees: {truncated_normal: [4, 2, -8, 8]}}\n", 0.5), at("  - rotate: {degrees: {truncated_normal: [2, 1, -4, 4]}}\n", 1));
}

TEST(Strength, ALogUniformLawIsScaledInProportion) {
  const Recipe half = at_strength(with_steps("  - affine: {scale: {log_uniform: [0.25, 4]}}\n"), 0.5);
  const Law law = half.steps[0].find(half.steps[0].op->at("scale"))->law;
  EXPECT_EQ(law.kind, Law::Kind::log_uniform);
  EXPECT_NEAR(law.a, 0.5, 1e-12);
  EXPECT_NEAR(law.b, 2, 1e-12);
}

TEST(Strength, FieldsThatARecipeLeavesOutAreScaledToo) {
  const Recipe half = at_strength(with_steps("  - affine\n"), 0.5);
  const Step& step = half.steps[0];
  const FieldInfo& degrees = step.op->at("degrees");
  EXPECT_EQ(step.find(degrees)->law, uniform(degrees.facts.draw.a / 2, degrees.facts.draw.b / 2));
  const Recipe turned = at_strength(with_steps("  - affine: {degrees: 10}\n"), 0.5);
  EXPECT_FALSE(turned.steps[0].draws(turned.steps[0].op->at("scale")));
  EXPECT_EQ(as_number(turned.steps[0].find(turned.steps[0].op->at("scale"))->fixed), 1);
}

TEST(Strength, OpsWithoutOneRunAsOftenAndWhatGivesPicturesTheirFormStays) {
  const Recipe half = at_strength(with_steps("  - horizontal_flip: {p: 0.5}\n  - one_of: [equalize, {with_probability: {p: 0.5, steps: [invert]}}]\n"
                                             "  - random_resized_crop: {width: 8, height: 8}\n  - resize: {width: 4, height: 4}\n  - normalize\n"), 0.5);
  EXPECT_EQ(half.steps[0].p, 0.25);
  EXPECT_EQ(half.steps[1].p, 1);
  EXPECT_EQ(half.steps[1].steps[0].p, 0.5);
  EXPECT_EQ(half.steps[1].steps[1].p, 0.5);
  EXPECT_EQ(half.steps[1].steps[1].steps[0].p, 0.5);
  for (std::size_t i = 2; i < 5; ++i) EXPECT_EQ(half.steps[i].p, 1) << i;
}

TEST(Strength, OneIsTheRecipeItselfAndOthersAreRefused) {
  const Recipe recipe = preset("strong", ops::op_table());
  EXPECT_EQ(to_yaml(at_strength(recipe, 1)), to_yaml(recipe));
  for (const double wrong : {-0.1, 1.1, static_cast<double>(NAN)}) EXPECT_THROW(at_strength(recipe, wrong), Error);
}

// Whatever an op's fields are, what comes out is a recipe that can be written and read.
TEST(Strength, EveryOpsExampleStaysALegalRecipe) {
  for (const auto& op : ops::op_table().all()) {
    const Recipe recipe = with_steps("  - " + std::string(op->example) + "\n");
    for (const double strength : {0.0, 0.37, 0.99}) {
      const std::string text = to_yaml(at_strength(recipe, strength));
      try {
        EXPECT_EQ(to_yaml(parse(text, ops::op_table())), text) << op->name;
      } catch (const Error& error) {
        ADD_FAILURE() << op->name << " at " << strength << ": " << error.what() << "\n" << text;
      }
    }
  }
}

}  // namespace
}  // namespace leaven::recipe
