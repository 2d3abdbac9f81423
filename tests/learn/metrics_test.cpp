#include "learn/metrics.hpp"

#include <gtest/gtest.h>

#include <array>

namespace leaven::learn {
namespace {

Predictions eight_of_three() {
  return {3,
          {.7f, .2f, .1f, .1f, .8f, .1f, .3f, .4f, .3f, .2f, .2f, .6f, .5f, .3f, .2f, .25f, .5f, .25f, .1f, .15f, .75f, .6f, .3f, .1f},
          {0, 1, 0, 2, 1, 1, 2, 2}};
}

TEST(Metrics, AreScikitLearns) {
  const Metrics m = measure(eight_of_three());
  EXPECT_NEAR(m.accuracy, 62.5, 1e-9);
  EXPECT_NEAR(m.macro_f1, 62.22222222222222, 1e-9);
  EXPECT_NEAR(m.auc, 82.22222222222223, 1e-9);
  EXPECT_NEAR(m.worst_class, 50, 1e-9);
  EXPECT_NEAR(m.ece, 16.875, 1e-4);
  EXPECT_NEAR(m.class_accuracy[1], 66.66666666666666, 1e-9);
}

TEST(Metrics, SurpriseIsALogarithmOrASquare) {
  const std::vector<double> classes = surprises({2, {.25f, .75f, 1, 0}, {1, 1}, {}});
  EXPECT_NEAR(classes[0], 0.2876820724517809, 1e-7);
  EXPECT_NEAR(classes[1], 27.631021115928547, 1e-9);
  EXPECT_EQ(surprises({0, {1.5f, -2}, {}, {1, 0}}), (std::vector<double>{0.25, 4}));
}

TEST(Metrics, AClassWithoutItemsCountsForNothing) {
  Predictions p{3, {.9f, .1f, 0, .2f, .8f, 0}, {0, 1}};
  const Metrics m = measure(p);
  EXPECT_DOUBLE_EQ(m.accuracy, 100);
  EXPECT_DOUBLE_EQ(m.macro_f1, 100);
  EXPECT_DOUBLE_EQ(m.auc, 100);
  EXPECT_DOUBLE_EQ(m.worst_class, 100);
  EXPECT_FALSE(is_known(m.class_accuracy[2]));
}

TEST(Metrics, OneClassAloneHasNoAreaUnderACurve) {
  const Metrics m = measure({2, {.9f, .1f, .8f, .2f}, {0, 0}, {}});
  EXPECT_FALSE(is_known(m.auc));
  EXPECT_DOUBLE_EQ(m.accuracy, 100);
}

TEST(Metrics, OneItemCountsByHowManyThereAre) {
  // 16 and 4 items of two classes, none of a third one.
  const Metrics m = one_item_of(std::vector<std::size_t>{16, 0, 4}, 20);
  EXPECT_DOUBLE_EQ(m.accuracy, 5);
  EXPECT_DOUBLE_EQ(m.ece, 5);
  EXPECT_DOUBLE_EQ(m.worst_class, 25);
  EXPECT_DOUBLE_EQ(m.macro_f1, 12.5);
  EXPECT_DOUBLE_EQ(m.auc, 12.5);
  EXPECT_FALSE(is_known(m.r2));
  const Metrics numbers = one_item_of({}, 4);
  EXPECT_DOUBLE_EQ(numbers.r2, 25);
  EXPECT_DOUBLE_EQ(numbers.mae, 25);
  EXPECT_FALSE(is_known(numbers.accuracy));
  // Of five right of each class one less: F1 falls from 1 to 8/9 and 10/11, 10.0 points on average, and 10 are promised at most.
  EXPECT_LE(100 - measure({2, {1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}, {0, 0, 0, 0, 0, 1, 1, 1, 1, 1}, {}}).macro_f1, one_item_of(std::vector<std::size_t>{5, 5}, 10).macro_f1 + 0.11);
}

TEST(Metrics, SayingTheSameOfEveryItemIsNothingLearned) {
  const Metrics m = measure_constant({2, {}, {0, 1, 1, 1}, {}}, std::vector{0.4, 0.6});
  EXPECT_DOUBLE_EQ(m.accuracy, 75);
  EXPECT_DOUBLE_EQ(m.auc, 50);
  EXPECT_DOUBLE_EQ(m.worst_class, 0);
  // Mean 1, squares about it 8; about 0 they are 11.
  EXPECT_DOUBLE_EQ(measure_constant({0, {}, {}, {-1, 1, 3}}, {}).r2, 100 * (1 - 11.0 / 8));
}

TEST(Metrics, CertainAndAlwaysWrongIsWhollyUncalibrated) {
  const Metrics m = measure({2, {1, 0, 0, 1}, {1, 0}});
  EXPECT_DOUBLE_EQ(m.ece, 100);
  EXPECT_DOUBLE_EQ(m.accuracy, 0);
  EXPECT_DOUBLE_EQ(m.auc, 0);
}

TEST(Metrics, EqualScoresShareTheirRank) {
  EXPECT_DOUBLE_EQ(area_under_curve(std::array{.5f, .5f, .5f, .5f}, {true, false, true, false}), 0.5);
  // One of four pairs is a tie: (1 + 1 + 1 + ½) / 4.
  EXPECT_DOUBLE_EQ(area_under_curve(std::array{.9f, .5f, .5f, .1f}, {true, true, false, false}), 0.875);
  EXPECT_DOUBLE_EQ(area_under_curve(std::array{.9f, .1f}, {true, true}), 0.5);
}

TEST(Metrics, AmongEqualProbabilitiesTheFirstClassIsPredicted) {
  EXPECT_EQ((Predictions{3, {.2f, .4f, .4f}, {2}}.best(0)), 1U);
}

}  // namespace
}  // namespace leaven::learn
