// rotate and affine: sign, order, centre, canvas.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

constexpr double kPi = 3.14159265358979323846;

Point mapped(const OpValue& op, Size size, Point p) {
  return lower_chain({size.width, size.height, 1}, op).map({p})[0];
}

void expect_near(Point got, double x, double y, double bound = 1e-9) {
  EXPECT_NEAR(got.x, x, bound);
  EXPECT_NEAR(got.y, y, bound);
}

TEST(Rotate, Case2PositiveAnglesTurnCounterClockwiseInRotateAndAffine) {
  // A point to the right of the centre goes up; y points down.
  for (const char* name : {"rotate", "affine"}) {
    expect_near(mapped(make_op(name, {{"degrees", 90.0}}), {33, 33}, {24.5, 16.5}), 16.5, 8.5);
    expect_near(mapped(make_op(name, {{"degrees", -90.0}}), {33, 33}, {24.5, 16.5}), 16.5, 24.5);
  }
}

TEST(Rotate, Case2PixelsTurnTheSameWayAsPoints) {
  for (const char* name : {"rotate", "affine"}) {
    Raster image = filled_picture({33, 33, 1}, 0);
    set_value(image, 24, 16, 0, 1);
    EXPECT_EQ(level_at(run(name, {{"degrees", 90.0}}, image), 16, 8), 255) << name;
  }
}

TEST(Rotate, Case2ArrowsTurnByTheAngle) {
  for (const char* name : {"rotate", "affine"})
    for (const double degrees : {-170.0, -31.0, 0.5, 12.0, 77.0, 145.0}) {
      const OpValue op = make_op(name, {{"degrees", degrees}});
      const Point tail = mapped(op, {40, 30}, {10, 12}), head = mapped(op, {40, 30}, {22, 7});
      const double before = std::atan2(12.0 - 7.0, 22.0 - 10.0), after = std::atan2(tail.y - head.y, head.x - tail.x);
      EXPECT_NEAR(std::remainder(after - before - degrees * kPi / 180, 2 * kPi), 0, 1e-9) << name << " " << degrees;
    }
}

TEST(Rotate, RotateAndAffineGiveTheSamePixels) {
  const Raster image = noise_picture({33, 17, 3});
  EXPECT_TRUE(
      same_pixels(run("rotate", {{"degrees", 23.0}}, image).view(), run("affine", {{"degrees", 23.0}}, image).view()));
}

TEST(Rotate, QuarterTurnsAreExact) {
  const Raster image = noise_picture({33, 17, 3});
  for (const int times : {1, 2, 3}) {
    const Raster turned = run("rotate90", {{"times", times}}, image);
    const Raster fitted = run("rotate", {{"degrees", 90.0 * times}, {"canvas", "fit"}}, image);
    EXPECT_TRUE(same_pixels(turned.view(), fitted.view())) << times;
  }
}

TEST(Rotate, FitGrowsTheCanvasUntilTheCornersAreIn) {
  // 100·cos 30° + 50·sin 30° = 111.6, 100·sin 30° + 50·cos 30° = 93.3
  const Chain chain = lower_chain({100, 50, 1}, make_op("rotate", {{"degrees", 30.0}, {"canvas", "fit"}}));
  EXPECT_EQ(chain.out.size(), (Size{112, 94}));
  for (const Point p : chain.map({{0, 0}, {100, 0}, {100, 50}, {0, 50}})) {
    EXPECT_TRUE(p.x >= -1e-9 && p.x <= 112 && p.y >= -1e-9 && p.y <= 94) << p.x << ", " << p.y;
  }
}

TEST(Rotate, FitRoundsUp) {
  // 100·cos 10° + 50·sin 10° = 107.2, 100·sin 10° + 50·cos 10° = 66.6
  EXPECT_EQ(lower_chain({100, 50, 1}, make_op("rotate", {{"degrees", 10.0}, {"canvas", "fit"}})).out.size(),
            (Size{108, 67}));
}

