// plasma_brightness, plasma_contrast, plasma_shadow, coarse_salt_pepper.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ops/image/random_plane.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

TEST(Plasma, ReachesFromZeroToOneAndIsSmootherWithAHigherFalloff) {
  double before = 1;
  for (const double falloff : {1.1, 1.5, 2.0, 3.0}) {
    const Plane cloud = plasma(100, 70, falloff, kKey);
    double low = 1, high = 0, roughness = 0;
    for (int y = 0; y < 70; ++y)
      for (int x = 0; x < 100; ++x) {
        const auto v = static_cast<double>(cloud.at(x, y));
        low = std::min(low, v), high = std::max(high, v);
        if (x > 0) roughness += std::fabs(v - static_cast<double>(cloud.at(x - 1, y))) / 7000;
      }
    EXPECT_NEAR(low, 0, 1e-6);
    EXPECT_NEAR(high, 1, 1e-6);
    EXPECT_LT(roughness, before) << falloff;
    before = roughness;
  }
  EXPECT_LT(before, 0.02);
}

// The cloud that an op with this key sees.
Plane cloud_of(const OpValue& op, const RasterShape& shape) {
  return plasma(shape.width, shape.height, as_number(op.get("falloff")), kKey);
}

TEST(PlasmaBrightness, AddsTheCloud) {
  const RasterShape shape{50, 40, 3, Dtype::f32};
  const OpValue op = make_op("plasma_brightness", {{"amount", 0.3}});
  const Plane cloud = cloud_of(op, shape);
  const Raster out = run(op, filled_picture(shape, 0.5));
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 50; ++x)
      for (int c = 0; c < 3; ++c)
        ASSERT_NEAR(value_at(out, x, y, c), 0.5 + 0.3 * (2 * static_cast<double>(cloud.at(x, y)) - 1), 1e-6);
}

TEST(PlasmaContrast, ScalesTheDistanceFromMidGrey) {
  const RasterShape shape{50, 40, 1, Dtype::f32};
  const OpValue op = make_op("plasma_contrast", {{"amount", 0.5}});
  const Plane cloud = cloud_of(op, shape);
  const Raster out = run(op, filled_picture(shape, 0.7));
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 50; ++x)
      ASSERT_NEAR(value_at(out, x, y), 0.5 + 0.2 * (1 + 0.5 * (2 * static_cast<double>(cloud.at(x, y)) - 1)), 1e-6);
}

TEST(PlasmaShadow, DarkensBelowTheLevel) {
  const RasterShape shape{50, 40, 1, Dtype::f32};
  const OpValue op = make_op("plasma_shadow", {{"amount", 0.5}, {"level", 0.4}, {"softness", 0.1}});
  const Plane cloud = cloud_of(op, shape);
  const Raster out = run(op, filled_picture(shape, 0.8));
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 50; ++x) {
      const double depth = std::clamp(0.5 + (0.4 - static_cast<double>(cloud.at(x, y))) / 0.1, 0.0, 1.0);
      ASSERT_NEAR(value_at(out, x, y), 0.8 * (1 - 0.5 * depth), 1e-5);
    }
}

TEST(CoarseSaltPepper, SquaresOfTheGridGoTogether) {
  const Raster out =
      run("coarse_salt_pepper", {{"amount", 0.3}, {"salt", 0.25}, {"size", 5}}, filled_picture({402, 300, 3}, 0.5));
  double white = 0, black = 0;
  for (int y = 0; y < 300; ++y)
    for (int x = 0; x < 402; ++x) {
      const double level = level_at(out, x, y);
      ASSERT_TRUE(level == 0 || level == 128 || level == 255);
      for (int c = 0; c < 3; ++c) ASSERT_EQ(level_at(out, x, y, c), level);
      ASSERT_EQ(level, level_at(out, x / 5 * 5, y / 5 * 5));
      white += level == 255, black += level == 0;
    }
  const double squares = 80 * 60, all = 402 * 300;
  EXPECT_NEAR(white / all, 0.075, 4.5 * std::sqrt(0.075 / squares));
  EXPECT_NEAR(black / all, 0.225, 4.5 * std::sqrt(0.225 / squares));
}

}  // namespace
}  // namespace leaven::ops
