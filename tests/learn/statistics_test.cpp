// Every statistic against closed forms, or values that SciPy 1.16 and statsmodels 0.14 give.
#include "learn/statistics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "core/key.hpp"
#include "core/value.hpp"
#include "learn/distributions.hpp"
#include "learn/verdict.hpp"

namespace leaven::learn {
namespace {

constexpr std::array kSix{1.4, 0.3, 2.2, -0.6, 1.9, 0.8};

TEST(Distributions, StudentQuantilesAreSciPys) {
  EXPECT_NEAR(student_quantile(0.975, 5), 2.5705818356363146, 1e-12);
  EXPECT_NEAR(student_quantile(0.95, 5), 2.0150483733330233, 1e-12);
  EXPECT_NEAR(student_quantile(0.2, 5), -0.9195437802408271, 1e-12);
  EXPECT_NEAR(student_quantile(0.975, 100), 1.9839715185235518, 1e-12);
  EXPECT_NEAR(student_quantile(0.9999, 2.5), 34.867969321116306, 1e-8);
}

TEST(Distributions, OneAndTwoDegreesOfFreedomHaveClosedForms) {
  for (const double t : {-40.0, -1.0, -0.01, 0.0, 0.3, 2.0, 500.0}) {
    EXPECT_NEAR(student_cdf(t, 1), 0.5 + std::atan(t) / std::numbers::pi, 1e-14) << t;
    EXPECT_NEAR(student_cdf(t, 2), 0.5 + t / (2 * std::sqrt(2 + t * t)), 1e-14) << t;
  }
  EXPECT_NEAR(student_quantile(0.975, 1), std::tan(std::numbers::pi * 0.475), 1e-9);
}

TEST(Distributions, StudentTailsAreSciPys) {
  EXPECT_NEAR(student_cdf(1.3, 4), 0.868274201764388, 1e-14);
  EXPECT_NEAR(student_cdf(-2.7, 11), 0.010328372582419641, 1e-14);
  EXPECT_NEAR(student_cdf(0.01, 7), 0.5038498411781891, 1e-14);
}

TEST(Distributions, IncompleteBetaIsSciPys) {
  EXPECT_NEAR(incomplete_beta(0.5, 0.5, 0.25), 1.0 / 3, 1e-14);
  EXPECT_NEAR(incomplete_beta(2, 3, 0.4), 0.5248, 1e-14);
  EXPECT_NEAR(incomplete_beta(10, 0.5, 0.99), 0.6579281751567845, 1e-12);
  EXPECT_NEAR(incomplete_beta(0.5, 50, 0.001), 0.24763098003462314, 1e-13);
  EXPECT_EQ(incomplete_beta(2, 3, 0), 0);
  EXPECT_EQ(incomplete_beta(2, 3, 1), 1);
}

TEST(Distributions, ShiftedStudentIsSciPysNoncentralT) {
  EXPECT_NEAR(shifted_student_cdf(2.57, 5, 2), 0.6318166450435315, 1e-9);
  EXPECT_NEAR(shifted_student_cdf(-2.57, 5, 2), 0.0001258835355382027, 1e-9);
  EXPECT_NEAR(shifted_student_cdf(1, 1, 0.5), 0.5927477364400293, 1e-9);
  EXPECT_NEAR(shifted_student_cdf(2, 60, 1.5), 0.6856842555203843, 1e-9);
  EXPECT_NEAR(shifted_student_cdf(12.7, 1, 3), 0.813803218007604, 1e-9);
  EXPECT_NEAR(shifted_student_cdf(1.3, 4, 0), student_cdf(1.3, 4), 1e-9);
}

TEST(Statistics, MeanAndDeviation) {
  EXPECT_DOUBLE_EQ(mean_of(kSix), 1);
  EXPECT_NEAR(deviation_of(kSix), 1.0488088481701516, 1e-15);
  EXPECT_EQ(deviation_of(std::array{3.0}), 0);
}

TEST(Statistics, PairedTTestIsSciPys) {
  const Interval wide = t_interval(kSix, 0.95), narrow = t_interval(kSix, 0.90);
  EXPECT_NEAR(wide.lo, -0.10065738470801322, 1e-12);
  EXPECT_NEAR(wide.hi, 2.100657384708013, 1e-12);
  EXPECT_NEAR(narrow.lo, 0.13720783290921534, 1e-12);
  EXPECT_NEAR(narrow.hi, 1.862792167090784, 1e-12);
  EXPECT_NEAR(t_test(kSix), 0.06675305498495072, 1e-12);
}

TEST(Statistics, EquivalenceIsStatsmodelsTost) {
  EXPECT_NEAR(equivalence_test(kSix, 1), 0.5, 1e-12);
  EXPECT_NEAR(equivalence_test(kSix, 2), 0.03337652749247536, 1e-12);
  EXPECT_NEAR(equivalence_test(kSix, 2.5), 0.00861227484017069, 1e-12);
}

TEST(Statistics, EqualDifferencesHaveTheDeviationOfTheirResolution) {
  const std::array same{0.5, 0.5, 0.5, 0.5};
  EXPECT_DOUBLE_EQ(t_interval(same, 0.95).lo, 0.5);
  // Uniform in ±0.5 around each: deviation 1/√12, over √4, times 3.18245 (three degrees of freedom).
  EXPECT_NEAR(t_interval(same, 0.95, 1).lo, 0.5 - 3.182446305284263 / (2 * std::sqrt(12.0)), 1e-9);
  EXPECT_EQ(t_test(same), 0);
  EXPECT_EQ(t_test(std::array{0.0, 0.0}), 1);
  EXPECT_EQ(equivalence_test(std::array{0.0, 0.0}, 0.3), 0);
}

TEST(Statistics, SignFlipsAreCountedExactly) {
  EXPECT_DOUBLE_EQ(sign_flip_test(kSix), 0.09375);  // SciPy's permutation_test over samples
  EXPECT_DOUBLE_EQ(sign_flip_test(std::array{1.0, 2.0, 3.0, 4.0, 5.0, 6.0}), 2.0 / 64);
  EXPECT_DOUBLE_EQ(sign_flip_test(std::array{0.1, 0.2, 0.3, 0.1, 0.2}), 2.0 / 32);
  EXPECT_DOUBLE_EQ(sign_flip_test(std::array{0.0, 0.0, 0.0}), 1);
}

TEST(Statistics, BootstrapIntervalIsSciPysBca) {
  const Interval six = bca_interval(kSix, 0.95);
  EXPECT_NEAR(six.lo, 0.16666666666666666, 1e-9);  // all 46,656 resamples counted
  EXPECT_NEAR(six.hi, 1.6833333333333336, 1e-9);
  const std::array twelve{1.97, 0.2, -0.4, 3.1, 0.9, 1.2, 2.5, 0.1, 0.6, 1.1, -0.2, 5.0};
  const Interval drawn = bca_interval(twelve, 0.95);  // SciPy with 400,000 resamples
  EXPECT_NEAR(drawn.lo, 0.6475, 0.02);
  EXPECT_NEAR(drawn.hi, 2.4225, 0.06);
  EXPECT_EQ(bca_interval(twelve, 0.95).lo, drawn.lo);
  EXPECT_EQ(bca_interval(std::array{2.0, 2.0, 2.0}, 0.95).lo, 2);
}

TEST(Statistics, BenjaminiHochbergIsStatsmodels) {
  const std::array p{0.01, 0.04, 0.03, 0.005, 0.5, 0.9, 0.2};
  const std::array expected{0.035, 0.07, 0.07, 0.035, 0.5833333333333334, 0.9, 0.28};
  const std::vector<double> adjusted = adjusted_for_many(p);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(adjusted[i], expected[i], 1e-12) << i;
  EXPECT_TRUE(adjusted_for_many({}).empty());
}

TEST(Statistics, PowerIsStatsmodels) {
  EXPECT_NEAR(power_of_test(0.8, 1, 6), 0.35617376715808463, 1e-8);
  EXPECT_NEAR(power_of_test(-3, 2, 6), 0.8325292798668078, 1e-8);
  EXPECT_NEAR(power_of_test(0.2, 1, 30), 0.18518338712591942, 1e-8);
  EXPECT_NEAR(power_of_test(2, 1, 3), 0.4707494312784346, 1e-8);
}

TEST(Statistics, LeastDetectableEffectIsStatsmodels) {
  EXPECT_NEAR(least_detectable(1, 3), 3.264043552819638, 1e-6);
  EXPECT_NEAR(least_detectable(1, 6), 1.4345451395119289, 1e-6);
  EXPECT_NEAR(least_detectable(0.5, 10), 0.9960019107624178 / 2, 1e-6);
  EXPECT_NEAR(least_detectable(1, 30), 0.5292357045238948, 1e-6);
}

TEST(Statistics, PairsNeededAreStatsmodelsRoundedUp) {
  EXPECT_EQ(pairs_needed(0.3, 1), 90U);   // 89.149
  EXPECT_EQ(pairs_needed(0.5, 1), 34U);   // 33.367
  EXPECT_EQ(pairs_needed(-2.0, 2), 10U);  // 9.938
  EXPECT_EQ(pairs_needed(4, 2), 5U);      // 4.221
  EXPECT_EQ(pairs_needed(0.0001, 1), 0U);
}

TEST(Verdict, FourWords) {
  EXPECT_EQ(judge(std::array{2.0, 1.5, 2.5, 1.8, 2.2, 2.1}, 0.3).word, Word::helps);
  EXPECT_EQ(judge(std::array{-2.0, -1.5, -2.5, -1.8, -2.2, -2.1}, 0.3).word, Word::harmful);
  EXPECT_EQ(judge(std::array{0.1, -0.1, 0.05, -0.05, 0.02, -0.02}, 0.3).word, Word::harmless);
  const Verdict open = judge(kSix, 0.3);
  EXPECT_EQ(open.word, Word::inconclusive);
  EXPECT_EQ(open.seeds_needed, pairs_needed(1, 1.0488088481701516));
  EXPECT_NEAR(open.detectable, 1.4345451395119289 * 1.0488088481701516, 1e-5);
}

TEST(Verdict, ALossWithinTheMarginIsHarmless) {
  const Verdict v = judge(std::array{-0.1, -0.12, -0.08, -0.11, -0.09, -0.1}, 0.3);
  EXPECT_LT(v.interval.hi, 0);
  EXPECT_EQ(v.word, Word::harmless);
}

TEST(Verdict, WhatLiesBelowOneTestItemIsNotHarmless) {
  const std::array d{0.1, -0.1, 0.05, -0.05, 0.02, -0.02};
  EXPECT_EQ(judge(d, 1, 1).word, Word::harmless);
  const Verdict v = judge(d, 1, 1.01);
  EXPECT_LT(v.p_equal, kLevel);
  EXPECT_EQ(v.word, Word::inconclusive);
  EXPECT_EQ(v.seeds_needed, 0U);
  // A loss below one item is no harm either.
  EXPECT_EQ(judge(std::array{-0.4, -0.4, -0.4, -0.4, -0.4, -0.4}, 1, 1.01).word, Word::inconclusive);
}

TEST(Statistics, IntervalOfAShareIsWilsons) {
  EXPECT_NEAR(share_interval(0.8, 10).lo, 0.49016247153664183, 1e-12);
  EXPECT_NEAR(share_interval(0.8, 10).hi, 0.9433178485456247, 1e-12);
  EXPECT_NEAR(share_interval(0, 10).hi, 0.2775327998628892, 1e-12);
  EXPECT_EQ(share_interval(0, 10).lo, 0);
  EXPECT_EQ(share_interval(0.5, 0).hi, 1);
}

TEST(Verdict, OneSeedDecidesNothing) {
  EXPECT_EQ(judge(std::array{9.0}, 0.3).word, Word::inconclusive);
  EXPECT_EQ(judge({}, 0.3).word, Word::inconclusive);
}

TEST(Verdict, TwoEqualDifferencesOnATinyTestSetAreNotCertain) {
  // Ten test items: accuracies are 10 points apart, and so may be the truth.
  EXPECT_EQ(judge(std::array{10.0, 10.0}, 1, 10).word, Word::inconclusive);
}

TEST(Verdict, ExitCodes) {
  EXPECT_EQ(exit_code(Word::helps), 0);
  EXPECT_EQ(exit_code(Word::harmless), 0);
  EXPECT_EQ(exit_code(Word::harmful), 10);
  EXPECT_EQ(exit_code(Word::inconclusive), 11);
}

/// Student's interval errs in 5 of 100; 18 of 200 is the 99 % bound of that.
TEST(Verdict, TheSameRecipeTwiceIsRarelyCalledHelpfulOrHarmful) {
  const Key key = KeyMaker({.seed = 7, .sample = "A/A"}).key("simulation", {});
  int called = 0;
  for (std::uint64_t run = 0; run < 200; ++run) {
    std::array<double, 6> d{};
    for (std::uint64_t s = 0; s < d.size(); ++s)
      d[s] = draw(normal(0, 1), key, 2 * (run * d.size() + s)) - draw(normal(0, 1), key, 2 * (run * d.size() + s) + 1);
    const Word word = judge(d, 0.3, 0.02).word;
    called += word == Word::helps || word == Word::harmful;
  }
  EXPECT_LE(called, 18);
  EXPECT_GE(called, 2);  // a rule that never calls anything would pass too
}

}  // namespace
}  // namespace leaven::learn
