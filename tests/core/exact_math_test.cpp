// exact:: against long double libm, over the ranges that draws and maps use.
#include "core/exact_math.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/exact_powers.hpp"

namespace leaven {
namespace {

double ulps(double got, long double want) {
  const double near = static_cast<double>(want);
  const double unit = std::nextafter(std::fabs(near), std::numeric_limits<double>::infinity()) - std::fabs(near);
  return static_cast<double>(std::fabs(static_cast<long double>(got) - want) / static_cast<long double>(unit));
}

template <class F, class G>
double worst(F ours, G theirs, double from, double to) {
  double most = 0;
  for (int i = 0; i <= 200'000; ++i) {
    const double x = from + (to - from) * i / 200'000.0;
    most = std::max(most, ulps(ours(x), theirs(static_cast<long double>(x))));
  }
  return most;
}

TEST(ExactMath, LogIsWithinTwoUlp) {
  EXPECT_LE(worst(exact::log, [](long double x) { return std::log(x); }, 1e-12, 4), 2);
  EXPECT_LE(worst(exact::log, [](long double x) { return std::log(x); }, 4, 1e9), 2);
}

TEST(ExactMath, LogOfSpecialValues) {
  EXPECT_EQ(exact::log(1), 0);
  EXPECT_TRUE(std::isinf(exact::log(0)));
  EXPECT_TRUE(std::isnan(exact::log(-1)));
  EXPECT_NEAR(exact::log(4.9e-324), std::log(4.9e-324), 1e-10);
}

TEST(ExactMath, ExpIsWithinTwoUlp) {
  EXPECT_LE(worst(exact::exp, [](long double x) { return std::exp(x); }, -700, 700), 2);
  EXPECT_LE(worst(exact::exp, [](long double x) { return std::exp(x); }, -1, 1), 2);
  EXPECT_EQ(exact::exp(0), 1);
  EXPECT_EQ(exact::exp(-1000), 0);
  EXPECT_TRUE(std::isinf(exact::exp(1000)));
  EXPECT_NEAR(exact::exp(-740) / std::exp(-740.0), 1, 0.1);  // subnormal
}

TEST(ExactMath, SineAndCosineAreAccurate) {
  for (int i = -300'000; i <= 300'000; ++i) {
    const double x = i * 1.7e-4;
    ASSERT_NEAR(exact::sin(x), std::sin(x), 4e-16) << x;
    ASSERT_NEAR(exact::cos(x), std::cos(x), 4e-16) << x;
  }
  EXPECT_EQ(exact::sin(0), 0);
  EXPECT_EQ(exact::cos(0), 1);
  EXPECT_NEAR(exact::tan(0.7), std::tan(0.7), 1e-15);
}

TEST(ExactMath, TheAngleOfEveryDirection) {
  for (int i = 0; i <= 3600; ++i) {
    const double a = (i - 1800) * 3.14159265358979323846 / 1800;
    const double x = 7 * std::cos(a), y = 7 * std::sin(a);
    EXPECT_NEAR(exact::atan2(y, x), std::atan2(y, x), 2e-15) << i;
  }
  EXPECT_EQ(exact::atan2(0, 0), 0);
  EXPECT_EQ(exact::atan2(0, 5), 0);
  EXPECT_DOUBLE_EQ(exact::atan2(3, 0), 1.5707963267948966);
}

TEST(ExactMath, PowKeepsExactCases) {
  EXPECT_EQ(exact::pow(0.3, 1), 0.3);
  EXPECT_EQ(exact::pow(0.3, 2), 0.3 * 0.3);
  EXPECT_EQ(exact::pow(0.25, 0.5), 0.5);
  EXPECT_EQ(exact::pow(0, 2.2), 0);
  EXPECT_EQ(exact::pow(1, 17.3), 1);
  for (int i = 1; i < 256; ++i)
    for (const double y : {0.4, 0.7, 1.3, 2.2, 3.0}) ASSERT_NEAR(exact::pow(i / 255.0, y), std::pow(i / 255.0, y), 1e-14);
}

TEST(ExactMath, RaisingManyGivesTheBitsOfPow) {
  std::vector<double> numbers{0, 1, 1e-320, 5e-324, 1e-308, 1e300, 2.5, std::numeric_limits<double>::infinity()};
  for (int i = 0; i < 300; ++i) numbers.push_back(i / 255.0);
  for (const double y : {0.0, 0.1, 0.5, 0.83, 1.0, 1.21, 2.0, 3.7, 150.0, -0.4, -1.0}) {
    std::vector<double> raised = numbers;
    exact::raise_to(y, raised);
    for (std::size_t i = 0; i < numbers.size(); ++i)
      ASSERT_EQ(std::bit_cast<std::uint64_t>(raised[i]), std::bit_cast<std::uint64_t>(exact::pow(numbers[i], y))) << numbers[i] << " to " << y;
  }
}

TEST(ExactMath, NormalQuantileInvertsTheDistribution) {
  for (const double p : {1e-300, 1e-20, 1e-9, 0.001, 0.02, 0.0749, 0.0751, 0.3, 0.5, 0.7, 0.98, 0.999999}) {
    const double x = exact::normal_quantile(p);
    const double back = 0.5 * std::erfc(-x / std::sqrt(2.0));
    EXPECT_NEAR(back / p, 1, 1e-11) << p;
  }
  EXPECT_EQ(exact::normal_quantile(0.5), 0);
  EXPECT_DOUBLE_EQ(exact::normal_quantile(0.975), 1.959963984540054);
}

}  // namespace
}  // namespace leaven
