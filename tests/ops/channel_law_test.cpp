// Pictures of more than four channels: laws that every op obeys on them, or it refuses them by its name.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <set>

#include "core/all_channels.hpp"
#include "core/error.hpp"
#include "kernels/noise_definition.hpp"
#include "plan/lower_step.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

class ChannelLaw : public testing::TestWithParam<const OpInfo*> {
 protected:
  const OpInfo& info() const { return *GetParam(); }

  /// The op's chain on pictures of this shape; nothing where it refuses them, as it should.
  std::optional<Chain> chain(const RasterShape& shape, OpValue op) const {
    try {
      return lower_chain(shape, std::move(op));
    } catch (const Error& error) {
      const std::string text = error.what();
      EXPECT_EQ(error.fault(), Fault::usage) << text;
      EXPECT_EQ(error.op(), info().name) << text;
      EXPECT_NE(text.find("×" + std::to_string(shape.channels) + " "), std::string::npos) << text;
      return std::nullopt;
    }
  }
};

std::vector<const OpInfo*> raster_ops() {
  std::vector<const OpInfo*> ops;
  for (const auto& info : op_table().all())
    if (info->domain == Domain::raster) ops.push_back(info.get());
  return ops;
}

RasterShape deep(int channels, Dtype dtype = Dtype::u8) { return {33, 17, channels, dtype}; }

/// Every channel the same noise.
Raster even_picture(const RasterShape& shape) {
  Raster image(shape);
  const Raster one = noise_picture({shape.width, shape.height, 1, shape.dtype});
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < shape.channels; ++c) set_value(image, x, y, c, value_at(one, x, y));
  return image;
}

/// The greatest distance between a channel of one image and one of another, in levels.
double apart(const Raster& a, int channel_a, const Raster& b, int channel_b) {
  double worst = 0;
  for (int y = 0; y < a.shape().height; ++y)
    for (int x = 0; x < a.shape().width; ++x)
      worst = std::max(worst, std::fabs(level_at(a, x, y, channel_a) - level_at(b, x, y, channel_b)));
  return worst;
}

/// What needs different channels, or partners whose channels differ.
bool differs_by_channel(const OpInfo& info) { return info.find("per_channel") || info.tints || info.partners > 0; }

/// It gets the picture whole, and may do with channels as it likes.
bool takes_all_channels(const Chain& chain) {
  for (const plan::LoweredStep& step : chain.steps)
    if (std::ranges::any_of(step.nodes, [](const Node& node) { return leaven::takes_all_channels(node); })) return true;
  return false;
}

TEST_P(ChannelLaw, FastEqualsReferenceWithinTheBound) {
  for (const int channels : {5, 8, 13})
    for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32}) {
      const RasterShape shape = deep(channels, dtype);
      const Raster image = noise_picture(shape);
      const auto made = chain(shape, drawn_op(info(), key_number(1)));
      if (!made) continue;
      const plan::RasterPlan plan = made->plan();
      const Raster fast = plan::run_fast(plan, image.view()), reference = plan::run_reference(plan, image.view());
      ASSERT_EQ(fast.shape(), reference.shape());
      ASSERT_EQ(fast.shape().channels, channels) << info().name;
      const double bound = plan::tolerance(plan);
      std::size_t beyond = 0;
      for (int y = 0; y < fast.shape().height; ++y)
        for (int x = 0; x < fast.shape().width; ++x)
          for (int c = 0; c < channels; ++c) {
            const double v = level_at(reference, x, y, c);
            beyond += std::fabs(level_at(fast, x, y, c) - v) > bound * (dtype == Dtype::f32 ? std::max(1.0, std::fabs(v)) : 1);
          }
      // Points on a seam, and values where a table jumps, may fall on either side.
      const auto values = static_cast<double>(fast.shape().bytes() / bytes_of(fast.shape().dtype));
      EXPECT_LE(static_cast<double>(beyond), 0.002 * values) << info().name << " on " << describe(shape);
    }
}

TEST_P(ChannelLaw, ChannelsAreWorkedOnApart) {
  const RasterShape shape = deep(9);
  const auto made = chain(shape, strong_op(info(), kKey));
  if (!made || takes_all_channels(*made)) return;
  const Raster image = noise_picture(shape), other = noise_picture(shape, 2);
  Raster changed = image.clone();
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x) set_value(changed, x, y, 2, value_at(other, x, y, 2));
  const Raster before = run(*made, image), after = run(*made, changed);
  for (int c = 0; c < shape.channels; ++c) {
    if (c == 2) continue;
    EXPECT_EQ(apart(before, c, after, c), 0) << info().name << ": channel 2 changes channel " << c << "; say joins_channels";
  }
}

