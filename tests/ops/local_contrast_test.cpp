// clahe, unsharp_mask, canny.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ops/image/filters.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

Raster pattern() {
  Raster image({24, 16, 1});
  for (int y = 0; y < 16; ++y)
    for (int x = 0; x < 24; ++x) set_value(image, x, y, 0, (x * 7 + y * 11 + (x * y) % 13 * 5) % 256 / 255.0);
  return image;
}

Levels row_of(const Raster& image, int y) {
  Levels levels;
  for (int x = 0; x < image.shape().width; ++x) levels.push_back(static_cast<int>(level_at(image, x, y)));
  return levels;
}

TEST(Clahe, EqualsOpenCVOnGreyBytes) {
  // cv2.createCLAHE(clip, (tiles, tiles)).apply(pattern), one row and the sum.
  const auto check = [](double clip, int tiles, int y, const Levels& row, int sum) {
    const Raster out = run("clahe", {{"clip_limit", clip}, {"tiles", tiles}}, pattern());
    EXPECT_EQ(row_of(out, y), row);
    int all = 0;
    for (const int level : levels_of(out)) all += level;
    EXPECT_NEAR(all, sum, 1) << "a value half way between levels may go the other way";
  };
  check(2, 2, 5, {53,  89,  139, 86,  137, 196, 135, 187, 120, 169, 197, 154,
                  182, 136, 167, 208, 152, 199, 246, 192, 243, 187, 241, 18},
        51961);
  check(4, 4, 9, {58,  173, 141, 112, 211, 151, 113, 190, 156, 111, 234, 186,
                  149, 119, 242, 210, 192, 42,  255, 234, 102, 85,  58,  159},
        56084);
}

TEST(Clahe, AddsTheGainOfTheLumaToEveryColour) {
  const RasterShape shape{40, 30, 3, Dtype::f32};
  Raster image = smooth_picture(shape);
  const Raster out = run("clahe", {}, image);
  for (int y = 0; y < 30; ++y)
    for (int x = 0; x < 40; ++x) {
      const double gain = value_at(out, x, y, 0) - value_at(image, x, y, 0);
      for (int c = 1; c < 3; ++c) {
        const double v = value_at(out, x, y, c);
        if (v > 0 && v < 1 && value_at(out, x, y, 0) > 0 && value_at(out, x, y, 0) < 1) {
          ASSERT_NEAR(v - value_at(image, x, y, c), gain, 1e-5);
        }
      }
    }
}

TEST(UnsharpMask, AddsTheDifferenceFromTheBlur) {
  const RasterShape shape{25, 20, 1, Dtype::f32};
  const Raster image = smooth_picture(shape);
  const Raster blurred = run("gaussian_blur", {{"sigma", 1.7}}, image);
  for (const double threshold : {0.0, 0.02}) {
    const Raster out = run("unsharp_mask", {{"amount", 1.5}, {"sigma", 1.7}, {"threshold", threshold}}, image);
    for (int y = 0; y < 20; ++y)
      for (int x = 0; x < 25; ++x) {
        const double apart = value_at(image, x, y) - value_at(blurred, x, y);
        if (std::fabs(std::fabs(apart) - threshold) < 1e-5 && threshold > 0) continue;
        const double wanted = value_at(image, x, y) + (std::fabs(apart) >= threshold ? 1.5 * apart : 0);
        ASSERT_NEAR(value_at(out, x, y), std::clamp(wanted, 0.0, 1.0), 1e-5);
      }
  }
}

TEST(Canny, AStepIsOneThinLine) {
  Raster image({30, 20, 3});
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 30; ++x)
      for (int c = 0; c < 3; ++c) set_value(image, x, y, c, x < 14 ? 0.2 : 0.8);
  const Raster out = run("canny", {{"amount", 1.0}}, image);
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 30; ++x) ASSERT_EQ(level_at(out, x, y), x == 13 ? 255 : 0) << x << ", " << y;
}

TEST(Canny, WeakEdgesGoOnFromStrongOnesOnly) {
  // The step is lower further down; another as weak as that stands alone.
  Raster image({40, 40, 1, Dtype::f32});
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 40; ++x) set_value(image, x, y, 0, x < 10 ? (y < 20 ? 0.1 : 0.35) : x < 30 ? 0.6 : 0.85);
  const Raster out = run("canny", {{"amount", 1.0}, {"sigma", 0.5}, {"low", 0.1}, {"high", 0.3}}, image);
  int followed = 0, alone = 0;
  for (int y = 24; y < 40; ++y)
    for (int x = 0; x < 40; ++x) (x < 20 ? followed : alone) += value_at(out, x, y) > 0.5;
  EXPECT_EQ(followed, 16);
  EXPECT_EQ(alone, 0);
}

}  // namespace
}  // namespace leaven::ops
