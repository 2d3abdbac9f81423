// Time series of a dataset, for whoever trains on them.
#include "leaven/series_feed.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <numeric>

#include "tests/api/refusal.hpp"

namespace leaven {
namespace {

/// Six series of eight values, of the classes 1 and 2 by turns.
class ApiSeriesFeed : public testing::Test {
 protected:
  ApiSeriesFeed() {
    std::ofstream file(folder_ / "Six_TRAIN.tsv");
    for (int i = 0; i < 6; ++i) {
      file << i % 2 + 1;
      for (int t = 0; t < 8; ++t) file << '\t' << i % 2 + 0.5 * t;
      file << '\n';
    }
    samples_.resize(6);
    std::iota(samples_.begin(), samples_.end(), 0U);
  }

  TemporaryFolder folder_{};
  std::vector<std::uint32_t> samples_{};
};

TEST_F(ApiSeriesFeed, GivesEachEpochAnotherDrawAndTheSameForTheSameOne) {
  const Dataset dataset(folder_ / "Six_TRAIN.tsv");
  ASSERT_TRUE(SeriesFeed::takes(dataset));
  const SeriesFeed feed(dataset, Recipe::from_text("leaven: 1\nseed: 2\nsteps: [{series_jitter: {sigma: 0.5}}]\n"), samples_);
  EXPECT_EQ(feed.classes(), (std::vector<std::string>{"1", "2"}));
  EXPECT_FALSE(feed.soft());
  const FedSeries made = feed.draw(1, {.epoch = 1});
  EXPECT_EQ(made.series.channels, 1U);
  EXPECT_EQ(made.series.length, 8U);
  EXPECT_EQ(made.series.values, feed.draw(1, {.epoch = 1}).series.values);
  EXPECT_NE(made.series.values, feed.draw(1, {.epoch = 2}).series.values);
  EXPECT_EQ(made.shares, (std::vector<ClassShare>{{1, 1.0}}));
}

TEST_F(ApiSeriesFeed, ClassesCountAsMuchAsIsMixedIn) {
  const Dataset dataset(folder_ / "Six_TRAIN.tsv");
  const SeriesFeed feed(dataset, Recipe::from_text("leaven: 1\nsteps: [{series_mixup: {partners: other_class, alpha: 1}}]\n"), samples_);
  EXPECT_TRUE(feed.soft());
  for (const std::uint32_t i : samples_) {
    const FedSeries made = feed.draw(i);
    double all = 0, of_second = 0;
    for (const auto& [number, share] : made.shares) all += share, of_second += number == 1 ? share : 0;
    EXPECT_NEAR(all, 1, 1e-6);
    // Series of class 1 begin at 0 and those of 2 at 1: the mixed value is the share of 2.
    EXPECT_NEAR(made.series.values.front(), of_second, 1e-5);
  }
}

TEST_F(ApiSeriesFeed, TheFeedOfPicturesSaysWhatTheseAre) {
  const Dataset dataset(folder_ / "Six_TRAIN.tsv");
  EXPECT_NE(refusal([&] { Feed(dataset, Recipe::from_text("leaven: 1\nsteps: []\n"), samples_); }).find("time series"), std::string::npos);
}

}  // namespace
}  // namespace leaven
