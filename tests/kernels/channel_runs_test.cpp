// Runs along a channel against one value at a time, on every target with the same bits.
#include "kernels/channel_runs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/kernels/every_target.hpp"

namespace leaven::kernels {
namespace {

using Values = std::vector<double>;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Values numbers(std::size_t count, bool gaps) {
  TestNumbers random(static_cast<std::uint32_t>(count) + 1);
  Values values(count);
  for (double& value : values) value = random.unit() * 20 - 10;
  for (std::size_t i = 0; gaps && i < count; i += 5) values[i] = kMissing;
  return values;
}

void expect_same(const Values& made, const Values& wanted) {
  ASSERT_EQ(made.size(), wanted.size());
  for (std::size_t i = 0; i < made.size(); ++i) {
    ASSERT_EQ(std::isnan(made[i]), std::isnan(wanted[i])) << i;
    if (!std::isnan(wanted[i])) {
      ASSERT_EQ(made[i], wanted[i]) << i;
    }
  }
}

/// On the straight line between two samples; missing where one of the two is.
double between_samples(const Values& values, double time) {
  const double inside = std::clamp(time, 0.0, static_cast<double>(values.size()) - 1), part = inside - std::floor(inside);
  const auto below = static_cast<std::size_t>(inside);
  return part == 0 ? values[below] : values[below] * (1 - part) + values[below + 1] * part;
}

TEST(ChannelRuns, LinesAndTimesAreWhatStandsBetweenSamples) {
  on_every_target([] {
    for (const std::size_t count : {1U, 2U, 7U, 8U, 21U, 45U})
      for (const bool gaps : {false, true})
        // Slopes of which a vector's neighbours lie in two vectors, just do not any more, and never do.
        for (const auto& [first, slope] : std::vector<std::pair<double, double>>{{0, 1}, {static_cast<double>(count) - 1, -1}, {0, 0.37}, {-3, 2}, {1, 1}, {0.5, -1},
                                                                                 {2, 0}, {0.25, 0.9}, {0, 2.125}, {0.75, 2.2}, {0, 2.5}, {1.5, 3.1}}) {
          const Values values = numbers(count, gaps);
          for (const std::size_t size : {0U, 1U, 5U, 21U, 45U}) {
            Values times, wanted, line(size, 77), at_times(size, 77);
            for (std::size_t i = 0; i < size; ++i) times.push_back(first + slope * static_cast<double>(i));
            for (const double time : times) wanted.push_back(between_samples(values, time));
            sample_line(values, first, slope, line);
            sample_times(values, times, at_times);
            expect_same(line, wanted);
            expect_same(at_times, wanted);
          }
        }
  });
}

TEST(ChannelRuns, SumsAreThoseOfEightLanes) {
  on_every_target([] {
    for (const std::size_t count : {0U, 1U, 8U, 19U, 64U}) {
      const Values values = numbers(count, true);
      double lanes[8]{}, squares[8]{}, there = 0;
      double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
      for (std::size_t i = 0; i < count; ++i) {
        if (std::isnan(values[i])) continue;
        ++there;
        lanes[i % 8] += values[i];
        squares[i % 8] += (values[i] - 0.5) * (values[i] - 0.5);
        lowest = std::min(lowest, values[i]);
        highest = std::max(highest, values[i]);
      }
      double sum = 0, square = 0;
      for (const double lane : lanes) sum += lane;
      for (const double lane : squares) square += lane;
      EXPECT_EQ(sums_of(values).count, there);
      EXPECT_EQ(sums_of(values).sum, sum);
      EXPECT_EQ(squares_about(values, 0.5), square);
      EXPECT_EQ(range_of(values).lowest, lowest);
      EXPECT_EQ(range_of(values).highest, highest);
    }
  });
}

TEST(ChannelRuns, LevelsAreMiddlesOfEqualParts) {
  on_every_target([] {
    Values values{0, 1, 2.5, kMissing, 9.9, 10, 4, 5, 6, 7, 8};
    round_to_levels(values, 0, 2.5, 4);
    expect_same(values, {1.25, 1.25, 3.75, kMissing, 8.75, 8.75, 3.75, 6.25, 6.25, 6.25, 8.75});
  });
}

TEST(ChannelRuns, WeightedMeansOfNeighbours) {
  on_every_target([] {
    const Values padded = numbers(25, false), weights{1, 2, 1};
    Values means(23);
    weighted_means(padded, weights, 4, means);
    for (std::size_t i = 0; i < means.size(); ++i) ASSERT_EQ(means[i], (padded[i] + 2 * padded[i + 1] + padded[i + 2]) / 4) << i;
  });
}

TEST(ChannelRuns, CubicsPassThroughTheirPoints) {
  on_every_target([] {
    Values curve(11);
    cubic_run({2, 5, 0.5, -0.25}, 20, 0.1, 2, curve);
    EXPECT_NEAR(curve.front(), 2, 1e-12);
    EXPECT_NEAR(curve.back(), 5, 1e-12);
    EXPECT_NEAR(curve[5], 3.5 + (0.125 - 0.5) * 0.5 + (0.125 - 0.5) * -0.25, 1e-12);
  });
}

TEST(ChannelRuns, ValuesAreMultipliedAndAddedToOneByOne) {
  on_every_target([&] {
    for (const std::size_t count : {0U, 1U, 7U, 8U, 129U}) {
      TestNumbers random(5);
      std::vector<double> values(count), numbers(count);
      std::vector<float> floats(count);
      for (double& x : values) x = random.unit() * 8 - 4;
      for (double& x : numbers) x = random.unit() - 0.5;
      for (float& x : floats) x = static_cast<float>(random.unit() - 0.5);
      if (count > 3) values[2] = std::numeric_limits<double>::quiet_NaN();
      const auto same = [&](const std::vector<double>& made, const auto& wanted) {
        for (std::size_t i = 0; i < count; ++i)
          if (std::isnan(values[i])) {
            EXPECT_TRUE(std::isnan(made[i])) << i;
          } else {
            EXPECT_EQ(made[i], wanted(i)) << i;
          }
      };
      std::vector<double> by_one = values, by_each = values, plus = values, plus_floats = values;
      multiply(by_one, 1.7);
      same(by_one, [&](std::size_t i) { return values[i] * 1.7; });
      multiply(by_each, numbers);
      same(by_each, [&](std::size_t i) { return values[i] * numbers[i]; });
      add_scaled(plus, 0.3, numbers);
      same(plus, [&](std::size_t i) { return values[i] + 0.3 * numbers[i]; });
      add_scaled(plus_floats, 0.3, floats);
      same(plus_floats, [&](std::size_t i) { return values[i] + 0.3 * static_cast<double>(floats[i]); });
    }
  });
}

TEST(ChannelRuns, WordsUpToAreTold) {
  on_every_target([&] {
    for (const std::size_t count : {0U, 1U, 3U, 16U, 63U, 64U})
      for (const std::uint32_t highest : {0U, 0x7fffffffU, 0xc0000000U, 0xffffffffU}) {
        std::vector<std::uint32_t> words(count);
        for (std::size_t i = 0; i < count; ++i) words[i] = static_cast<std::uint32_t>(i) * 0x9E3779B9U;
        if (count > 2) words[1] = highest, words[2] = highest + 1;
        const std::uint64_t bits = words_up_to(words, highest);
        for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ((bits >> i & 1) != 0, i < count && words[i] <= highest) << i << ", " << count;
      }
  });
}

}  // namespace
}  // namespace leaven::kernels