TEST(Rotate, BorderShowsItsFill) {
  const Raster image = filled_picture({21, 21, 3}, 1);
  const std::vector<double> colour{0.2, 0.4, 0.6};
  const Raster out = run("rotate", {{"degrees", 45.0}, {"fill", colour}}, image);
  EXPECT_EQ(level_at(out, 0, 0, 0), 51);
  EXPECT_EQ(level_at(out, 0, 0, 1), 102);
  EXPECT_EQ(level_at(out, 0, 0, 2), 153);
  EXPECT_EQ(level_at(out, 10, 10, 0), 255);
  EXPECT_EQ(level_at(run("rotate", {{"degrees", 45.0}, {"border", "reflect"}, {"fill", colour}}, image), 0, 0, 0), 255);
}

TEST(Rotate, GreyBorderTakesTheLumaOfAColour) {
  const Raster image = filled_picture({21, 21, 1}, 1);
  const std::vector<double> colour{0.2, 0.4, 0.6};  // 0.299·51 + 0.587·102 + 0.114·153 = 92.6
  EXPECT_EQ(level_at(run("rotate", {{"degrees", 45.0}, {"fill", colour}}, image), 0, 0), 93);
}

TEST(Rotate, BorderIsTransparentUnlessAlphaIsGiven) {
  for (const int channels : {2, 4}) {
    const Raster image = filled_picture({21, 21, channels, Dtype::u8, true}, 1);
    const Raster clear = run("rotate", {{"degrees", 45.0}, {"fill", std::vector<double>{0.4}}}, image);
    EXPECT_EQ(level_at(clear, 0, 0, channels - 1), 0);
    EXPECT_EQ(level_at(clear, 10, 10, channels - 1), 255);
    const Raster solid = run("rotate", {{"degrees", 45.0}, {"fill", std::vector<double>{0.4, 0.4, 0.4, 1}}}, image);
    EXPECT_EQ(level_at(solid, 0, 0, channels - 1), 255);
    EXPECT_EQ(level_at(solid, 0, 0, 0), 102);
  }
}

TEST(Affine, EachFieldByHand) {
  const Size size{40, 20};  // centre (20, 10)
  expect_near(mapped(make_op("affine", {{"scale", 2.0}}), size, {25, 12}), 30, 14);
  expect_near(mapped(make_op("affine", {{"translate_x", 0.25}, {"translate_y", -0.1}}), size, {5, 5}), 15, 3);
  expect_near(mapped(make_op("affine", {{"shear_x", 45.0}}), size, {20, 14}), 24, 14);
  expect_near(mapped(make_op("affine", {{"shear_y", 45.0}}), size, {23, 10}), 23, 13);
}

TEST(Affine, OrderIsShearScaleRotateTranslate) {
  const double degrees = 25, scale = 1.3, sx = 12, sy = -7, tx = 0.1, ty = 0.05;
  const Size size{40, 20};
  const OpValue op = make_op("affine", {{"degrees", degrees},
                                        {"scale", scale},
                                        {"shear_x", sx},
                                        {"shear_y", sy},
                                        {"translate_x", tx},
                                        {"translate_y", ty}});
  double x = 31 - 20.0, y = 4 - 10.0;
  x += std::tan(sx * kPi / 180) * y;
  y += std::tan(sy * kPi / 180) * x;
  x *= scale, y *= scale;
  const double c = std::cos(degrees * kPi / 180), s = std::sin(degrees * kPi / 180);
  expect_near(mapped(op, size, {31, 4}), 20 + c * x + s * y + tx * 40, 10 - s * x + c * y + ty * 20);
}

TEST(Affine, CentreStaysWhateverTheLinearPart) {
  const OpValue op = make_op("affine", {{"degrees", 33.0}, {"scale", 0.7}, {"shear_x", 20.0}, {"shear_y", -15.0}});
  for (const Size size : {Size{7, 7}, Size{8, 5}, Size{45, 44}})
    expect_near(mapped(op, size, {size.width / 2.0, size.height / 2.0}), size.width / 2.0, size.height / 2.0);
}

}  // namespace
}  // namespace leaven::ops
