// Runs along a channel against one value at a time, on every target with the same bits.
#include "kernels/channel_runs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/series.hpp"
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
            for (const double time : times) wanted.push_back(value_at(values, time));
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

}  // namespace
}  // namespace leaven::kernels
