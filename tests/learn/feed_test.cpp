#include "learn/feed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include "core/error.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

TEST(Order, AnEpochShowsEachItemSoManyTimes) {
  const Entries train{4, 7, 9};
  Order order(train, 5, 3);
  EXPECT_EQ(order.epoch_size(), 15U);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> first, second;
  for (std::uint64_t i = 0; i < 30; ++i) {
    const Visit v = order.at(i);
    EXPECT_EQ(v.epoch, i / 15);
    (i < 15 ? first : second).emplace_back(v.entry, v.copy);
  }
  EXPECT_NE(first, second);
  std::ranges::sort(first);
  std::ranges::sort(second);
  EXPECT_EQ(first, second);
  EXPECT_EQ(std::ranges::adjacent_find(first), first.end());
  EXPECT_EQ(first.front(), (std::pair{4U, 1U}));
  EXPECT_EQ(first.back(), (std::pair{9U, 5U}));
}

class FeedTest : public testing::Test {
 protected:
  void SetUp() override { write_bars(scratch_ / "in", 6); }
  ScratchFolder scratch_{};
};

TEST_F(FeedTest, TrainingPicturesHaveMeanNoughtAndDeviationOne) {
  const auto reader = io::open_dataset(scratch_ / "in");
  Entries all(12);
  std::iota(all.begin(), all.end(), 0U);
  const Pictures pictures(*reader, all, {});
  EXPECT_EQ(pictures.shape(), (InputShape{12, 12, 1}));
  const Standard standard = standard_of(pictures, all);
  const std::vector<float> values = Feed(pictures, standard, nullptr, 0).all(all);
  double sum = 0, squares = 0;
  for (const float v : values) sum += v, squares += static_cast<double>(v) * v;
  EXPECT_NEAR(sum / static_cast<double>(values.size()), 0, 1e-5);
  EXPECT_NEAR(squares / static_cast<double>(values.size()), 1, 1e-5);
}

TEST_F(FeedTest, DrawsDependOnSampleEpochCopyAndSeed) {
  const auto reader = io::open_dataset(scratch_ / "in");
  const Pictures pictures(*reader, {0, 1}, {});
  const PictureRecipe recipe("r", "leaven: 1\nsteps: [{rotate: {degrees: {uniform: [-90, 90]}}}]");
  const Standard standard{};
  const Feed feed(pictures, standard, &recipe, 5), other(pictures, standard, &recipe, 6);
  const auto values = [&](const Feed& f, const Visit& v) {
    std::vector<float> out(144);
    f.put(v, out);
    return out;
  };
  const std::vector<float> first = values(feed, {0, 0, 1});
  EXPECT_EQ(values(feed, {0, 0, 1}), first);
  EXPECT_NE(values(feed, {0, 1, 1}), first);
  EXPECT_NE(values(feed, {0, 0, 2}), first);
  EXPECT_NE(values(other, {0, 0, 1}), first);
}

TEST_F(FeedTest, PartnersAreOtherTrainingPicturesOfTheClass) {
  const auto reader = io::open_dataset(scratch_ / "in");
  Entries all(12);
  std::iota(all.begin(), all.end(), 0U);
  const Pictures pictures(*reader, all, {});
  const Entries train{8, 0, 2, 7};  // left are 0 and 2
  const PictureRecipe recipe("r", "leaven: 1\nsteps: [smote_pixels]");
  const PicturePartners partners(pictures, train, recipe.steps());
  const Standard standard{};
  const Feed mixed(pictures, standard, &recipe, 5, &partners), alone(pictures, standard, &recipe, 5);
  std::vector<float> out(144), own(144), other(144);
  Feed(pictures, {}, nullptr, 0).put({0, 0, 1}, own);
  Feed(pictures, {}, nullptr, 0).put({2, 0, 1}, other);
  std::size_t changed = 0;
  for (std::uint32_t copy = 1; copy <= 8; ++copy) {
    mixed.put({0, 0, copy}, out);
    std::optional<float> share;
    for (std::size_t i = 0; i < 144; ++i) {
      if (std::abs(own[i] - other[i]) < 0.2F) continue;
      const float here = (out[i] - own[i]) / (other[i] - own[i]);
      if (!share) share = here;
      ASSERT_NEAR(here, *share, 0.03) << "the same share everywhere, of picture 2 alone";
    }
    ASSERT_TRUE(share && *share >= -0.01F && *share <= 1.01F);
    changed += *share > 0.05F ? 1U : 0U;
    alone.put({0, 0, copy}, out);
    EXPECT_EQ(out, own) << "without others a picture is its own partner";
  }
  EXPECT_GE(changed, 5U);
}

TEST_F(FeedTest, AStepThatCannotWorkNamesTheSample) {
  const auto reader = io::open_dataset(scratch_ / "in");
  const Pictures pictures(*reader, {0}, {});
  const PictureRecipe recipe("r", "leaven: 1\nsteps: [{invert: {on: depth}}]");
  std::vector<float> out(144);
  try {
    Feed(pictures, {}, &recipe, 0).put({0, 0, 1}, out);
    FAIL() << "worked on what is not there";
  } catch (const Error& error) {
    EXPECT_EQ(error.sample(), "left/000.png");
    EXPECT_EQ(error.fault(), Fault::usage);
  }
}