TEST_P(ChannelLaw, EqualChannelsStayEqualUnlessEachIsDrawnFor) {
  const RasterShape shape = deep(9);
  const auto made = chain(shape, strong_op(info(), kKey));
  if (!made) return;
  const Raster out = run(*made, even_picture(shape));
  for (int c = 1; c < shape.channels && !differs_by_channel(info()); ++c)
    EXPECT_EQ(apart(out, 0, out, c), 0) << info().name << ": channels 0 and " << c;
}

TEST_P(ChannelLaw, PlanesHoldTheSamePixels) {
  const RasterShape shape = deep(6, Dtype::u16);
  const auto made = chain(shape, drawn_op(info(), kKey));
  if (!made) return;
  const plan::RasterPlan plan = made->plan();
  const Raster image = noise_picture(shape), pixels = plan::run_fast(plan, image.view());
  Raster planes(plan.out);
  plan::run_fast(plan, image.view(), {planes.data(), plan::Layout::chw});
  const std::size_t size = bytes_of(plan.out.dtype), step = plan.out.pixel_bytes(), area = plan.out.bytes() / step;
  for (std::size_t i = 0; i < area; ++i)
    for (std::size_t c = 0; c < 6; ++c)
      ASSERT_EQ(std::memcmp(planes.data() + (c * area + i) * size, pixels.data() + i * step + c * size, size), 0) << info().name;
}

INSTANTIATE_TEST_SUITE_P(EveryOp, ChannelLaw, testing::ValuesIn(raster_ops()),
                         [](const auto& p) { return std::string(p.param->name); });

TEST(Channels, NoiseOfEachIsItsOwnWhateverItsGroup) {
  const RasterShape shape{70, 3, 7, Dtype::f32};
  const Raster out = run("gaussian_noise", {{"sigma", 0.05}}, filled_picture(shape, 0.5));
  for (int c = 0; c < 7; ++c)
    for (int x = 0; x < 70; ++x)
      ASSERT_NEAR(value_at(out, x, 1, c), 0.5 + 0.05 * kernels::gaussian_at(kKey, x, 1, c), 1e-6) << x << ", " << c;
  for (const std::string_view name : {"additive_noise", "speckle_noise", "shot_noise", "pixel_dropout"}) {
    OpValue op = make_op(name);
    if (op.info().find("per_channel")) op.set("per_channel", true);
    if (op.info().find("amount")) op.set("amount", 0.5);
    const Raster made = run(op, filled_picture(shape, 0.5));
    for (int a = 0; a < 7; ++a)
      for (int b = 0; b < a; ++b) EXPECT_GT(apart(made, a, made, b), 0) << name << ": channels " << a << " and " << b;
  }
}

TEST(Channels, AFewMoreThanFourAreDrawnForAsIfTheyWereMore) {
  const RasterShape few{33, 17, 5, Dtype::u8}, more{33, 17, 13, Dtype::u8};
  for (const std::string_view name : {"gaussian_noise", "pixel_dropout", "shot_noise"}) {
    OpValue op = make_op(name);
    if (op.info().find("per_channel")) op.set("per_channel", true);
    const Raster a = run(op, filled_picture(few, 0.4)), b = run(op, filled_picture(more, 0.4));
    for (int c = 0; c < 5; ++c) EXPECT_EQ(apart(a, c, b, c), 0) << name << ", " << c;
  }
}

TEST(Channels, ListsHaveANumberForEach) {
  const RasterShape shape{4, 2, 6, Dtype::f32};
  const std::vector<double> mean{0.1, 0.2, 0.3, 0.4, 0.5, 0.6}, std{1, 2, 1, 2, 1, 2};
  const Raster out = run("normalize", {{"mean", mean}, {"std", std}}, filled_picture(shape, 0.5));
  for (std::size_t c = 0; c < 6; ++c) EXPECT_NEAR(value_at(out, 3, 1, static_cast<int>(c)), (0.5 - mean[c]) / std[c], 1e-6) << c;
  const Raster padded = run("pad", {{"left", std::int64_t{1}}, {"fill", mean}}, filled_picture(shape, 1));
  for (std::size_t c = 0; c < 6; ++c) EXPECT_NEAR(value_at(padded, 0, 0, static_cast<int>(c)), mean[c], 1e-6) << c;
  try {
    run("normalize", {}, filled_picture(shape, 0.5));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("mean and std must have 1 or 6 numbers for an image of 4×2×6 f32, got 3"), std::string::npos) << error.what();
  }
}

