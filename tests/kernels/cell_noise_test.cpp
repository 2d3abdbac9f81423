// Noise of cells against its definition on every target, and against the laws that it is to have.
#include "kernels/cell_noise.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
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
  const std::vector<Key> keys = keys_of_rows(700);
  on_every_target([&] {
    for (const CellLaw law : kLaws)
      for (const std::uint32_t group : {0U, 1U, 0x3fffffffU})
        for (const std::size_t count : {0U, 1U, 15U, 33U, 256U, 700U}) {
          std::array<std::vector<double>, kColumnsOfABlock> numbers;
          std::array<NoisyColumn, kColumnsOfABlock> columns;
          std::vector<std::uint8_t> missing(count), changed(count);
          for (std::size_t c = 0; c < columns.size(); ++c) {
            numbers[c].resize(count);
            columns[c] = {1, 0x1p48, numbers[c].data(), missing.data(), changed.data()};  // a float's last place is kept
          }
          add_cell_noise(law, {.same = 1}, std::span(keys).first(count), group, columns);
          for (std::uint32_t c = 0; c < kColumnsOfABlock; ++c)
            for (std::size_t row = 0; row < count; ++row) {
              const auto noise = static_cast<double>(cell_noise_at(law, keys[row], group * 4 + c));
              ASSERT_EQ(numbers[c][row], std::nearbyint(noise * 0x1p48) / 0x1p48) << row << ", " << c << ", " << group;
            }
        }
  });
}

/// What a cell holds, and what is to become of it.
struct Cells {
  std::vector<double> numbers{};
  std::vector<std::uint8_t> missing{}, changed{};
};

TEST(CellNoise, EachCellMovesByItsNoiseAndIsRounded) {
  constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN(), kEndless = std::numeric_limits<double>::infinity();
  const std::vector<Key> keys = keys_of_rows(700);
  on_every_target([&] {
    for (const std::size_t count : {0U, 1U, 63U, 64U, 65U, 700U})
      for (const bool odd : {false, true})
        for (const bool of_value : {false, true})
          for (const bool by_rows : {false, true}) {
            TestNumbers random(11);
            std::vector<double> amounts(by_rows ? count : 0);
            for (double& amount : amounts) amount = random.unit();
            if (odd && amounts.size() > 64) amounts[20] = 0;
            std::array<Cells, kColumnsOfABlock> cells;
            std::array<NoisyColumn, kColumnsOfABlock> columns;
            for (std::size_t c = 0; c < columns.size(); ++c) {
              Cells& of = cells[c];
              of.numbers.resize(count), of.missing.resize(count), of.changed.resize(count);
              for (double& x : of.numbers) x = random.unit() * 2000 - 1000;
              for (std::size_t i = c; odd && i < count; i += 9) of.missing[i] = 1, of.numbers[i] = kNoNumber;
              if (odd && count > 64) of.numbers[33] = kEndless, of.numbers[40] = 1e300, of.numbers[60] = 0;
              columns[c] = {c == 2 ? 0 : 0.75, 100, of.numbers.data(), of.missing.data(), of.changed.data()};
            }
            const std::array<Cells, kColumnsOfABlock> before = cells;
            add_cell_noise(CellLaw::normal, {.same = 0.5, .rows = amounts, .of_value = of_value}, std::span(keys).first(count), 3, columns);
            for (std::size_t c = 0; c < columns.size(); ++c)
              for (std::size_t i = 0; i < count; ++i) {
                const double x = before[c].numbers[i], size = (by_rows ? amounts[i] : 0.5) * columns[c].unit * (of_value ? x : 1);
                const double value = x + size * static_cast<double>(cell_noise_at(CellLaw::normal, keys[i], static_cast<std::uint32_t>(12 + c)));
                const bool counts = before[c].missing[i] == 0 && std::isfinite(x) && size != 0;
                ASSERT_EQ(cells[c].changed[i], counts ? 1 : 0) << i << ", " << c;
                const double moved = std::fabs(value * 100) < 0x1p53 ? std::nearbyint(value * 100) / 100 : value;
                if (before[c].missing[i] == 0) {
                  ASSERT_EQ(cells[c].numbers[i], counts ? moved : x) << i << ", " << c;
                }
              }
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
