#include "leaven/strength.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace leaven {
namespace {

using Probabilities = std::vector<float>;

TEST(StrengthTable, EntAugmentIsOneMinusEntropy) {
  StrengthTable table({.rule = StrengthRule::ent_augment, .classes = 4});
  EXPECT_EQ(table.of("sure", 0), 0);
  table.tell("sure", 0, Probabilities{1, 0, 0, 0});
  table.tell("lost", 1, Probabilities{.25f, .25f, .25f, .25f});
  table.tell("torn", 2, Probabilities{.5f, .5f, 0, 0});
  EXPECT_EQ(table.of("sure", 0), 0) << "before the epoch ends";
  table.next_epoch();
  EXPECT_NEAR(table.of("sure", 0), 1, 1e-6);
  EXPECT_NEAR(table.of("lost", 0), 0, 1e-6);
  EXPECT_NEAR(table.of("torn", 0), 0.5, 1e-6);
  EXPECT_EQ(table.of("new", 0), 0);
  // Two copies in one epoch: their mean, in any order; of others nothing is heard, and they stay.
  table.tell("sure", 0, Probabilities{1, 0, 0, 0});
  table.tell("sure", 0, Probabilities{.25f, .25f, .25f, .25f});
  table.next_epoch();
  EXPECT_NEAR(table.of("sure", 0), 0.5, 1e-6);
  EXPECT_NEAR(table.of("torn", 0), 0.5, 1e-6);
  ASSERT_EQ(table.curve().size(), 2U);
  EXPECT_EQ(table.curve()[0], 0);
  EXPECT_NEAR(table.curve()[1], 1, 1e-6);
}

TEST(StrengthTable, CudaReachesTenAfterTenEpochsAndStaysAtNothing) {
  StrengthTable table({.rule = StrengthRule::cuda, .classes = 2});
  for (int epoch = 1; epoch <= 12; ++epoch) {
    table.tell("a", 0, Probabilities{.9f, .1f});
    table.tell("b", 1, Probabilities{.9f, .1f});
    table.next_epoch();
    EXPECT_DOUBLE_EQ(table.of("", 0), std::min(epoch, 10) / 10.0);
    EXPECT_EQ(table.of("", 1), 0);
  }
  // Three of five are no more than 0.6.
  for (int i = 0; i < 5; ++i) table.tell_loss("a", 0, i < 3 ? 0.1 : 3);
  table.next_epoch();
  EXPECT_DOUBLE_EQ(table.of("", 0), 0.9);
  table.next_epoch();
  EXPECT_DOUBLE_EQ(table.of("", 0), 0.9) << "a class that was not asked";
}

TEST(StrengthTable, AdaRisesByWhatWasShownAndFallsToNothing) {
  StrengthTable table({.rule = StrengthRule::ada, .full = 500'000});
  const auto epoch = [&](double loss) {
    for (int i = 0; i < 4 * 32; ++i) table.tell_loss("any", 0, loss);
    table.tell_held_out(1);
    table.next_epoch();
  };
  epoch(0);
  EXPECT_DOUBLE_EQ(table.of("", 7), 4.0 * 32 / 500'000);
  epoch(0);
  EXPECT_DOUBLE_EQ(table.of("", 7), 8.0 * 32 / 500'000);
  for (int i = 0; i < 3; ++i) epoch(1);
  EXPECT_EQ(table.of("", 7), 0);
  StrengthTable usual({.rule = StrengthRule::ada});
  for (int i = 0; i < 3; ++i) usual.tell_loss("any", 0, 0.1), usual.tell_held_out(1), usual.next_epoch();
  EXPECT_DOUBLE_EQ(usual.of("", 0), 0.1 + 0.1 + 0.1);
  usual.tell_loss("any", 0, 0.1);
  EXPECT_THROW(usual.next_epoch(), Error);
}

TEST(StrengthTable, AStateGoesOnWhereItWasTaken) {
  for (const StrengthRule rule : {StrengthRule::ent_augment, StrengthRule::cuda, StrengthRule::ada}) {
    StrengthTable table({.rule = rule, .classes = 2});
    const auto tell = [](StrengthTable& t) {
      t.tell("a", 0, Probabilities{.8f, .2f});
      t.tell("b", 1, Probabilities{.3f, .7f});
      t.tell_held_out(5);
    };
    tell(table);
    table.next_epoch();
    tell(table);
    StrengthTable again = StrengthTable::from_state(table.state());
    for (StrengthTable* t : {&table, &again}) t->next_epoch(), tell(*t), t->next_epoch();
    for (const char* key : {"a", "b", "c"}) EXPECT_EQ(again.of(key, 1), table.of(key, 1)) << name_of(rule);
    EXPECT_EQ(again.curve(), table.curve());
    EXPECT_GT(table.of("a", 0), 0) << name_of(rule);
  }
  for (const char* text : {"", "{}", "[1]", R"({"rule": "cuda", "classes": 3})"}) EXPECT_THROW(StrengthTable::from_state(text), Error) << text;
}

TEST(StrengthTable, WhatCannotBeIsRefused) {
  EXPECT_THROW(StrengthTable({.rule = StrengthRule::ent_augment, .classes = 1}), Error);
  EXPECT_THROW(strength_rule_named("cudo"), Error);
  StrengthTable table({.rule = StrengthRule::ent_augment, .classes = 2});
  EXPECT_THROW(table.tell("a", 0, Probabilities{1}), Error);
  EXPECT_THROW(table.tell("a", 2, Probabilities{1, 0}), Error);
  EXPECT_THROW(table.tell("a", 0, Probabilities{NAN, 0}), Error);
  EXPECT_THROW(table.tell("a", 0, Probabilities{0, 0}), Error);
  EXPECT_THROW(table.tell_loss("a", 0, 0.5), Error);
}

TEST(AtStrength, IsARecipe) {
  Recipe recipe = Recipe::from_text("leaven: 1\nsteps: [{brightness: {by: 1.5}}]");
  recipe.seed(5);
  const Recipe half = at_strength(recipe, 0.5);
  EXPECT_NE(half.yaml().find("by: 1.25"), std::string::npos) << half.yaml();
  EXPECT_EQ(half.seed(), 5U);
  EXPECT_THROW(at_strength(recipe, 2), Error);
}

}  // namespace
}  // namespace leaven