TEST(Channels, MapsAreThoseOfFourChannelsAtATime) {
  // An independent way to the same picture: four channels cut out before, one picture each.
  const RasterShape shape{33, 17, 8, Dtype::u8}, four{33, 17, 4, Dtype::u8};
  const Raster image = noise_picture(shape);
  const std::vector<OpValue> steps{make_op("rotate", {{"degrees", 17.0}}), make_op("gaussian_blur", {{"sigma", 0.8}}),
                                   make_op("elastic", {}), make_op("gamma", {})};
  const Raster whole = run(lower_chain(shape, steps), image);
  for (int first : {0, 4}) {
    Raster part(four);
    for (int y = 0; y < 17; ++y)
      for (int x = 0; x < 33; ++x)
        for (int c = 0; c < 4; ++c) set_value(part, x, y, c, value_at(image, x, y, first + c));
    const Raster alone = run(lower_chain(four, steps), part);
    for (int c = 0; c < 4; ++c) EXPECT_EQ(apart(alone, c, whole, first + c), 0) << first + c;
  }
}

TEST(Channels, OfAnyNumberChangePlaces) {
  for (const int channels : {2, 4, 5, 13})
    for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32}) {
      std::vector<double> order;
      for (int c = 0; c < channels; ++c) order.push_back((3 * c + 1) % channels);
      const RasterShape shape{9, 5, channels, dtype};
      const Raster image = noise_picture(shape);
      const Chain chain = lower_chain(shape, make_op("channel_shuffle", {{"order", order}}));
      const Raster fast = plan::run_fast(chain.plan(), image.view()), reference = run(chain, image);
      for (int c = 0; c < channels; ++c) {
        EXPECT_EQ(apart(fast, c, image, (3 * c + 1) % channels), 0) << describe(shape);
        EXPECT_EQ(apart(reference, c, image, (3 * c + 1) % channels), 0) << describe(shape);
      }
    }
}

TEST(Channels, AreShuffledInEveryOrderAndDroppedInEveryPlace) {
  const RasterShape shape{1, 1, 6, Dtype::u8};
  Raster image(shape);
  for (int c = 0; c < 6; ++c) set_value(image, 0, 0, c, (c + 1) / 255.0);
  std::set<std::vector<int>> orders;
  std::array<int, 6> dropped{};
  for (std::uint64_t i = 0; i < 300; ++i) {
    std::vector<int> levels = levels_of(run(make_op("channel_shuffle"), image, key_number(i)));
    orders.insert(levels);
    std::ranges::sort(levels);
    ASSERT_EQ(levels, (std::vector<int>{1, 2, 3, 4, 5, 6}));
    const std::vector<int> left = levels_of(run(make_op("channel_dropout", {{"channels", std::int64_t{2}}}), image, key_number(i)));
    ASSERT_EQ(std::ranges::count(left, 0), 2);
    for (std::size_t c = 0; c < 6; ++c) dropped[c] += left[c] == 0;
  }
  EXPECT_GT(orders.size(), 230U);  // of 720 about 245
  for (const int times : dropped) EXPECT_NEAR(times, 100, 33);
  EXPECT_EQ(levels_of(run("channel_dropout", {{"dropped", std::vector<double>{1, 5}}, {"fill", 1.0}}, image)), (std::vector<int>{1, 255, 3, 4, 5, 255}));
}

