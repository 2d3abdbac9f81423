// brightness, contrast, saturation, hue, color_jitter, grayscale.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

// All 256 levels, grey.
Raster all_levels() {
  Raster image({256, 1, 1});
  for (int v = 0; v < 256; ++v) set_value(image, v, 0, 0, v / 255.0);
  return image;
}

int saturated(double level) { return static_cast<int>(std::clamp(std::nearbyint(level), 0.0, 255.0)); }

TEST(Color, Case18BrightnessSaturatesAndRoundsHalfToEven) {
  for (const double by : {0.0, 0.3, 0.5, 0.99, 1.01, 1.5, 2.0, 9.7}) {
    const Raster out = run("brightness", {{"by", by}}, all_levels());
    for (int v = 0; v < 256; ++v) ASSERT_EQ(level_at(out, v, 0), saturated(v / 255.0 * by * 255)) << v << " by " << by;
  }
  EXPECT_EQ(levels_of(run("brightness", {{"by", 0.5}}, picture(4, 1, 1, {1, 3, 5, 255}))), (Levels{0, 2, 2, 128}));
}

TEST(Color, LinearCutsOffOnceAtTheEnd) {
  for (const double gain : {0.0, 0.7, 1.5}) {
    for (const double offset : {-0.4, 0.0, 0.3}) {
      const Raster out = run("linear", {{"gain", gain}, {"offset", offset}}, all_levels());
      for (int v = 0; v < 256; ++v) ASSERT_NEAR(level_at(out, v, 0), saturated(v * gain + 255 * offset), 1) << v;
    }
  }
  // 200 · 1.5 is above white, and below it again with what is taken off.
  EXPECT_EQ(levels_of(run("linear", {{"gain", 1.5}, {"offset", -0.4}}, picture(2, 1, 1, {200, 20}))), (Levels{198, 0}));
}

TEST(Color, Case18ContrastAroundMidGrey) {
  for (const double by : {0.0, 0.4, 1.3, 5.0}) {
    const Raster out = run("contrast", {{"by", by}}, all_levels());
    for (int v = 0; v < 256; ++v)
      ASSERT_NEAR(level_at(out, v, 0), saturated(127.5 + by * (v - 127.5)), by == 0 ? 0 : 1) << v;
  }
  EXPECT_EQ(levels_of(run("contrast", {{"by", 2.0}}, picture(4, 1, 1, {0, 100, 127, 200}))), (Levels{0, 72, 126, 255}));
}

TEST(Color, ContrastAroundTheMean) {
  const OpValue half = make_op("contrast", {{"by", 0.5}, {"around", "mean"}});
  EXPECT_EQ(levels_of(run(half, picture(4, 1, 1, {0, 100, 200, 100}))), (Levels{50, 100, 150, 100}));
  // Greys 59.8 + 58.7 + 5.7 = 124.2 and 0: mean 62.1.
  EXPECT_EQ(levels_of(run(half, picture(2, 1, 3, {200, 100, 50, 0, 0, 0}))), (Levels{131, 81, 56, 31, 31, 31}));
}

TEST(Color, MeanLevelStaysWhenContrastRises) {
  const Raster image = smooth_picture({40, 30, 1, Dtype::f32});
  const auto mean = [](const Raster& r) {
    double sum = 0;
    for (int y = 0; y < 30; ++y)
      for (int x = 0; x < 40; ++x) sum += value_at(r, x, y) / 1200;
    return sum;
  };
  EXPECT_NEAR(mean(run("contrast", {{"by", 0.5}, {"around", "mean"}}, image)), mean(image), 1e-6);
}

TEST(Color, Case17SaturationIsABlendWithLuma) {
  const Raster image = picture(1, 1, 3, {200, 100, 50});  // luma 124.2
  EXPECT_EQ(levels_of(run("saturation", {{"by", 0.0}}, image)), (Levels{124, 124, 124}));
  EXPECT_EQ(levels_of(run("saturation", {{"by", 0.5}}, image)), (Levels{162, 112, 87}));
  EXPECT_EQ(levels_of(run("saturation", {{"by", 2.0}}, image)), (Levels{255, 76, 0}));
}

// Python's colorsys, written from its documented formulas.
std::array<double, 3> rgb_to_hsv(double r, double g, double b) {
  const double most = std::max({r, g, b}), least = std::min({r, g, b});
  if (most == least) return {0, 0, most};
  const double span = most - least, rc = (most - r) / span, gc = (most - g) / span, bc = (most - b) / span;
  const double sixth = r == most ? bc - gc : g == most ? 2 + rc - bc : 4 + gc - rc;
  const double h = sixth / 6;
  return {h - std::floor(h), span / most, most};
}
std::array<double, 3> hsv_to_rgb(double h, double s, double v) {
  const double i = std::floor(h * 6), f = h * 6 - i;
  const double p = v * (1 - s), q = v * (1 - s * f), t = v * (1 - s * (1 - f));
  switch (static_cast<int>(i) % 6) {
    case 0: return {v, t, p};
    case 1: return {q, v, p};
    case 2: return {p, v, t};
    case 3: return {p, q, v};
    case 4: return {t, p, v};
    default: return {v, p, q};
  }
}

