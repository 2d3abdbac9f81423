// color_space, color_matrix, polar.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

std::vector<double> converted(const char* space, std::initializer_list<double> rgb) {
  Raster image({1, 1, 3, Dtype::f32});
  for (int c = 0; c < 3; ++c) set_value(image, 0, 0, c, rgb.begin()[c]);
  const Raster out = run("color_space", {{"space", std::string(space)}}, image);
  return {value_at(out, 0, 0, 0), value_at(out, 0, 0, 1), value_at(out, 0, 0, 2)};
}

void expect_near(const std::vector<double>& got, const std::vector<double>& wanted, double bound) {
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(got[i], wanted[i], bound) << i;
}

TEST(ColorSpace, ByHand) {
  expect_near(converted("hsv", {1, 0, 0}), {0, 1, 1}, 1e-6);
  expect_near(converted("hsv", {0, 0.5, 0.25}), {0.41666667, 1, 0.5}, 1e-6);
  expect_near(converted("hls", {0, 0, 0.5}), {2.0 / 3, 0.25, 1}, 1e-6);
  expect_near(converted("hls", {0.25, 0.5, 0.75}), {210 / 360.0, 0.5, 0.5}, 1e-6);
  expect_near(converted("ycbcr", {1, 0, 0}), {0.299, 0.5 - 0.299 / 1.772, 1}, 1e-6);
  // CIE 1976 of the sRGB primaries (Lindbloom): red is L 53.2408, a 80.0925, b 67.2032; blue 32.2970, 79.1875, −107.8602.
  expect_near(converted("lab", {1, 0, 0}), {0.532408, (80.0925 + 128) / 255, (67.2032 + 128) / 255}, 2e-5);
  expect_near(converted("lab", {0, 0, 1}), {0.322970, (79.1875 + 128) / 255, (-107.8602 + 128) / 255}, 2e-5);
  expect_near(converted("lab", {1, 1, 1}), {1, 128 / 255.0, 128 / 255.0}, 2e-5);
}

TEST(ColorSpace, ComesBack) {
  const Raster image = noise_picture({23, 9, 3, Dtype::f32});
  for (const char* space : {"hsv", "hls", "lab", "ycbcr"}) {
    const Chain chain = lower_chain(image.shape(), {make_op("color_space", {{"space", std::string(space)}}),
                                                    make_op("color_space", {{"space", std::string(space)}, {"back", true}})});
    const Raster out = run(chain, image);
    for (int y = 0; y < 9; ++y)
      for (int x = 0; x < 23; ++x)
        for (int c = 0; c < 3; ++c) EXPECT_NEAR(value_at(out, x, y, c), value_at(image, x, y, c), 2e-5) << space;
  }
}

TEST(ColorMatrix, ByHand) {
  const Raster out = run("color_matrix",
                         {{"matrix", std::vector<double>{0, 1, 0, 0.5, 0, 0.5, 0, 0, 1}}, {"offset", std::vector<double>{0, 0, 0.2}}},
                         picture(1, 1, 3, {100, 50, 200}));
  EXPECT_EQ(levels_of(out), (std::vector<int>{50, 150, 251}));
  EXPECT_EQ(levels_of(run("color_matrix", {{"matrix", std::vector<double>{0.5, 0, 0, 0, 0.5, 0, 0, 0, 0.5}}}, picture(1, 1, 1, {100}))),
            (std::vector<int>{50}));
}

TEST(Polar, AngleRunsAcrossAndDistanceDown) {
  // A bright spot to the right of the middle lies at angle 0, half the reach away.
  Raster image = filled_picture({81, 81, 1, Dtype::f32}, 0);
  const double reach = std::hypot(40.5, 40.5);
  for (int y = 39; y <= 41; ++y)
    for (int x = 59; x <= 61; ++x) set_value(image, x, y, 0, 1);
  const Raster out = run("polar", {}, image);
  double at = 0, mass = 0, left = 0;
  for (int y = 0; y < 81; ++y)
    for (int x = 0; x < 81; ++x) {
      const double v = value_at(out, x, y);
      mass += v, at += v * (y + 0.5);
      if (x < 8 || x > 72) left += v;
    }
  EXPECT_NEAR(at / mass * reach / 81, 20, 0.5);  // the spot's middle is at x = 60.5, 20 px from 40.5
  EXPECT_NEAR(left / mass, 1, 1e-6);
}

TEST(Polar, ShiftBetweenTurnsThePicture) {
  const Raster image = smooth_picture({64, 64, 1, Dtype::f32});
  const Chain there = lower_chain(image.shape(), {make_op("polar"), make_op("polar", {{"back", true}})});
  const Raster same = run(there, image);
  for (int y = 22; y < 42; ++y)
    for (int x = 22; x < 42; ++x)
      if (std::hypot(x - 31.5, y - 31.5) > 3) {
        EXPECT_NEAR(value_at(same, x, y), value_at(image, x, y), 0.03);
      }
  // A quarter of the width is a quarter turn, counter-clockwise to the right in the polar picture.
  const Chain turned = lower_chain(image.shape(), {make_op("polar"), make_op("translate", {{"x", 0.25}, {"border", std::string("wrap")}}),
                                                   make_op("polar", {{"back", true}})});
  const Raster out = run(turned, image), wanted = run("rotate90", {{"times", std::int64_t{1}}}, image);
  for (int y = 12; y < 52; ++y)
    for (int x = 12; x < 52; ++x)
      if (std::hypot(x - 31.5, y - 31.5) > 6) {
        EXPECT_NEAR(value_at(out, x, y), value_at(wanted, x, y), 0.04) << x << ", " << y;
      }
}

}  // namespace
}  // namespace leaven::ops
