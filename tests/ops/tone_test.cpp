// gamma, invert, posterize, solarize, autocontrast, equalize.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

Raster all_levels(Dtype dtype = Dtype::u8) {
  const int levels = dtype == Dtype::u8 ? 256 : 65536;
  Raster image({levels / 256 * 64, 4, 1, dtype});
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < image.shape().width; ++x)
      set_value(image, x, y, 0, (y * image.shape().width + x) / static_cast<double>(levels - 1));
  return image;
}

// Calls check(level before, level after) for every pixel.
template <class Check>
void compare(const Raster& before, const Raster& after, const Check& check) {
  for (int y = 0; y < before.shape().height; ++y)
    for (int x = 0; x < before.shape().width; ++x)
      check(static_cast<int>(level_at(before, x, y)), static_cast<int>(level_at(after, x, y)));
}

TEST(Tone, Case18GammaAtEveryLevel) {
  const Raster image = all_levels();
  for (const double gamma : {0.05, 0.45, 0.9, 1.8, 2.2, 20.0})
    compare(image, run("gamma", {{"gamma", gamma}}, image), [&](int v, int got) {
      ASSERT_EQ(got, std::nearbyint(std::pow(v / 255.0, gamma) * 255)) << v << " ^ " << gamma;
    });
  EXPECT_EQ(levels_of(run("gamma", {{"gamma", 2.0}}, picture(3, 1, 1, {0, 128, 255}))), (Levels{0, 64, 255}));
}

TEST(Tone, Case18InvertAtEveryLevel) {
  for (const Dtype dtype : {Dtype::u8, Dtype::u16}) {
    const Raster image = all_levels(dtype);
    const int top = dtype == Dtype::u8 ? 255 : 65535;
    compare(image, run("invert", {}, image), [&](int v, int got) { ASSERT_EQ(got, top - v); });
  }
}

TEST(Tone, Case18PosterizeKeepsTheHighBits) {
  for (int bits = 1; bits <= 8; ++bits) {
    const OpValue op = make_op("posterize", {{"bits", bits}});
    const int mask = (0xff00 >> bits) & 0xff;
    compare(all_levels(), run(op, all_levels()), [&](int v, int got) { ASSERT_EQ(got, v & mask) << bits; });
    const Raster wide = all_levels(Dtype::u16);
    if (bits < 8)
      compare(wide, run(op, wide), [&](int v, int got) { ASSERT_EQ(got, v & (mask << 8)) << bits; });
    else
      EXPECT_TRUE(same_pixels(run(op, wide).view(), wide.view()));
  }
}

TEST(Tone, Case18SolarizeInvertsFromTheThresholdOn) {
  for (const int level : {0, 1, 77, 128, 254}) {
    const OpValue op = make_op("solarize", {{"threshold", level / 255.0}});
    compare(all_levels(), run(op, all_levels()),
            [&](int v, int got) { ASSERT_EQ(got, v >= level ? 255 - v : v) << "from " << level; });
  }
  compare(all_levels(), run("solarize", {{"threshold", 0.5}}, all_levels()),
          [](int v, int got) { ASSERT_EQ(got, v >= 128 ? 255 - v : v); });
  EXPECT_TRUE(same_pixels(run("solarize", {{"threshold", 1.0}}, all_levels()).view(), all_levels().view()));
}

TEST(Tone, AutocontrastStretchesEachChannel) {
  EXPECT_EQ(levels_of(run("autocontrast", {}, picture(3, 1, 1, {50, 101, 150}))), (Levels{0, 130, 255}));
  EXPECT_EQ(levels_of(run("autocontrast", {}, picture(2, 1, 3, {10, 0, 7, 20, 255, 7}))),
            (Levels{0, 0, 7, 255, 255, 7}))
      << "a flat channel stays";
}