TEST(Channels, WhatNamesNoneOfThemIsRefused) {
  const Raster image = noise_picture({4, 2, 6, Dtype::u8});
  const auto text = [&](std::string_view op, Settings settings) {
    try {
      run(op, settings, image);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(text("channel_shuffle", {{"order", std::vector<double>{2, 1, 0}}}), "channel_shuffle: order must have an entry for each of 6 channels, got 3");
  EXPECT_EQ(text("channel_shuffle", {{"order", std::vector<double>{6, 1, 0, 2, 3, 4}}}), "channel_shuffle: order must name channels 0 to 5, got 6 on 4×2×6 u8");
  EXPECT_EQ(text("channel_dropout", {{"dropped", std::vector<double>{7}}}), "channel_dropout: dropped must name channels 0 to 5, got 7 on 4×2×6 u8");
  EXPECT_EQ(text("channel_dropout", {{"channels", std::int64_t{6}}}), "channel_dropout: channels must be below the 6 of the picture, got 6");
}

TEST(Channels, AllAtOnceAmongStepsThatWorkOnGroups) {
  // Crop, warp, shuffle, blur, shuffle back, crop: as the two parts one after the other on stored pictures.
  const RasterShape shape{41, 31, 7, Dtype::u8};
  const Raster image = noise_picture(shape);
  const std::vector<double> there{1, 2, 3, 4, 5, 6, 0}, back{6, 0, 1, 2, 3, 4, 5};
  const std::vector<OpValue> before{make_op("crop", {{"x", std::int64_t{3}}, {"y", std::int64_t{5}}, {"width", std::int64_t{30}}, {"height", std::int64_t{20}}}), make_op("rotate", {{"degrees", 11.0}})};
  const OpValue shuffle = make_op("channel_shuffle", {{"order", there}}), again = make_op("channel_shuffle", {{"order", back}});
  const std::vector<OpValue> after{make_op("gaussian_blur", {{"sigma", 0.8}}), make_op("gamma", {{"gamma", 1.3}})};
  std::vector<OpValue> all = before;
  all.push_back(shuffle);
  all.insert(all.end(), after.begin(), after.end());
  all.push_back(again);
  const Chain chain = lower_chain(shape, all);
  const plan::RasterPlan plan = chain.plan();
  EXPECT_EQ(plan.passes.size(), 2U);
  EXPECT_EQ(plan.groups.size(), 6U);
  EXPECT_NE(plan.read, Region::whole(shape.size())) << "the crop before still reads its region alone";
  const Raster fast = plan::run_fast(plan, image.view()), reference = plan::run_reference(plan, image.view());
  const Raster first = plan::run_fast(lower_chain(shape, before).plan(), image.view());
  std::vector<OpValue> rest{shuffle};
  rest.insert(rest.end(), after.begin(), after.end());
  rest.push_back(again);
  const Raster apart_made = plan::run_fast(lower_chain(first.shape(), rest).plan(), first.view());
  EXPECT_TRUE(same_pixels(fast.view(), apart_made.view()));
  for (int c = 0; c < 7; ++c) EXPECT_LE(apart(fast, c, reference, c), plan::tolerance(plan));
  const std::string text = plan::describe(plan, chain.steps);
  EXPECT_NE(text.find("all 7 channels  opaque   of: channel_shuffle"), std::string::npos) << text;
  std::vector<int> rows;
  plan::run_fast(plan, image.view(), [&](const RasterView& strip) {
    for (int y = 0; y < strip.shape.height; ++y) rows.push_back(std::memcmp(strip.row<std::byte>(y), fast.row<std::byte>(strip.origin_y + y), fast.shape().row_bytes()));
  });
  EXPECT_EQ(rows, std::vector<int>(20, 0));
}

TEST(Channels, AllAtOnceInsideOthersIsRefused) {
  Chain chain;
  const OpValue shuffle = make_op("channel_shuffle", {{"order", std::vector<double>{1, 2, 3, 4, 5, 0}}});
  const RasterShape shape{4, 2, 6, Dtype::u8};
  const std::vector<std::vector<plan::LoweredStep>> inside{lower_chain(shape, shuffle).steps};
  const OpValue blend = make_op("blend");
  try {
    plan::lower_step("blend", blend, Site{.image = shape, .source = shape.size()}, inside, [] { return std::vector<std::shared_ptr<const Raster>>{}; });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), "blend: a step inside needs all channels at once, which inside others is for 1 to 4 of them, got 4×2×6 u8");
  }
}

TEST(Channels, SomeAloneAreBlended) {
  const RasterShape shape{9, 5, 10, Dtype::u8};
  const Raster image = noise_picture(shape);
  const Raster out = run("in_channels", {{"channels", std::vector<double>{1, 6, 9}}}, image);  // of inverted ones
  const std::set<int> inverted{1, 6, 9};
  for (int c = 0; c < 10; ++c)
    EXPECT_EQ(level_at(out, 3, 2, c), inverted.contains(c) ? 255 - level_at(image, 3, 2, c) : level_at(image, 3, 2, c)) << c;
}

}  // namespace
}  // namespace leaven::ops