TEST(PictureRecipe, LeavesStandardisingToTheLearner) {
  const PictureRecipe recipe("r", "leaven: 1\nsteps: [invert, {normalize: {mean: 0.5, std: 0.5}}]");
  EXPECT_EQ(recipe.left_out(), std::vector<std::string>{"normalize"});
  Raster black(RasterShape{2, 2, 1});
  std::fill_n(black.data(), 4, std::byte{0});
  const Raster white = recipe.made(black.view(), {}, {});
  EXPECT_EQ(white.shape().dtype, Dtype::u8);
  EXPECT_EQ(white.data()[0], std::byte{255});
}

TEST(PictureRecipe, EndsInTheSizeAskedFor) {
  PictureRecipe recipe("r", "leaven: 1\nsteps: [{crop: {width: 6, height: 4}}]");
  const Raster picture = bar_picture(true, 1);
  EXPECT_EQ(recipe.made(picture.view(), {}, {}).shape().width, 6);
  recipe.end_in(12, 12);
  const Raster made = recipe.made(picture.view(), {}, {});
  EXPECT_EQ(made.shape().width, 12);
  EXPECT_EQ(made.shape().height, 12);
}

TEST(Standardise, GreyAndColour) {
  Raster grey(RasterShape{1, 1, 1}), colour(RasterShape{1, 1, 3});
  grey.data()[0] = std::byte{51};
  for (std::size_t c = 0; c < 3; ++c) colour.data()[c] = static_cast<std::byte>(51 * c);
  const Standard standard{{0.1f, 0.2f, 0.3f}, {0.5f, 0.5f, 0.25f}};
  std::vector<float> three(3), one(1);
  standardise(grey.view(), standard, {1, 1, 3}, three);
  EXPECT_NEAR(three[0], 0.2, 1e-6);   // (0.2 − 0.1) / 0.5
  EXPECT_NEAR(three[2], -0.4, 1e-6);  // (0.2 − 0.3) / 0.25
  standardise(colour.view(), standard, {1, 1, 3}, three);
  EXPECT_NEAR(three[1], 0, 1e-6);
  EXPECT_NEAR(three[2], 0.4, 1e-6);
  standardise(colour.view(), standard, {1, 1, 1}, one);
  EXPECT_NEAR(one[0], 0.2, 1e-6);  // the mean of 0, 51, 102
}

TEST(Pictures, AlphaIsLaidOverWhite) {
  Raster picture(RasterShape{2, 1, 4, Dtype::u8, true});
  const std::uint8_t values[]{100, 0, 200, 255, 100, 0, 200, 51};
  std::copy_n(reinterpret_cast<const std::byte*>(values), 8, picture.data());
  const Raster made = over_white(std::move(picture));
  EXPECT_EQ(made.shape().channels, 3);
  const std::uint8_t* row = made.row<std::uint8_t>(0);
  EXPECT_EQ(row[0], 100);
  EXPECT_EQ(row[3], 224);  // 0.2 · 100 + 0.8 · 255
  EXPECT_EQ(row[4], 204);
  EXPECT_EQ(row[5], 244);
}

TEST(Pictures, ABrokenOneIsKeptOutAndTold) {
  const ScratchFolder scratch;
  write_bars(scratch / "in", 2);
  write_text(scratch / "in/left/bad.png", "\x89PNG\r\n\x1a\nno more");
  const auto reader = io::open_dataset(scratch / "in");
  Entries all(reader->index().entries.size());
  std::iota(all.begin(), all.end(), 0U);
  const Pictures pictures(*reader, all, {});
  ASSERT_EQ(pictures.broken().size(), 1U);
  EXPECT_EQ(pictures.broken().begin()->first, "left/bad.png");
  EXPECT_TRUE(pictures.has(0));
  EXPECT_FALSE(pictures.has(2));
}

TEST(Pictures, LargeOnesAreShrunkAndSeenInOneSize) {
  const ScratchFolder scratch;
  Raster large(RasterShape{300, 100, 3}), small(RasterShape{40, 50, 1});
  std::fill_n(large.data(), large.shape().bytes(), std::byte{9});
  std::fill_n(small.data(), small.shape().bytes(), std::byte{200});
  write_png(scratch / "in/a/1.png", large);
  write_png(scratch / "in/b/1.png", small);
  const auto reader = io::open_dataset(scratch / "in");
  const Pictures pictures(*reader, {0, 1}, {.side = 32});
  EXPECT_EQ(pictures.shape(), (InputShape{32, 32, 3}));
  EXPECT_EQ(pictures.pixels(0).shape().width, 64);
  EXPECT_EQ(pictures.pixels(1).shape().width, 40);
  EXPECT_EQ(pictures.seen(0).shape().width, 32);
  EXPECT_EQ(pictures.seen(1).shape().height, 32);
  EXPECT_EQ(pictures.largest_side(), 300);
}

}  // namespace
}  // namespace leaven::learn
