// Groups of alike items: found, weighed, mixed within.
#include "learn/clusters.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/cluster_mix.hpp"
#include "learn/components.hpp"
#include "learn/visits.hpp"

namespace leaven::learn {
namespace {

const Key kKey{11, 12};

TEST(KMeans, FindsThreeCloudsThatLieApart) {
  const double middles[3][2] = {{0, 0}, {10, 0}, {0, 12}};
  std::vector<double> points;
  for (std::uint64_t i = 0; i < 90; ++i)
    for (std::uint64_t d = 0; d < 2; ++d) points.push_back(middles[i % 3][d] + draw(normal(0, 0.7), kKey, 2 * i + d));
  const std::vector<std::uint32_t> of = k_means(points, 2, 3, kKey);
  std::set<std::uint32_t> used(of.begin(), of.end());
  EXPECT_EQ(used, (std::set<std::uint32_t>{0, 1, 2}));
  for (std::size_t i = 3; i < of.size(); ++i) EXPECT_EQ(of[i], of[i % 3]);
  EXPECT_EQ(k_means(points, 2, 3, kKey), of);
}

TEST(KMeans, LeavesNoClusterEmptyWherePointsAreEqual) {
  const std::vector<double> points{1, 1, 1, 5, 5, 5, 5};
  EXPECT_EQ(k_means(points, 1, 4, kKey), (std::vector<std::uint32_t>{0, 0, 0, 1, 1, 1, 1}));
  EXPECT_EQ(k_means(points, 1, 1, kKey), std::vector<std::uint32_t>(7, 0));
  EXPECT_THROW(k_means(points, 1, 8, kKey), Error);
  EXPECT_THROW(k_means(points, 1, 0, kKey), Error);
}

TEST(Components, AreTheAxesOfACloud) {
  // Deviations 4 along (3, 4)/5 and 1 across.
  std::vector<float> points;
  std::vector<double> mean(2);
  for (std::uint64_t i = 0; i < 400; ++i) {
    const double along = draw(normal(0, 4), kKey, 2 * i), across = draw(normal(0, 1), kKey, 2 * i + 1);
    points.push_back(static_cast<float>(0.6 * along - 0.8 * across));
    points.push_back(static_cast<float>(0.8 * along + 0.6 * across));
  }
  for (std::size_t i = 0; i < points.size(); ++i) mean[i % 2] += points[i] / 400.0;
  for (std::size_t i = 0; i < points.size(); ++i) points[i] -= static_cast<float>(mean[i % 2]);
  const Components found = principal_components(points, 2, 24, kKey);
  ASSERT_EQ(found.deviation.size(), 2U);
  EXPECT_NEAR(found.deviation[0], 4, 0.4);
  EXPECT_NEAR(found.deviation[1], 1, 0.1);
  EXPECT_NEAR(std::fabs(0.6 * found.directions[0] + 0.8 * found.directions[1]), 1, 0.01);
}

/// A dense cloud of 80 items and a thin one of 20, far from each other.
std::vector<float> dense_and_thin() {
  std::vector<float> values;
  for (std::uint64_t i = 0; i < 100; ++i)
    for (std::uint64_t d = 0; d < 6; ++d) values.push_back(static_cast<float>((i < 80 ? 0 : 40) + draw(normal(0, i < 80 ? 0.5 : 3), kKey, 6 * i + d)));
  return values;
}

TEST(Clusters, WhatLiesThinlyIsChangedMoreAndWhatIsRareIsShownMore) {
  const Clusters found = clusters_of(dense_and_thin(), 6, kKey);
  EXPECT_EQ(found.of.size(), 100U);
  EXPECT_EQ(std::accumulate(found.sizes.begin(), found.sizes.end(), std::size_t{0}), 100U);
  for (std::size_t i = 1; i < 80; ++i) EXPECT_TRUE(std::none_of(found.of.begin() + 80, found.of.end(), [&](std::uint32_t c) { return c == found.of[i]; }));
  const std::vector<double> strength = strength_by_density(found), weight = weight_by_size(found);
  for (const double s : strength) EXPECT_TRUE(s >= 0 && s <= 1);
  const auto mean = [](const std::vector<double>& v, std::size_t from, std::size_t to) {
    return std::accumulate(v.begin() + static_cast<std::ptrdiff_t>(from), v.begin() + static_cast<std::ptrdiff_t>(to), 0.0) / static_cast<double>(to - from);
  };
  EXPECT_GT(mean(strength, 80, 100), 2 * mean(strength, 0, 80));
  EXPECT_GT(mean(weight, 80, 100), mean(weight, 0, 80));
  for (std::size_t i = 0; i < 100; ++i) EXPECT_DOUBLE_EQ(weight[i], 1 / std::sqrt(static_cast<double>(found.sizes[found.of[i]])));
  EXPECT_EQ(clusters_of(dense_and_thin(), 6, kKey).of, found.of);
}

TEST(Clusters, OfFewOrEqualItemsAreOrderly) {
  const std::vector<float> equal(30, 2.5f);
  const Clusters same = clusters_of(equal, 3, kKey);
  EXPECT_EQ(same.sizes, std::vector<std::size_t>{10});
  EXPECT_EQ(strength_by_density(same), std::vector<double>(10, 0.5));
  EXPECT_EQ(clusters_of(std::vector<float>{1, 2, 3}, 3, kKey).sizes, std::vector<std::size_t>{1});
  EXPECT_EQ(clusters_of(std::vector<float>{1, 2, 3, 4}, 2, kKey).of.size(), 2U);
}

TEST(ClusterMix, TakesPartnersOfTheSameClassAndCluster) {
  // Entries 0 … 5: clusters 0 0 0 1 1 2.
  const ClusterMix mix({0, 0, 0, 1, 1, 2}, kKey);
  const std::vector<std::uint32_t> entries{0, 1, 2, 3, 4, 5, 0}, labels{7, 7, 8, 7, 7, 7, 7};
  std::vector<std::uint32_t> partners;
  std::vector<float> shares;
  double sum = 0;
  std::set<std::uint32_t> of_first;
  for (std::uint64_t batch = 0; batch < 200; ++batch) {
    mix.choose(batch, entries, labels, partners, shares);
    EXPECT_EQ(partners[0], 1U);   // place 6 shows the same item
    EXPECT_EQ(partners[2], 2U);   // alone in its class
    EXPECT_EQ(shares[2], 0);
    EXPECT_EQ(partners[3], 4U);
    EXPECT_EQ(partners[5], 5U);   // alone in its cluster
    EXPECT_TRUE(partners[1] == 0 || partners[1] == 6);
    of_first.insert(partners[1]);
    sum += shares[3];
    for (const float share : shares) EXPECT_TRUE(share >= 0 && share < 1);
  }
  EXPECT_EQ(of_first.size(), 2U);
  EXPECT_NEAR(sum / 200, 0.5, 0.1);
}

TEST(Order, WeighedItemsComeInProportionAndNoEpochIsLonger) {
  const Entries train{4, 7, 9};
  Order order(train, 10, 3);
  order.weigh({1, 1, 4});
  std::map<std::uint32_t, int> all;
  for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
    std::map<std::uint32_t, int> here;
    for (std::uint64_t i = 0; i < 30; ++i) {
      const Visit v = order.at(30 * epoch + i);
      EXPECT_EQ(v.epoch, epoch);
      EXPECT_TRUE(seen.emplace(v.entry, v.copy).second) << "a copy twice";
      ++here[v.entry], ++all[v.entry];
    }
    EXPECT_NEAR(here[9], 20, 1);
    EXPECT_NEAR(here[4], 5, 1);
  }
  EXPECT_NEAR(all[9], 400, 20);
  EXPECT_NEAR(all[4], 100, 20);
}

}  // namespace
}  // namespace leaven::learn
