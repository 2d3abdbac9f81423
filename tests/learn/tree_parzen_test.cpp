#include "learn/tree_parzen.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace leaven::learn {
namespace {

Key key(std::uint64_t seed, std::uint64_t n) { return KeyMaker({.seed = seed, .epoch = n}).key("test", {}); }

TEST(Windows, AreADensityOfTheUnitInterval) {
  for (const std::vector<double>& seen : {std::vector<double>{}, {0.5}, {0, 1}, {0.2, 0.21, 0.22, 0.9}, {0.3, 0.3, 0.3}}) {
    const Windows windows(seen);
    double sum = 0;
    constexpr int kParts = 20000;
    for (int i = 0; i < kParts; ++i) sum += windows.density((i + 0.5) / kParts) / kParts;
    EXPECT_NEAR(sum, 1, 1e-6) << seen.size();
  }
}

TEST(Windows, OfOneNumberIsANormalLawCutOff) {
  // Width 0.5 around the middle: φ(0) / (0.5 · (Φ(1) − Φ(−1))), and as much again for the window that is the same everywhere.
  EXPECT_NEAR(Windows({0.5}).density(0.5), (1 + 0.3989422804014327 / (0.5 * 0.6826894921370859)) / 2, 1e-12);
  EXPECT_EQ(Windows({}).density(0.3), 1);
}

TEST(Windows, DrawWhatTheySay) {
  const Windows windows({0.1, 0.12, 0.14, 0.16});
  double low = 0, expected = 0;
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = windows.drawn(key(1, 0), 2 * static_cast<std::uint64_t>(i));
    ASSERT_GE(x, 0);
    ASSERT_LE(x, 1);
    low += x < 0.3;
    expected += windows.density((i + 0.5) / kDraws) * ((i + 0.5) / kDraws < 0.3);
  }
  EXPECT_NEAR(low / kDraws, expected / kDraws, 0.03);
}

/// Least at choice 2 with values about (0.8, 0.3) in both picks.
double valley(const Point& point) {
  double sum = 0;
  for (const Pick& pick : point) sum += (pick.choice == 2 ? 0 : 1) + std::pow(pick.values[0] - 0.8, 2) + std::pow(pick.values[1] - 0.3, 2);
  return sum;
}

double least_found(std::uint64_t seed, bool guided) {
  constexpr PointShape kShape{2, 10, 2};
  TreeParzen estimator(kShape);
  double least = INFINITY;
  for (std::uint64_t n = 0; n < 120; ++n) {
    const Point point = guided ? estimator.next(key(seed, n)) : random_point(kShape, key(seed, n));
    const double loss = valley(point);
    least = std::min(least, loss);
    estimator.tell(point, loss);
  }
  return least;
}

TEST(TreeParzen, FindsBetterPointsThanChance) {
  int better = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) better += least_found(seed, true) < least_found(seed, false);
  EXPECT_GE(better, 8);
}

TEST(TreeParzen, IsByChanceAtFirstAndDependsOnWhatWasToldAlone) {
  constexpr PointShape kShape{2, 4, 2};
  TreeParzen a(kShape), b(kShape);
  std::set<std::size_t> choices;
  for (std::uint64_t n = 0; n < 40; ++n) {
    const Point point = a.next(key(7, n));
    EXPECT_EQ(point, b.next(key(7, n)));
    EXPECT_EQ(point == random_point(kShape, key(7, n)), n < TreeParzen::kFirst) << n;
    ASSERT_EQ(point.size(), 2U);
    for (const Pick& pick : point) {
      ASSERT_LT(pick.choice, 4U);
      ASSERT_EQ(pick.values.size(), 2U);
      choices.insert(pick.choice);
    }
    a.tell(point, valley(point));
    b.tell(point, valley(point));
  }
  EXPECT_EQ(choices.size(), 4U);
}

}  // namespace
}  // namespace leaven::learn
