// Time series in memory: by a batch of them, and one after another in kept memory.
#include "leaven/series.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "leaven/error.hpp"

namespace leaven {
namespace {

constexpr std::size_t kCount = 7, kChannels = 2, kLength = 24;

class ApiSeries : public testing::Test {
 protected:
  ApiSeries() {
    for (std::size_t i = 0; i < kCount * kChannels * kLength; ++i) values_.push_back(std::sin(static_cast<double>(i)) * 3);
    values_[5] = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t i = 0; i < kCount; ++i) names_.push_back("series " + std::to_string(i));
  }

  std::vector<DrawKey> keys(std::uint32_t copy = 1) const {
    std::vector<DrawKey> keys;
    for (std::size_t i = 0; i < kCount; ++i) keys.push_back({.key = names_[i], .copy = copy, .label = i % 2 == 0 ? "even" : "odd"});
    return keys;
  }
  SeriesBlock block() const { return {values_.data(), kCount, kChannels, kLength}; }
  std::vector<TimeSeries> single() const {
    std::vector<TimeSeries> series(kCount);
    for (std::size_t i = 0; i < kCount; ++i) {
      const auto begin = values_.begin() + static_cast<std::ptrdiff_t>(i * kChannels * kLength);
      series[i] = {kLength, kChannels, {begin, begin + kChannels * kLength}, {}, {}};
    }
    return series;
  }
  static Recipe recipe(const std::string& steps) { return Recipe::from_text("leaven: 1\nseed: 4\nsteps: [" + steps + "]\n"); }

  std::vector<double> values_{};
  std::vector<std::string> names_{};
};

bool same(std::span<const double> a, const std::vector<double>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < b.size(); ++i)
    if (a[i] != b[i] && !(std::isnan(a[i]) && std::isnan(b[i]))) return false;
  return true;
}

TEST_F(ApiSeries, ARunMakesWhatApplyMakesHoweverTheyCame) {
  // Lengths, programs and partners that differ from one series to the next: nothing of the last one may stay.
  for (const char* text : {"series_jitter", "{series_dropout: {p: 0.5}}, {series_time_warp: {p: 0.5}}", "{one_of: [series_reverse, series_scaling, series_drift]}",
                           "{series_resize: {size: {int: [3, 40]}}}", "series_jitter, {series_mixup: {partners: any, p: 0.6}}", "series_guided_warp"}) {
    const Recipe made_by = recipe(text);
    const SeriesBatch whole(made_by, block(), keys()), parts(made_by, single(), keys());
    SeriesRun of_whole(whole), of_parts(parts);
    EXPECT_EQ(whole.size(), kCount);
    for (const std::size_t i : {0U, 3U, 1U, 6U, 6U, 2U}) {
      const AppliedSeries wanted = parts.apply(i);
      EXPECT_TRUE(same(whole.apply(i).series.values, wanted.series.values)) << text << i;
      for (SeriesRun* run : {&of_whole, &of_parts}) {
        const SeriesRun::Made made = run->apply(i);
        EXPECT_EQ(made.length, wanted.series.length) << text;
        EXPECT_EQ(made.channels, kChannels);
        EXPECT_TRUE(same(made.values, wanted.series.values)) << text << i;
        EXPECT_EQ((std::vector<std::pair<std::string, double>>(made.shares.begin(), made.shares.end())), wanted.shares) << text;
      }
    }
  }
}

TEST_F(ApiSeries, WhatDoesNotFitIsRefused) {
  const Recipe plain = recipe("series_reverse");
  const SeriesBatch batch(plain, block(), keys());
  EXPECT_THROW(batch.apply(kCount), std::exception);
  EXPECT_THROW(SeriesRun(batch).apply(kCount), std::exception);
  EXPECT_THROW(SeriesBatch(plain, {values_.data(), kCount - 1, kChannels, kLength}, keys()), Error);
  EXPECT_THROW(SeriesBatch(plain, {values_.data(), kCount, kChannels, 0}, keys()), Error);
  EXPECT_THROW(SeriesBatch(plain, block(), keys(), {"one name"}), Error);
}

}  // namespace
}  // namespace leaven
