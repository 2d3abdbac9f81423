// Pictures of more than four channels: laws that every op obeys on them, or it refuses them by its name.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <set>

#include "core/error.hpp"
#include "kernels/noise_definition.hpp"
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
  if (!made) return;
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
