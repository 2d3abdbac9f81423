// rain, snow, fog, clouds, frost, gravel, spatter.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ops/image/random_plane.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

const RasterShape kShape{120, 90, 3, Dtype::f32};

double mean_of(const Raster& image, int channel = 0) {
  double sum = 0;
  for (int y = 0; y < image.shape().height; ++y)
    for (int x = 0; x < image.shape().width; ++x) sum += value_at(image, x, y, channel);
  return sum / (static_cast<double>(image.shape().width) * image.shape().height);
}

// Share of the values for which `holds`.
template <class Holds>
double share_of(const Raster& image, const Holds& holds) {
  double count = 0;
  for (int y = 0; y < image.shape().height; ++y)
    for (int x = 0; x < image.shape().width; ++x) count += holds(value_at(image, x, y));
  return count / (static_cast<double>(image.shape().width) * image.shape().height);
}

TEST(Rain, MoreRainMeansMoreStreaksOnADarkerScene) {
  double before = 0;
  for (const double amount : {0.2, 0.5, 1.0}) {
    const Raster out = run("rain", {{"amount", amount}}, filled_picture(kShape, 0.3));
    const double dim = 0.3 * (1 - 0.3 * amount);
    const double streaks = share_of(out, [&](double v) { return v > dim + 0.02; });
    EXPECT_GT(streaks, before);
    EXPECT_NEAR(share_of(out, [&](double v) { return v < dim - 1e-6; }), 0, 1e-9) << "nothing is darker than the gloom";
    before = streaks;
  }
  EXPECT_LT(before, 0.6);
}

TEST(Rain, StreaksRunAlongTheAngle) {
  // Upright streaks: neighbours in a column are alike, those in a row are not.
  const Raster out = run("rain", {{"amount", 0.6}, {"angle", 90.0}, {"length", 24.0}}, filled_picture(kShape, 0.3));
  double down = 0, across = 0;
  for (int y = 1; y < 90; ++y)
    for (int x = 1; x < 120; ++x) {
      down += std::fabs(value_at(out, x, y) - value_at(out, x, y - 1));
      across += std::fabs(value_at(out, x, y) - value_at(out, x - 1, y));
    }
  EXPECT_GT(across, 4 * down);
}

TEST(Snow, LightensAndWhitens) {
  const Raster image = smooth_picture(kShape);
  double before = mean_of(image);
  for (const double amount : {0.1, 0.4, 1.0}) {
    const Raster out = run("snow", {{"amount", amount}}, image);
    EXPECT_GT(mean_of(out), before) << amount;
    before = mean_of(out);
    for (int y = 0; y < 90; ++y)
      for (int x = 0; x < 120; ++x) ASSERT_GE(value_at(out, x, y), value_at(image, x, y) - 1e-6);
  }
  // Where no flake is: v + amount·whiten·(1.5·v + 0.5 − v) on grey.
  const Raster out = run("snow", {{"amount", 0.05}, {"whiten", 0.4}}, filled_picture(kShape, 0.2));
  const double pale = 0.2 + 0.02 * (1.5 * 0.2 + 0.5 - 0.2);
  EXPECT_GT(share_of(out, [&](double v) { return std::fabs(v - pale) < 1e-5; }), 0.5);
}

TEST(Fog, FollowsTheFormula) {
  const OpValue op =
      make_op("fog", {{"amount", 0.6}, {"patches", 0.7}, {"depth", 0.5}, {"brightness", 0.8}, {"falloff", 1.7}});
  const Plane cloud = plasma(120, 90, 1.7, kKey);
  const Raster out = run(op, filled_picture(kShape, 0.3));
  for (int y = 0; y < 90; ++y)
    for (int x = 0; x < 120; ++x) {
      const double p = static_cast<double>(cloud.at(x, y));
      const double density = 0.6 * (1 - 0.5 * (y + 0.5) / 90) * (1 - 0.7 * (1 - p));
      ASSERT_NEAR(value_at(out, x, y), 0.3 + density * 0.5, 1e-5);
    }
}

TEST(Clouds, CoverWhereTheFractalIsHigh) {
  const OpValue op = make_op("clouds", {{"amount", 0.9}, {"cover", 0.4}, {"softness", 0.2}});
  const Plane cloud = plasma(120, 90, as_number(op.get("falloff")), kKey);
  const Raster out = run(op, filled_picture(kShape, 0.3));
  for (int y = 0; y < 90; ++y)
    for (int x = 0; x < 120; ++x) {
      const double t = std::clamp((static_cast<double>(cloud.at(x, y)) - 0.5) / 0.2, 0.0, 1.0);
      ASSERT_NEAR(value_at(out, x, y), 0.3 + 0.9 * t * t * (3 - 2 * t) * 0.7, 2e-5);
    }
}

TEST(Frost, IsThickestAtTheEdges) {
  double edge = 0, middle = 0;
  for (std::uint64_t i = 0; i < 8; ++i) {
    const Raster out = run(make_op("frost", {{"amount", 1.0}}), filled_picture(kShape, 0), key_number(i));
    for (int x = 0; x < 120; ++x) edge += value_at(out, x, 0, 2) / 960, middle += value_at(out, x, 45, 2) / 960;
  }
  EXPECT_GT(edge, 1.5 * middle);
  EXPECT_GT(middle, 0.01);
}

TEST(Gravel, GrainsCoverAboutTheShareAskedFor) {
  // Mean squared radius 1.083 of the size squared, less what lies over each other or beyond the edge.
  const Raster out = run("gravel", {{"amount", 0.1}, {"size", 3.0}}, filled_picture({400, 300, 3, Dtype::f32}, 1));
  EXPECT_NEAR(share_of(out, [](double v) { return v < 0.95; }), 0.105, 0.03);
}

TEST(Spatter, MudCoversAboutTheShareAskedFor) {
  for (const double amount : {0.1, 0.4}) {
    const Raster out = run("spatter", {{"amount", amount}, {"what", std::string("mud")}, {"size", 3.0}},
                           filled_picture({400, 300, 3, Dtype::f32}, 1));
    EXPECT_NEAR(share_of(out, [](double v) { return v < 0.6; }), amount, 0.25 * amount + 0.03) << amount;
  }
}

TEST(Spatter, WaterIsTransparentAndPale) {
  const Raster out = run("spatter", {{"amount", 0.4}}, filled_picture({400, 300, 3, Dtype::f32}, 0));
  EXPECT_GT(share_of(out, [](double v) { return v > 0; }), 0.1);
  double most = 0;
  for (int y = 0; y < 300; ++y)
    for (int x = 0; x < 400; ++x) {
      most = std::max(most, value_at(out, x, y, 1));
      ASSERT_NEAR(value_at(out, x, y, 0) * 238, value_at(out, x, y, 1) * 175, 1e-3) << "the colour of water";
    }
  EXPECT_NEAR(most, 0.6 * 238 / 255, 1e-4);
}

}  // namespace
}  // namespace leaven::ops
