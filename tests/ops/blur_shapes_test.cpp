// box_blur, motion_blur, defocus, anisotropic_blur, ringing, convolution, emboss, edge_detect.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

constexpr int kSide = 41, kMiddle = 20;

// What becomes of one white point in the middle of black.
Raster point_response(const OpValue& op) {
  Raster image = filled_picture({kSide, kSide, 1, Dtype::f32}, 0);
  set_value(image, kMiddle, kMiddle, 0, 1);
  return run(op, image);
}

using Weight = std::function<double(int, int)>;

// The weights, normalised over the square, show around the point (all tested kernels but the streak are symmetric).
void expect_response(const OpValue& op, int radius, const Weight& weight) {
  double sum = 0;
  for (int y = -radius; y <= radius; ++y)
    for (int x = -radius; x <= radius; ++x) sum += weight(x, y);
  const Raster out = point_response(op);
  for (int y = -kMiddle; y <= kMiddle; ++y)
    for (int x = -kMiddle; x <= kMiddle; ++x) {
      const bool inside = std::max(std::abs(x), std::abs(y)) <= radius;
      ASSERT_NEAR(value_at(out, x + kMiddle, y + kMiddle), inside ? std::max(0.0, weight(x, y) / sum) : 0, 1e-6)
          << op.info().name << " at " << x << ", " << y;
    }
}

double total(const Raster& image) {
  double sum = 0;
  for (int y = 0; y < image.shape().height; ++y)
    for (int x = 0; x < image.shape().width; ++x) sum += value_at(image, x, y);
  return sum;
}

TEST(BoxBlur, IsTheMeanOfTheSquare) {
  expect_response(make_op("box_blur", {{"radius", 2.0}}), 2, [](int, int) { return 1.0; });
  const auto part = [](int i) { return std::abs(i) <= 1 ? 1 : 0.25; };
  expect_response(make_op("box_blur", {{"radius", 1.25}}), 2, [&](int x, int y) { return part(x) * part(y); });
}

TEST(MotionBlur, AStraightStreakByHand) {
  // Seventeen points from −2 to 2 px, each shared between the two pixels beside it: the outermost pixels get
  // (1 + 3/4 + 1/2 + 1/4) points, the others 4.
  const Raster out = point_response(make_op("motion_blur", {{"length", 4.0}, {"angle", 0.0}}));
  const std::vector<double> points{2.5, 4, 4, 4, 2.5};
  for (int x = -3; x <= 3; ++x)
    EXPECT_NEAR(value_at(out, kMiddle + x, kMiddle),
                std::abs(x) <= 2 ? points[static_cast<std::size_t>(x + 2)] / 17 : 0, 1e-6);
  EXPECT_NEAR(total(out), 1, 1e-5);
}

TEST(MotionBlur, AngleIsCounterClockwiseAndDirectionFades) {
  // Uphill to the right: dark below the diagonal's ends.
  const Raster up = point_response(make_op("motion_blur", {{"length", 10.0}, {"angle", 45.0}}));
  EXPECT_GT(value_at(up, kMiddle + 3, kMiddle - 3), 0.02);
  EXPECT_EQ(value_at(up, kMiddle + 3, kMiddle + 3), 0);
  EXPECT_NEAR(total(up), 1, 1e-5);
  // The weighted mean lies on the side with more weight; a point shows the kernel mirrored.
  const Raster fades = point_response(make_op("motion_blur", {{"length", 12.0}, {"angle", 0.0}, {"direction", 1.0}}));
  EXPECT_GT(value_at(fades, kMiddle - 5, kMiddle), 5 * value_at(fades, kMiddle + 5, kMiddle));
}

TEST(Defocus, IsADiscWithASoftEdge) {
  for (const auto& [radius, softness] : {std::pair{3.0, 0.5}, {4.3, 0.0}, {2.0, 1.5}})
    expect_response(make_op("defocus", {{"radius", radius}, {"softness", softness}}),
                    static_cast<int>(std::ceil(radius + softness)), [r = radius, s = softness](int x, int y) {
                      const double beyond = std::hypot(x, y) - r;
                      return s == 0 ? beyond <= 0 : std::clamp(0.5 - beyond / (2 * s), 0.0, 1.0);
                    });
}

TEST(AnisotropicBlur, IsATurnedGeneralisedGaussian) {
  for (const double angle : {0.0, 30.0})
    for (const double beta : {0.7, 1.0, 3.0})
      expect_response(
          make_op("anisotropic_blur", {{"sigma_x", 3.0}, {"sigma_y", 1.2}, {"angle", angle}, {"beta", beta}}), 9,
          [=](int x, int y) {
            const double t = angle * std::acos(-1) / 180;
            const double along = (std::cos(t) * x - std::sin(t) * y) / 3,
                         across = (std::sin(t) * x + std::cos(t) * y) / 1.2;
            return std::exp(-0.5 * std::pow(along * along + across * across, beta));
          });
}