TEST(Color, Case16HueEqualsColorsys) {
  const Raster image = noise_picture({64, 64, 3});
  for (const double by : {-0.5, -0.31, -0.02, 0.004, 0.1, 1.0 / 3, 0.5}) {
    const Raster out = run("hue", {{"by", by}}, image);
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 64; ++x) {
        auto hsv = rgb_to_hsv(value_at(image, x, y, 0), value_at(image, x, y, 1), value_at(image, x, y, 2));
        const auto rgb = hsv_to_rgb(hsv[0] + by - std::floor(hsv[0] + by), hsv[1], hsv[2]);
        for (int c = 0; c < 3; ++c)
          ASSERT_NEAR(level_at(out, x, y, c), rgb[static_cast<std::size_t>(c)] * 255, 0.5 + 1e-9) << by;
      }
  }
}

TEST(Color, Case16HueGreysAreFixed) {
  Raster greys({256, 1, 3});
  for (int v = 0; v < 256; ++v)
    for (int c = 0; c < 3; ++c) set_value(greys, v, 0, c, v / 255.0);
  for (const double by : {-0.5, -0.2, 0.01, 0.4})
    EXPECT_TRUE(same_pixels(run("hue", {{"by", by}}, greys).view(), greys.view())) << by;
}

TEST(Color, Case16HueHalfTurnsAreEqualAndTurnsCancel) {
  const Raster image = noise_picture({64, 64, 3});
  EXPECT_TRUE(same_pixels(run("hue", {{"by", 0.5}}, image).view(), run("hue", {{"by", -0.5}}, image).view()));
  for (const double by : {0.07, 0.25, 0.45}) {
    const Raster back = run("hue", {{"by", -by}}, run("hue", {{"by", by}}, image));
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 64; ++x)
        for (int c = 0; c < 3; ++c) ASSERT_NEAR(level_at(back, x, y, c), level_at(image, x, y, c), 1) << by;
  }
}

TEST(Color, Case17HueThirdOfATurnMakesRedGreen) {
  const Raster out = run("hue", {{"by", 1.0 / 3}}, picture(3, 1, 3, {255, 0, 0, 0, 255, 0, 200, 100, 50}));
  EXPECT_EQ(levels_of(out), (Levels{0, 255, 0, 0, 0, 255, 50, 200, 100}));
}

TEST(Color, GrayscaleIsLuma) {
  EXPECT_EQ(levels_of(run("grayscale", {}, picture(2, 1, 3, {200, 100, 50, 255, 255, 255}))),
            (Levels{124, 124, 124, 255, 255, 255}));
}

TEST(Color, GreyImagesHaveNoColourToChange) {
  const Raster image = noise_picture({9, 5, 1});
  for (const char* name : {"grayscale", "saturation", "hue"})
    EXPECT_TRUE(same_pixels(run(strong_op(op_table().at(name), kKey), image).view(), image.view())) << name;
}

TEST(Color, PlainChannelsThatAreNoColoursAreRefused) {
  for (const char* name : {"grayscale", "saturation", "hue"}) {
    try {
      lower_chain({9, 5, 4}, strong_op(op_table().at(name), kKey));
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()),
                std::string(name) + ": needs an image with 1 or 3 colour channels, got 9×5×4 u8");
    }
  }
}

TEST(ColorJitter, EveryOrderIsTheFourOpsInTurn) {
  const Raster image = noise_picture({16, 8, 3});
  for (const char* around : {"mid", "mean"}) {
    const std::array<OpValue, 4> parts{make_op("brightness", {{"by", 1.3}}),
                                       make_op("contrast", {{"by", 1.4}, {"around", around}}),
                                       make_op("saturation", {{"by", 0.6}}), make_op("hue", {{"by", 0.1}})};
    std::array<std::size_t, 4> order{0, 1, 2, 3};
    for (int index = 0; index < 24; ++index) {
      const Chain chain =
          lower_chain(image.shape(), {parts[order[0]], parts[order[1]], parts[order[2]], parts[order[3]]});
      const OpValue jitter = make_op("color_jitter", {{"brightness", 1.3},
                                                      {"contrast", 1.4},
                                                      {"saturation", 0.6},
                                                      {"hue", 0.1},
                                                      {"order", index},
                                                      {"around", around}});
      EXPECT_TRUE(same_pixels(run(chain, image).view(), run(jitter, image).view()))
          << "order " << index << " around " << around;
      std::next_permutation(order.begin(), order.end());
    }
  }
}

}  // namespace
}  // namespace leaven::ops
