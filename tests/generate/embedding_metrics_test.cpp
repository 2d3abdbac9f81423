// Distances of clouds against closed forms.
#include "learn/generate/embedding_metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/value.hpp"

namespace leaven::learn {
namespace {

Moments moments(std::vector<double> mean, std::vector<double> covariance) { return {std::move(mean), std::move(covariance)}; }

TEST(Frechet, EqualCovariancesLeaveTheMeans) {
  constexpr std::size_t kDims = 64;
  std::vector<double> identity(kDims * kDims);
  for (std::size_t i = 0; i < kDims; ++i) identity[i * kDims + i] = 1;
  EXPECT_NEAR(frechet_distance(moments(std::vector<double>(kDims, 0), identity), moments(std::vector<double>(kDims, 1), identity)), 64, 1e-9);
}

TEST(Frechet, OfCovariancesThatDoNotCommute) {
  EXPECT_NEAR(frechet_distance(moments({0, 0}, {2, 1, 1, 2}), moments({1, 2}, {1, 0, 0, 3})), 13 - 2 * std::sqrt(14.0), 1e-12);
}

TEST(Frechet, OfFewerPointsThanDimensionsIsFiniteAndZeroForEqualOnes) {
  Cloud few{.dims = 8};
  for (std::uint64_t i = 0; i < 4 * 8; ++i) few.points.push_back(draw(normal(0, 1), Key{1, 2}, i));
  EXPECT_LT(frechet_distance(moments_of(few), moments_of(few)), 1e-6);
  EXPECT_GE(frechet_distance(moments_of(few), moments_of(few)), 0);
}

TEST(Moments, OfThreeGreys) {
  const Moments m = moments_of({{0, 0.5, 1}, 1});
  EXPECT_DOUBLE_EQ(m.mean[0], 0.5);
  EXPECT_DOUBLE_EQ(m.covariance[0], 0.25);
}

TEST(KernelDistance, WorkedByHand) { EXPECT_NEAR(kernel_distance({{0, 1}, 1}, {{2, 3}, 1}), 1 + 343 - 2 * 23.25, 1e-9); }

TEST(Manifold, WorkedByHand) {
  const Manifold m = manifold({{0, 1, 2, 3}, 1}, {{0.5, 10}, 1}, 1);
  EXPECT_DOUBLE_EQ(m.precision, 0.5);
  EXPECT_DOUBLE_EQ(m.recall, 1);
  EXPECT_DOUBLE_EQ(m.density, 1);
  EXPECT_DOUBLE_EQ(m.coverage, 0.5);
}

}  // namespace
}  // namespace leaven::learn