TEST(Tone, AutocontrastLeavesOutTheCutoff) {
  // floor(0.15·10) = 1 pixel at each end: 10 becomes 0, 80 becomes 255, and 45 lies half way.
  const Raster out =
      run("autocontrast", {{"cutoff", 0.15}}, picture(10, 1, 1, {0, 10, 20, 45, 45, 45, 60, 70, 80, 90}));
  EXPECT_EQ(levels_of(out), (Levels{0, 0, 36, 128, 128, 128, 182, 219, 255, 255}));
}

TEST(Tone, AutocontrastOn16BitAndFloat) {
  for (const Dtype dtype : {Dtype::u16, Dtype::f32}) {
    Raster image({3, 1, 1, dtype});
    for (int x = 0; x < 3; ++x) set_value(image, x, 0, 0, 0.2 + 0.2 * x);
    const Raster out = run("autocontrast", {}, image);
    EXPECT_NEAR(value_at(out, 0, 0), 0, 2e-5);
    EXPECT_NEAR(value_at(out, 1, 0), 0.5, 4e-5);
    EXPECT_NEAR(value_at(out, 2, 0), 1, 2e-5);
  }
}

// ImageOps.equalize as Pillow documents it, on whole numbers.
Levels pillow_equalized(const Levels& pixels) {
  std::vector<long> histogram(256), table(256);
  for (const int v : pixels) ++histogram[static_cast<std::size_t>(v)];
  long last = 0;
  int used = 0;
  for (const long count : histogram)
    if (count) last = count, ++used;
  const long step = (static_cast<long>(pixels.size()) - last) / 255;
  if (used <= 1 || step == 0) return pixels;
  long n = step / 2;
  for (std::size_t i = 0; i < 256; ++i) table[i] = std::min(n / step, 255L), n += histogram[i];
  Levels out;
  for (const int v : pixels) out.push_back(static_cast<int>(table[static_cast<std::size_t>(v)]));
  return out;
}

TEST(Tone, EqualizeFollowsPillowsRule) {
  for (const int width : {3, 16, 17, 23, 64}) {
    Raster image({width, 40, 1});
    for (int y = 0; y < 40; ++y)
      for (int x = 0; x < width; ++x) set_value(image, x, y, 0, ((x * x + 3 * y) % 90 + 60) / 255.0);
    EXPECT_EQ(levels_of(run("equalize", {}, image)), pillow_equalized(levels_of(image))) << width;
  }
}

TEST(Tone, EqualizeByHand) {
  // 256 pixels of 10 and 256 of 200: step 1, nothing darker than 10, 256 darker than 200.
  Raster image({32, 16, 1});
  for (int y = 0; y < 16; ++y)
    for (int x = 0; x < 32; ++x) set_value(image, x, y, 0, (y < 8 ? 10 : 200) / 255.0);
  const Raster out = run("equalize", {}, image);
  EXPECT_EQ(level_at(out, 0, 0), 0);
  EXPECT_EQ(level_at(out, 0, 15), 255);
  EXPECT_EQ(levels_of(run("equalize", {}, picture(3, 1, 1, {9, 9, 9}))), (Levels{9, 9, 9}));
}

TEST(Tone, EqualizeSpreads16BitImages) {
  Raster image({40, 25, 1, Dtype::u16});
  for (int i = 0; i < 1000; ++i) set_value(image, i % 40, i / 40, 0, 0.4 + 0.1 * i / 999);
  const Raster out = run("equalize", {}, image);
  // Rank i of 999 below the brightest level: i/999 of full scale, to half a step.
  for (int i = 0; i < 1000; ++i) ASSERT_NEAR(value_at(out, i % 40, i / 40), i / 999.0, 2e-5) << i;
}

TEST(Tone, UnboundedNumbersAreRefusedWithAHint) {
  try {
    lower_chain({4, 4, 3, Dtype::f32}, {make_op("normalize"), make_op("gamma", {{"gamma", 2.0}})});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "gamma: needs values in [0, 1], got an image of unbounded numbers (put it before normalize; a source's own floats must lie in [0, 1])");
  }
}

}  // namespace
}  // namespace leaven::ops
