// fancy_pca, stain_jitter, normalize_per_image.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "ops/image/eigen3.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

TEST(Eigen3, VectorsSolveTheEquationAndStandUpright) {
  for (std::uint64_t i = 0; i < 50; ++i) {
    std::array<std::array<double, 3>, 3> a{};
    for (std::size_t r = 0; r < 3; ++r)
      for (std::size_t c = r; c < 3; ++c) a[r][c] = a[c][r] = draw_unit(kKey, i * 9 + r * 3 + c) - 0.4;
    const Eigen3 e = eigen3(a);
    EXPECT_GE(e.values[0], e.values[1]);
    EXPECT_GE(e.values[1], e.values[2]);
    for (std::size_t k = 0; k < 3; ++k)
      for (std::size_t r = 0; r < 3; ++r) {
        double product = 0, dot = 0;
        for (std::size_t c = 0; c < 3; ++c) {
          product += a[r][c] * e.vectors[k][c];
          dot += e.vectors[r][c] * e.vectors[k][c];
        }
        EXPECT_NEAR(product, e.values[k] * e.vectors[k][r], 1e-12);
        EXPECT_NEAR(dot, r == k ? 1 : 0, 1e-12);
      }
  }
}

TEST(FancyPca, EqualsNumPysEigenvectors) {
  // numpy.linalg.eigh of numpy.cov(pixels, bias=True) on values in [0, 1], weights 0.5, −0.8, 1.5.
  const Raster image = picture(6, 1, 3, {10, 20, 30, 200, 180, 90, 60, 90, 200, 120, 30, 60, 250, 240, 220, 5, 90, 15});
  EXPECT_EQ(levels_of(run("fancy_pca", {{"weights", std::vector<double>{0.5, -0.8, 1.5}}}, image)),
            (Levels{32, 46, 37, 222, 206, 97, 82, 116, 207, 142, 56, 67, 255, 255, 227, 27, 116, 22}));
}

TEST(FancyPca, WeightsAreDrawnWithTheGivenDeviation) {
  double squares = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    const auto op = lower_chain({4, 4, 3}, make_op("fancy_pca", {{"sigma", 0.3}}), key_number(i)).ops[0];
    const Value weights = op.get("weights");
    for (const double w : std::get<std::vector<double>>(weights)) squares += w * w / 1200;
  }
  EXPECT_NEAR(std::sqrt(squares), 0.3, 0.03);
}

TEST(StainJitter, EqualsNumPysMatrices) {
  // 10^−((−log10(v)·M⁻¹·factors + shifts)·M) with numpy.linalg.inv of the normalised vectors of Ruifrok and Johnston.
  const Raster image = picture(4, 1, 3, {150, 80, 170, 230, 160, 200, 90, 60, 120, 255, 255, 255});
  EXPECT_EQ(levels_of(run("stain_jitter",
                          {{"hematoxylin", 1.2}, {"eosin", 0.8}, {"hematoxylin_shift", 0.02}, {"eosin_shift", -0.03}},
                          image)),
            (Levels{135, 85, 165, 225, 176, 200, 73, 53, 111, 249, 255, 253}));
}

TEST(StainJitter, WhiteStaysWithoutAShift) {
  const Raster white = filled_picture({3, 3, 3}, 1);
  EXPECT_TRUE(same_pixels(run("stain_jitter", {{"hematoxylin", 2.0}, {"eosin", 0.5}}, white).view(), white.view()));
}

TEST(NormalizePerImage, DeviationAndRangeTogetherAndByChannel) {
  const Raster image = noise_picture({20, 10, 4, Dtype::u8, true});
  for (const bool per_channel : {false, true})
    for (const char* by : {"deviation", "range"}) {
      const Raster out = run("normalize_per_image", {{"by", std::string(by)}, {"per_channel", per_channel}}, image);
      EXPECT_EQ(out.shape().dtype, Dtype::f32);
      EXPECT_FALSE(out.shape().bounded);
      std::vector<double> values;
      for (int c = 0; c < 3; ++c) {
        for (int y = 0; y < 10; ++y)
          for (int x = 0; x < 20; ++x) values.push_back(value_at(out, x, y, c));
        if (!per_channel && c < 2) continue;
        double mean = 0, squares = 0;
        for (const double v : values) mean += v / static_cast<double>(values.size());
        for (const double v : values) squares += (v - mean) * (v - mean) / static_cast<double>(values.size());
        if (std::string(by) == "deviation") {
          EXPECT_NEAR(mean, 0, 1e-6);
          EXPECT_NEAR(std::sqrt(squares), 1, 1e-4);
        } else {
          EXPECT_NEAR(*std::min_element(values.begin(), values.end()), 0, 1e-6);
          EXPECT_NEAR(*std::max_element(values.begin(), values.end()), 1, 1e-4);
        }
        values.clear();
      }
      EXPECT_NEAR(value_at(out, 3, 3, 3), value_at(image, 3, 3, 3), 1e-6) << "alpha stays";
    }
}

TEST(NormalizePerImage, FlatPicturesBecomeZero) {
  const Raster out = run("normalize_per_image", {}, filled_picture({3, 3, 1}, 0.4));
  for (int x = 0; x < 3; ++x) EXPECT_NEAR(value_at(out, x, 1), 0, 0.1);
}

}  // namespace
}  // namespace leaven::ops
