// compat: what other libraries mean by a name, against their formulas.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

Raster pixel(double r, double g, double b) {
  Raster image({1, 1, 3, Dtype::f32});
  set_value(image, 0, 0, 0, r), set_value(image, 0, 0, 1, g), set_value(image, 0, 0, 2, b);
  return image;
}

TEST(Compat, RotateOfImgaugTurnsClockwise) {
  const Raster image = noise_picture({20, 20, 3});
  const Raster there = run("rotate", {{"degrees", 30.0}, {"compat", std::string("imgaug")}}, image);
  EXPECT_TRUE(same_pixels(there.view(), run("rotate", {{"degrees", -30.0}}, image).view()));
  EXPECT_FALSE(same_pixels(there.view(), run("rotate", {{"degrees", 30.0}}, image).view()));
}

TEST(Compat, SaturationOfImgaugIsAFactorOnS) {
  // (0.8, 0.4, 0.6): V 0.8, S 0.5; S·1.5 = 0.75 → least 0.2, the middle half way.
  const Raster out = run("saturation", {{"by", 1.5}, {"compat", std::string("imgaug")}}, pixel(0.8, 0.4, 0.6));
  EXPECT_NEAR(value_at(out, 0, 0, 0), 0.8, 1e-6);
  EXPECT_NEAR(value_at(out, 0, 0, 1), 0.2, 1e-6);
  EXPECT_NEAR(value_at(out, 0, 0, 2), 0.5, 1e-6);
  const Raster luma = run("saturation", {{"by", 1.5}}, pixel(0.8, 0.4, 0.6));
  const double y = 0.299 * 0.8 + 0.587 * 0.4 + 0.114 * 0.6;
  EXPECT_NEAR(value_at(luma, 0, 0, 1), y + 1.5 * (0.4 - y), 1e-6);
}

TEST(Compat, HueOfDaliTurnsIAndQ) {
  const double r = 0.6, g = 0.3, b = 0.4, angle = 0.1 * 2 * 3.14159265358979;
  const double y = 0.299 * r + 0.587 * g + 0.114 * b;
  const double i = 0.596 * r - 0.274 * g - 0.321 * b, q = 0.211 * r - 0.523 * g + 0.311 * b;
  const double i2 = i * std::cos(angle) + q * std::sin(angle), q2 = q * std::cos(angle) - i * std::sin(angle);
  const Raster out = run("hue", {{"by", 0.1}, {"compat", std::string("dali")}}, pixel(r, g, b));
  EXPECT_NEAR(value_at(out, 0, 0, 0), y + 0.956 * i2 + 0.621 * q2, 1e-5);
  EXPECT_NEAR(value_at(out, 0, 0, 1), y - 0.272 * i2 - 0.647 * q2, 1e-5);
  EXPECT_NEAR(value_at(out, 0, 0, 2), y - 1.107 * i2 + 1.705 * q2, 1e-5);
  // Red goes towards green in both.
  const Raster red = run("hue", {{"by", 0.2}, {"compat", std::string("dali")}}, pixel(0.7, 0.2, 0.2));
  EXPECT_GT(value_at(red, 0, 0, 1), value_at(red, 0, 0, 2));
}

TEST(Compat, SaturationOfDaliScalesIAndQ) {
  const double r = 0.6, g = 0.3, b = 0.4, by = 1.4;
  const double y = 0.299 * r + 0.587 * g + 0.114 * b;
  const double i = by * (0.596 * r - 0.274 * g - 0.321 * b), q = by * (0.211 * r - 0.523 * g + 0.311 * b);
  const Raster out = run("saturation", {{"by", by}, {"compat", std::string("dali")}}, pixel(r, g, b));
  EXPECT_NEAR(value_at(out, 0, 0, 0), y + 0.956 * i + 0.621 * q, 1e-5);
  EXPECT_NEAR(value_at(out, 0, 0, 1), y - 0.272 * i - 0.647 * q, 1e-5);
  EXPECT_NEAR(value_at(out, 0, 0, 2), y - 1.107 * i + 1.705 * q, 1e-5);
  const Raster grey = picture(1, 1, 1, {90});
  EXPECT_EQ(levels_of(run("saturation", {{"by", by}, {"compat", std::string("dali")}}, grey)), levels_of(grey));
}

TEST(Compat, ContrastOfDaliKeepsHalfOfTheRange) {
  // 128 + by·(v − 128) in 8 bits; 0.5 + by·(v − 0.5) in floats.
  const auto bytes = levels_of(run("contrast", {{"by", 0.5}, {"compat", std::string("dali")}}, picture(4, 1, 1, {0, 128, 130, 255})));
  EXPECT_EQ(bytes, (std::vector<int>{64, 128, 129, 192}));  // 191.5 is rounded to even
  EXPECT_EQ(levels_of(run("contrast", {{"by", 0.0}, {"compat", std::string("dali")}}, picture(2, 1, 1, {3, 250}))), (std::vector<int>{128, 128}));
  Raster wide({1, 1, 1, Dtype::u16});
  set_value(wide, 0, 0, 0, 1000.0 / 65535);
  EXPECT_EQ(level_at(run("contrast", {{"by", 0.5}, {"compat", std::string("dali")}}, wide), 0, 0), 32768 - (32768 - 1000) / 2);
  const Raster floats = run("contrast", {{"by", 1.5}, {"compat", std::string("dali")}}, pixel(0.6, 0.5, 0.3));
  EXPECT_NEAR(value_at(floats, 0, 0, 0), 0.65, 1e-6);
  EXPECT_NEAR(value_at(floats, 0, 0, 2), 0.2, 1e-6);
  EXPECT_THROW(run("contrast", {{"by", 1.5}, {"around", std::string("mean")}, {"compat", std::string("dali")}}, pixel(0.6, 0.5, 0.3)), Error);
}

TEST(Compat, SharpenOfAlbumentationsIsALaplacianToTheEdge) {
  const Raster image = noise_picture({7, 5, 1, Dtype::f32});
  const Raster out = run("sharpen", {{"by", 1.2}, {"compat", std::string("albumentations")}}, image);
  const auto mirrored = [](int k, int size) { return k < 0 ? -k : k >= size ? 2 * size - 2 - k : k; };
  for (int y = 0; y < 5; ++y)
    for (int x = 0; x < 7; ++x) {
      double sum = -value_at(image, x, y);
      for (int j = -1; j <= 1; ++j)
        for (int i = -1; i <= 1; ++i) sum += value_at(image, mirrored(x + i, 7), mirrored(y + j, 5));
      const double v = value_at(image, x, y);
      EXPECT_NEAR(value_at(out, x, y), std::clamp(v + 0.2 * (8 * v - sum), 0.0, 1.0), 1e-5) << x << ", " << y;
    }
}

}  // namespace
}  // namespace leaven::ops
