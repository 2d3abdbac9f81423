// Noise of cells against its definition on every target, and against the laws that it is to have.
#include "kernels/cell_noise.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/noise_definition.hpp"
#include "tests/kernels/every_target.hpp"

namespace leaven::kernels {
namespace {

constexpr std::array kLaws{CellLaw::normal, CellLaw::uniform, CellLaw::laplace};

std::vector<Key> keys_of_rows(std::size_t count) {
  std::vector<Key> keys;
  for (std::uint64_t i = 0; i < count; ++i) keys.push_back({i * 0x9E3779B97F4A7C15, ~i * 0xBF58476D1CE4E5B9});
  return keys;
}

TEST(CellNoise, EachCellHasTheNoiseOfTheDefinitionBitForBit) {
  const std::vector<Key> keys = keys_of_rows(CellNoise::kRows);
  on_every_target([&] {
    for (const CellLaw law : kLaws)
      for (const std::uint32_t group : {0U, 1U, 0x3fffffffU})
        for (const std::size_t count : {0U, 1U, 15U, 16U, 17U, 256U}) {
          CellNoise noise;
          cell_noise(law, std::span(keys).first(count), group, noise);
          for (std::uint32_t c = 0; c < kColumnsOfABlock; ++c)
            for (std::size_t row = 0; row < count; ++row)
              ASSERT_EQ(noise.columns[c][row], cell_noise_at(law, keys[row], group * 4 + c)) << row << ", " << c << ", " << group;
        }
  });
}

/// Kolmogorov's distance of 100,000 cells from a law; by chance above 0.0062 once in a thousand times.
double distance_from(CellLaw law, double (*below)(double)) {
  std::vector<double> seen;
  for (const Key& key : keys_of_rows(20'000))
    for (std::uint32_t column = 0; column < 5; ++column) seen.push_back(static_cast<double>(cell_noise_at(law, key, column)));
  std::ranges::sort(seen);
  double farthest = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const double share = below(seen[i]), n = static_cast<double>(seen.size());
    farthest = std::max({farthest, std::fabs(share - static_cast<double>(i) / n), std::fabs(share - static_cast<double>(i + 1) / n)});
  }
  return farthest;
}

TEST(CellNoise, CellsFollowTheLaws) {
  EXPECT_LT(distance_from(CellLaw::normal, [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }), 0.0062);
  EXPECT_LT(distance_from(CellLaw::uniform, [](double x) { return (x + 1) / 2; }), 0.0062);
  EXPECT_LT(distance_from(CellLaw::laplace, [](double x) { return x < 0 ? 0.5 * std::exp(x * std::sqrt(2.0)) : 1 - 0.5 * std::exp(-x * std::sqrt(2.0)); }), 0.0062);
}

TEST(CellNoise, ColumnsOfARowDoNotFollowEachOther) {
  const std::vector<Key> keys = keys_of_rows(20'000);
  for (const CellLaw law : kLaws)
    for (std::uint32_t one = 0; one < 5; ++one)
      for (std::uint32_t other = 0; other < one; ++other) {
        double sum = 0, squares = 0;
        for (const Key& key : keys) {
          const auto a = static_cast<double>(cell_noise_at(law, key, one)), b = static_cast<double>(cell_noise_at(law, key, other));
          sum += a * b, squares += a * a;
        }
        EXPECT_LT(std::fabs(sum / squares), 0.03) << one << ", " << other;  // more than four standard deviations
      }
}

}  // namespace
}  // namespace leaven::kernels
