// color_quantize, dithering, superpixels.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

std::set<std::array<double, 3>> colours_of(const Raster& image) {
  std::set<std::array<double, 3>> colours;
  for (int y = 0; y < image.shape().height; ++y)
    for (int x = 0; x < image.shape().width; ++x)
      colours.insert({level_at(image, x, y, 0), level_at(image, x, y, 1), level_at(image, x, y, 2)});
  return colours;
}

TEST(ColorQuantize, EvenStepsByHand) {
  // Four steps of 63.75 levels: 0, 85, 170, 255.
  EXPECT_EQ(levels_of(run("color_quantize", {{"colors", 4}}, picture(6, 1, 1, {0, 63, 64, 127, 200, 255}))),
            (Levels{0, 0, 85, 85, 255, 255}));
  EXPECT_EQ(levels_of(run("color_quantize", {{"colors", 2}}, picture(3, 1, 1, {127, 128, 255}))),
            (Levels{0, 255, 255}));
}

TEST(ColorQuantize, KmeansFindsSeparatedColours) {
  const std::array<std::array<int, 3>, 3> centres{{{200, 40, 40}, {30, 180, 60}, {50, 60, 220}}};
  Raster image({30, 20, 3});
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 30; ++x)
      for (std::size_t c = 0; c < 3; ++c)
        set_value(image, x, y, static_cast<int>(c),
                  (centres[static_cast<std::size_t>((x + y) % 3)][c] + (x * 7 + y * 3) % 11 - 5) / 255.0);
  const Raster out = run("color_quantize", {{"colors", 3}, {"by", std::string("kmeans")}}, image);
  EXPECT_EQ(colours_of(out).size(), 3U);
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 30; ++x)
      for (int c = 0; c < 3; ++c)
        ASSERT_NEAR(level_at(out, x, y, c), centres[static_cast<std::size_t>((x + y) % 3)][static_cast<std::size_t>(c)],
                    2);
}

TEST(ColorQuantize, KmeansKeepsPicturesOfFewColours) {
  const Raster image = picture(3, 1, 3, {1, 2, 3, 200, 100, 50, 1, 2, 3});
  EXPECT_TRUE(
      same_pixels(run("color_quantize", {{"colors", 8}, {"by", std::string("kmeans")}}, image).view(), image.view()));
}

TEST(Dithering, ErrorDiffusionByHand) {
  // Above: 100 is black, then 143.75 white, then 51.33 black; below: 110.39 black, 129.41 white, 54.14 black.
  EXPECT_EQ(levels_of(run("dithering", {}, picture(3, 2, 1, {100, 100, 100, 100, 100, 100}))),
            (Levels{0, 255, 0, 0, 255, 0}));
}

TEST(Dithering, MeansStay) {
  for (const char* by : {"error_diffusion", "ordered"})
    for (const int levels : {2, 4})
      for (const double value : {0.1, 0.37, 0.8}) {
        const Raster out =
            run("dithering", {{"levels", levels}, {"by", std::string(by)}}, filled_picture({64, 64, 1}, value));
        std::set<double> seen;
        double mean = 0;
        for (int y = 0; y < 64; ++y)
          for (int x = 0; x < 64; ++x) mean += value_at(out, x, y) / 4096, seen.insert(level_at(out, x, y));
        EXPECT_NEAR(mean, value, 0.012) << by << " " << levels;
        EXPECT_LE(seen.size(), 2U) << "only the two levels beside";
      }
}

TEST(Dithering, OrderedComparesWithBayersMatrix) {
  // The corner of the 8×8 matrix holds ranks 0, 32, 8, 40 and 48, 16, 56, 24: grey v shows white where v + rank ≥ 1.
  const Raster out = run("dithering", {{"by", std::string("ordered")}}, filled_picture({4, 2, 1, Dtype::f32}, 0.5));
  EXPECT_EQ((std::vector<double>{level_at(out, 0, 0), level_at(out, 1, 0), level_at(out, 2, 0), level_at(out, 3, 0)}),
            (std::vector<double>{0, 1, 0, 1}));
  EXPECT_EQ((std::vector<double>{level_at(out, 0, 1), level_at(out, 1, 1), level_at(out, 2, 1), level_at(out, 3, 1)}),
            (std::vector<double>{1, 0, 1, 0}));
}

TEST(Superpixels, FollowEdgesAndAreAboutAsManyAsAsked) {
  // Two flat halves with a slanted edge: no patch may mix them.
  Raster image({90, 60, 3});
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 90; ++x)
      for (int c = 0; c < 3; ++c) set_value(image, x, y, c, x + y / 2 < 55 ? 0.2 : 0.9);
  const Raster out = run("superpixels", {{"segments", 60}, {"compactness", 0.05}}, image);
  double wrong = 0;
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 90; ++x) wrong += std::fabs(value_at(out, x, y) - value_at(image, x, y)) > 0.05;
  EXPECT_LE(wrong / 5400, 0.005);
  const std::size_t patches =
      colours_of(run("superpixels", {{"segments", 60}, {"compactness", 1.0}}, noise_picture({90, 60, 3, Dtype::f32})))
          .size();
  EXPECT_NEAR(static_cast<double>(patches), 60, 12);
}

TEST(Superpixels, AShareStays) {
  const Raster image = noise_picture({90, 60, 3});
  const Raster out = run("superpixels", {{"segments", 300}, {"replaced", 0.5}}, image);
  double same = 0;
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 90; ++x)
      same += level_at(out, x, y, 0) == level_at(image, x, y, 0) && level_at(out, x, y, 1) == level_at(image, x, y, 1);
  EXPECT_NEAR(same / 5400, 0.5, 0.12);
}

}  // namespace
}  // namespace leaven::ops
