#include "kernels/noise_definition.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

namespace leaven::kernels {
namespace {

constexpr Key kKey{0x0123456789abcdef, 0xfedcba9876543210};

TEST(NoiseDefinition, PhiloxAnswersTheKnownVectors) {
  using Block = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}), (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(NoiseDefinition, EveryPixelAndChannelHasItsOwnWord) {
  std::set<std::pair<std::uint64_t, int>> seen;
  for (int channel = 0; channel < 4; ++channel)
    for (const int y : {0, 1, 2, 255, 256, 65535})
      for (int x = 0; x < 300; ++x) seen.insert({noise_word(x, y, channel).block, noise_word(x, y, channel).word});
  EXPECT_EQ(seen.size(), 4u * 6 * 300);
  EXPECT_LT(noise_word(65535, 0, 0).block, std::uint64_t{1} << 14);  // rows do not run into each other
}

TEST(NoiseDefinition, LogarithmIsAccurate) {
  for (int i = 1; i < 100000; ++i) {
    const float u = static_cast<float>(i) / 100000.0f;
    const double exact = std::log2(static_cast<double>(u));
    EXPECT_NEAR(noise_log2(u), exact, 3e-7 * std::max(1.0, std::abs(exact))) << u;
  }
  EXPECT_LE(noise_log2(1.0f - 0x1p-24f), 0.0f);  // its root is taken
}

TEST(NoiseDefinition, GaussianFollowsTheNormalLaw) {
  std::vector<double> values;
  double sum = 0, squares = 0, neighbours = 0;
  for (int y = 0; y < 100; ++y)
    for (int x = 0; x < 1000; ++x) {
      values.push_back(gaussian_at(kKey, x, y, 1));
      sum += values.back();
      squares += values.back() * values.back();
      if (x > 0) neighbours += values.back() * values[values.size() - 2];
    }
  const auto n = static_cast<double>(values.size());
  EXPECT_NEAR(sum / n, 0, 4 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1, 4 * std::sqrt(2 / n));
  EXPECT_NEAR(neighbours / n, 0, 4 / std::sqrt(n));
  std::sort(values.begin(), values.end());
  double distance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double cdf = 0.5 * std::erfc(-values[i] / std::sqrt(2.0));
    const auto below = static_cast<double>(i);
    distance = std::max({distance, std::abs(cdf - below / n), std::abs(cdf - (below + 1) / n)});
  }
  EXPECT_LT(distance, 1.95 / std::sqrt(n));  // Kolmogorov and Smirnov, level 0.001
}

TEST(NoiseDefinition, PairsAreRoundInThePlane) {
  // Angle of (word 0, word 1) pairs: 16 sectors, chi-square with 15 degrees of freedom, 0.1 % at 37.7.
  std::array<double, 16> counts{};
  const int total = 64000;
  for (int i = 0; i < total; ++i) {
    const auto words = random_block(kKey, static_cast<std::uint64_t>(i));
    const auto pair = noise_normals(words[0], words[1]);
    const double turn = (std::atan2(pair[1], pair[0]) / 6.283185307179586 + 0.5) * 16;
    ++counts[static_cast<std::size_t>(std::min(15.0, turn))];
  }
  double chi = 0;
  for (const double count : counts) chi += (count - total / 16.0) * (count - total / 16.0) / (total / 16.0);
  EXPECT_LT(chi, 37.7);
}

TEST(NoiseDefinition, SaltAndPepperTakeTheirShares) {
  int salt = 0, pepper = 0;
  const int total = 100000;
  for (int y = 0; y < 100; ++y)
    for (int x = 0; x < total / 100; ++x) {
      const SaltOrPepper kind = salt_pepper_at(kKey, x, y, 0.1, 0.25);
      salt += kind == SaltOrPepper::salt;
      pepper += kind == SaltOrPepper::pepper;
    }
  EXPECT_NEAR(salt, 0.025 * total, 4 * std::sqrt(0.025 * total));
  EXPECT_NEAR(pepper, 0.075 * total, 4 * std::sqrt(0.075 * total));
  for (int x = 0; x < 1000; ++x) {
    EXPECT_EQ(salt_pepper_at(kKey, x, 0, 0, 0.5), SaltOrPepper::neither);
    EXPECT_EQ(salt_pepper_at(kKey, x, 0, 1, 1), SaltOrPepper::salt);
    EXPECT_EQ(salt_pepper_at(kKey, x, 0, 1, 0), SaltOrPepper::pepper);
  }
}

}  // namespace
}  // namespace leaven::kernels
