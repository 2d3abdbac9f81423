// gaussian_blur and sharpen.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

TEST(GaussianBlur, AnImpulseShowsTheKernel) {
  Raster image = filled_picture({9, 9, 1}, 0);
  set_value(image, 4, 4, 0, 1);
  const Raster out = run("gaussian_blur", {{"sigma", 1.0}}, image);
  // exp(−i²/2) for i = 0…3 over their two-sided sum 2.50597: 0.39905, 0.24204, 0.05401, 0.00443.
  EXPECT_EQ(level_at(out, 4, 4), 41);  // 255·0.39905²
  EXPECT_EQ(level_at(out, 5, 4), 25);  // 255·0.39905·0.24204
  EXPECT_EQ(level_at(out, 5, 5), 15);  // 255·0.24204²
  EXPECT_EQ(level_at(out, 4, 6), 5);   // 255·0.39905·0.05401
  EXPECT_EQ(level_at(out, 4, 8), 0);
}

TEST(GaussianBlur, ConstantStaysConstantUpToTheEdge) {
  for (const double sigma : {0.1, 0.7, 3.0, 32.0})
    for (const Size size : {Size{1, 1}, Size{2, 9}, Size{40, 3}})
      for (const int level :
           levels_of(run("gaussian_blur", {{"sigma", sigma}}, filled_picture({size.width, size.height, 1}, 0.6))))
        ASSERT_EQ(level, 153) << sigma;
}

TEST(GaussianBlur, VarianceOfTheKernelIsSigmaSquared) {
  for (const double sigma : {0.8, 2.0, 5.0}) {
    const Chain chain = lower_chain({99, 99, 1}, make_op("gaussian_blur", {{"sigma", sigma}}));
    const auto& taps = std::get<Separable>(std::get<Stencil>(chain.steps[0].nodes[0]).what).taps_x;
    ASSERT_EQ(taps.size(), static_cast<std::size_t>(2 * std::ceil(3 * sigma) + 1));
    double sum = 0, variance = 0;
    for (std::size_t i = 0; i < taps.size(); ++i) {
      const double x = static_cast<double>(i) - static_cast<double>(taps.size() / 2);
      sum += static_cast<double>(taps[i]), variance += static_cast<double>(taps[i]) * x * x;
      EXPECT_EQ(taps[i], taps[taps.size() - 1 - i]);
    }
    EXPECT_NEAR(sum, 1, 1e-6);
    EXPECT_NEAR(variance / (sigma * sigma), 1, 0.03) << "cut at three standard deviations";
  }
}

TEST(GaussianBlur, TransparentColourDoesNotBleed) {
  Raster image({5, 1, 4, Dtype::u8, true});
  for (int x = 0; x < 5; ++x)
    for (int c = 0; c < 4; ++c)
      set_value(image, x, 0, c, x == 2 ? (c == 0 || c == 3) : (c == 1));  // red, then clear green
  const Raster out = run("gaussian_blur", {{"sigma", 1.0}}, image);
  EXPECT_EQ(level_at(out, 1, 0, 0), 255);
  EXPECT_EQ(level_at(out, 1, 0, 1), 0);
  EXPECT_GT(level_at(out, 1, 0, 3), 0);
}

TEST(Sharpen, Pillows3By3ByHand) {
  const Raster image = picture(3, 3, 1, {0, 0, 0, 0, 130, 0, 0, 0, 0});
  // The mean in the middle is 130·5/13 = 50; the ring stays.
  EXPECT_EQ(levels_of(run("sharpen", {{"by", 0.0}}, image)), (Levels{0, 0, 0, 0, 50, 0, 0, 0, 0}));
  EXPECT_EQ(levels_of(run("sharpen", {{"by", 2.0}}, image)), (Levels{0, 0, 0, 0, 210, 0, 0, 0, 0}));
  EXPECT_EQ(levels_of(run("sharpen", {{"by", 0.5}}, image)), (Levels{0, 0, 0, 0, 90, 0, 0, 0, 0}));
}

TEST(Sharpen, NeighboursWeighOneThirteenth) {
  const Raster image = picture(4, 3, 1, {0, 0, 0, 0, 0, 130, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(level_at(run("sharpen", {{"by", 0.0}}, image), 2, 1), 10);
  EXPECT_EQ(level_at(run("sharpen", {{"by", 4.0}}, image), 2, 1), 0) << "−30 saturates";
}

TEST(Sharpen, LinesWithoutAnInsideStay) {
  const Raster image = noise_picture({9, 2, 3});
  EXPECT_TRUE(same_pixels(run("sharpen", {{"by", 4.0}}, image).view(), image.view()));
}

}  // namespace
}  // namespace leaven::ops