TEST(AnisotropicBlur, NoiseComesFromTheKeyAndKeepsTheSum) {
  const OpValue op = make_op("anisotropic_blur", {{"noise", 0.5}});
  Raster image = filled_picture({kSide, kSide, 1, Dtype::f32}, 0);
  set_value(image, kMiddle, kMiddle, 0, 1);
  const Raster one = run(op, image, key_number(1)), two = run(op, image, key_number(2));
  EXPECT_FALSE(same_pixels(one.view(), two.view()));
  EXPECT_NEAR(total(one), 1, 1e-5);
}

TEST(Ringing, WeightsAreBesselsAsSciPyHasThem) {
  // c·j1(c·r)/(2πr) over a 9×9 square, normalised, with SciPy's j1: along the x axis, at (1, 1) and in the corner.
  const Raster out = point_response(make_op("ringing", {{"cutoff", 1.2}, {"radius", 4}}));
  const double axis[] = {0.13221589, 0.10980288, 0.05731396, 0.00701226, -0.01644434};
  for (int x = 0; x <= 4; ++x) EXPECT_NEAR(value_at(out, kMiddle + x, kMiddle), std::max(0.0, axis[x]), 1e-6) << x;
  EXPECT_NEAR(value_at(out, kMiddle + 1, kMiddle + 1), 0.08999924, 1e-6);
}

TEST(Convolution, ByHand) {
  const OpValue sobel =
      make_op("convolution", {{"kernel", std::vector<double>{-1, 0, 1, -2, 0, 2, -1, 0, 1}}, {"bias", 0.2}});
  // Rows 0 10 20: in the middle 4·20; at the mirrored edges 4·(10 − 10) = 0; bias 51.
  EXPECT_EQ(levels_of(run(sobel, picture(3, 2, 1, {0, 10, 20, 0, 10, 20}))),
            (std::vector<int>{51, 131, 51, 51, 131, 51}));
}

TEST(Convolution, OneNumberIsAFactor) {
  EXPECT_EQ(levels_of(run("convolution", {{"kernel", std::vector<double>{0.5}}}, picture(2, 1, 1, {10, 200}))),
            (std::vector<int>{5, 100}));
}

TEST(Convolution, KernelsThatAreNoOddSquareAreRefused) {
  try {
    lower_chain({3, 3, 1}, make_op("convolution", {{"kernel", std::vector<double>{1, 2, 3, 4}}}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("kernel must have 1, 9, 25, 49 … numbers, got 4"), std::string::npos)
        << error.what();
  }
}

TEST(Emboss, ByHand) {
  // relief 0.5, a step from 100 to 140 between the columns: left of it 100 + 40·(0.5 + 1.5 + 0) = 180 (weights of the
  // right column 0, s, 1 + s), right of it 140 + 40·(1.5 + 0.5) = 220.
  const OpValue op = make_op("emboss", {{"amount", 1.0}, {"relief", 0.5}});
  const Raster out = run(op, picture(4, 3, 1, {100, 100, 140, 140, 100, 100, 140, 140, 100, 100, 140, 140}));
  EXPECT_EQ(level_at(out, 1, 1), 180);
  EXPECT_EQ(level_at(out, 2, 1), 220);
  EXPECT_EQ(levels_of(run(op, picture(3, 1, 1, {80, 80, 80}))), (std::vector<int>{80, 80, 80})) << "flat stays";
}

TEST(EdgeDetect, ByHandWithAndWithoutAlpha) {
  const OpValue op = make_op("edge_detect", {{"amount", 0.5}});
  // Halves of 100 and of the Laplacian 40; of 140 and −40, which lies below black: (140 − 40)/2.
  EXPECT_EQ(levels_of(run(op, picture(4, 1, 1, {100, 100, 140, 140}))), (std::vector<int>{50, 70, 50, 70}));
  Raster image({4, 1, 2, Dtype::u8, true});
  const int levels[] = {100, 100, 140, 140};
  for (int x = 0; x < 4; ++x) set_value(image, x, 0, 0, levels[x] / 255.0), set_value(image, x, 0, 1, 0.4);
  EXPECT_EQ(levels_of(run(op, image)), (std::vector<int>{50, 102, 70, 102, 50, 102, 70, 102}));
}

TEST(BlurShapes, TransparentColourDoesNotBleed) {
  // Black that shows beside white that does not.
  Raster image({12, 6, 4, Dtype::u8, true});
  for (int y = 0; y < 6; ++y)
    for (int x = 0; x < 12; ++x)
      for (int c = 0; c < 4; ++c) set_value(image, x, y, c, (x < 6) == (c == 3) ? 1 : 0);
  for (const char* name : {"motion_blur", "defocus", "anisotropic_blur"}) {
    const Raster out = run(name, {}, image);
    for (int y = 0; y < 6; ++y)
      for (int x = 0; x < 6; ++x) EXPECT_EQ(level_at(out, x, y, 0), 0) << name << " at " << x << ", " << y;
  }
}

}  // namespace
}  // namespace leaven::ops
