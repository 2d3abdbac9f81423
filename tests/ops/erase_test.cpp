// cutout's fills, erasing, coarse_dropout, grid_dropout, grid_mask, pixel_dropout.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;
using Numbers = std::vector<double>;

Numbers regions_of(const Chain& chain) { return std::get<Numbers>(chain.ops[0].get("regions")); }

const char* const kHoled[]{"cutout", "erasing", "coarse_dropout"};

TEST(Holes, ShowOneColour) {
  for (const char* name : kHoled) {
    const OpValue op = make_op(name, {{"regions", Numbers{1, 0, 2, 1}}, {"fill", Numbers{0.2, 0.4, 0.6}}});
    EXPECT_EQ(levels_of(run(op, picture(3, 1, 3, {1, 2, 3, 4, 5, 6, 7, 8, 9}))),
              (Levels{1, 2, 3, 51, 102, 153, 51, 102, 153}))
        << name;
    EXPECT_EQ(levels_of(run(make_op(name, {{"regions", Numbers{-1, -1, 2, 2}}}), picture(2, 2, 1, {9, 8, 7, 6}))),
              (Levels{0, 8, 7, 6}))
        << name << " over the edge";
  }
}

TEST(Holes, ShowTheMeanOfEachChannel) {
  for (const char* name : kHoled) {
    const OpValue op = make_op(name, {{"regions", Numbers{0, 0, 1, 1}}, {"fill_with", "mean"}});
    EXPECT_EQ(levels_of(run(op, picture(2, 2, 3, {0, 10, 20, 40, 50, 60, 80, 90, 100, 120, 130, 200}))),
              (Levels{60, 70, 95, 40, 50, 60, 80, 90, 100, 120, 130, 200}))
        << name;
  }
}

TEST(Holes, ShowNoiseThatIsUniform) {
  const RasterShape shape{64, 64, 3};
  const Raster out =
      run(make_op("erasing", {{"regions", Numbers{0, 0, 64, 32}}, {"fill_with", "noise"}}), filled_picture(shape, 0.5));
  std::vector<int> bins(8);
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 64; ++x)
      for (int c = 0; c < 3; ++c) {
        const int level = static_cast<int>(level_at(out, x, y, c));
        if (y >= 32)
          EXPECT_EQ(level, 128);
        else
          ++bins[static_cast<std::size_t>(level / 32)];
      }
  // Chi-square, 7 degrees of freedom: above 24.3 with probability 0.001.
  double chi_square = 0;
  for (const int n : bins) chi_square += (n - 768.0) * (n - 768.0) / 768.0;
  EXPECT_LT(chi_square, 24.3);
}

TEST(Holes, AreOpaque) {
  for (const char* with : {"constant", "noise", "mean"}) {
    const Raster out = run(make_op("erasing", {{"regions", Numbers{0, 0, 1, 1}}, {"fill_with", with}}),
                           filled_picture({2, 1, 4, Dtype::u16, true}, 0.25));
    EXPECT_EQ(level_at(out, 0, 0, 3), 65535) << with;
    EXPECT_EQ(level_at(out, 1, 0, 3), 16384) << with;
  }
}

TEST(Holes, NoiseNeedsBoundedValues) {
  EXPECT_THROW(lower_chain({5, 3, 3, Dtype::f32, false, false},
                           make_op("erasing", {{"regions", Numbers{0, 0, 1, 1}}, {"fill_with", "noise"}})),
               Error);
}

TEST(Holes, CountForLabelsHoweverTheyAreFilled) {
  for (const char* with : {"noise", "mean"}) {
    const Chain chain =
        lower_chain({9, 9, 3}, make_op("erasing", {{"regions", Numbers{-2, 3, 4, 5}}, {"fill_with", with}}));
    const auto& hidden = std::get<Opaque>(chain.steps[0].nodes[0]).hides;
    EXPECT_EQ(hidden, (std::vector<Region>{{-2, 3, 4, 5}})) << with;
  }
}

TEST(Erasing, HasTheAreaAndALegalRatio) {
  for (std::uint64_t i = 0; i < 300; ++i) {
    const double area = draw(uniform(0.02, 0.33), key_number(i), 9);
    const Numbers r = regions_of(lower_chain({300, 200, 3}, make_op("erasing", {{"area", area}}), key_number(i)));
    EXPECT_NEAR(r[2] * r[3], area * 60000, (r[2] + r[3]) / 2 + 1) << "whole pixels";
    EXPECT_TRUE(r[2] / r[3] > 0.29 && r[2] / r[3] < 3.4) << r[2] << "×" << r[3];
    EXPECT_TRUE(r[0] >= 0 && r[1] >= 0 && r[0] + r[2] <= 300 && r[1] + r[3] <= 200);
  }
}

TEST(Erasing, WhatDoesNotFitIsCut) {
  const Numbers r =
      regions_of(lower_chain({100, 10, 3}, make_op("erasing", {{"area", 0.5}, {"ratio", Numbers{0.3, 0.3}}})));
  EXPECT_EQ(r[2], 12);  // √(500·0.3)
  EXPECT_EQ(r[3], 10);
}

TEST(CoarseDropout, HolesLieInThePictureWithSidesInRange) {
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Chain chain = lower_chain(
        {200, 100, 3},
        make_op("coarse_dropout", {{"holes", 5}, {"width", Numbers{0.1, 0.2}}, {"height", Numbers{0.3, 0.5}}}),
        key_number(i));
    const Numbers r = regions_of(chain);
    ASSERT_EQ(r.size(), 20U);
    for (std::size_t k = 0; k < 20; k += 4) {
      EXPECT_TRUE(r[k + 2] >= 20 && r[k + 2] <= 40) << r[k + 2];
      EXPECT_TRUE(r[k + 3] >= 30 && r[k + 3] <= 50) << r[k + 3];
      EXPECT_TRUE(r[k] >= 0 && r[k] + r[k + 2] <= 200 && r[k + 1] >= 0 && r[k + 1] + r[k + 3] <= 100);
    }
  }
}

TEST(GridDropout, HolesByHand) {
  // Cells of 4×2 px, holes of 2×1, shifted by one pixel to the right.
  const Raster out = run("grid_dropout", {{"columns", 2}, {"rows", 1}, {"ratio", 0.5}, {"offset_x", 0.25}},
                         filled_picture({8, 2, 1}, 1));
  EXPECT_EQ(levels_of(out), (Levels{255, 0, 0, 255, 255, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255}));
}

double share_covered(const Raster& image) {
  double covered = 0;
  for (int y = 0; y < image.shape().height; ++y)
    for (int x = 0; x < image.shape().width; ++x) covered += level_at(image, x, y) == 0;
  return covered / (image.shape().width * image.shape().height);
}

TEST(GridMask, CoversTheSquareOfItsRatioWhereverItLies) {
  for (const double offset : {0.0, 0.3, 0.77, 1.0}) {
    const Raster out = run("grid_mask", {{"unit", 0.2}, {"ratio", 0.4}, {"offset_x", offset}, {"offset_y", 0.5}},
                           filled_picture({200, 100, 1}, 1));
    EXPECT_NEAR(share_covered(out), 0.16, 1e-9) << offset;
  }
  EXPECT_EQ(share_covered(run("grid_mask", {{"ratio", 1}}, filled_picture({33, 17, 1}, 1))), 1);
}

TEST(PixelDropout, DropsTheShareAndWholePixels) {
  const Raster out = run("pixel_dropout", {{"amount", 0.25}}, filled_picture({200, 200, 3}, 1));
  int dropped = 0;
  for (int y = 0; y < 200; ++y)
    for (int x = 0; x < 200; ++x) {
      const bool zero = level_at(out, x, y, 0) == 0;
      dropped += zero;
      EXPECT_EQ(zero, level_at(out, x, y, 1) == 0);
      EXPECT_EQ(zero, level_at(out, x, y, 2) == 0);
    }
  EXPECT_NEAR(dropped, 10000, 4 * std::sqrt(40000 * 0.25 * 0.75));
}

TEST(PixelDropout, DropsChannelsByThemselvesWhenAsked) {
  const Raster out = run("pixel_dropout", {{"amount", 0.5}, {"per_channel", true}, {"fill", Numbers{0.2}}},
                         filled_picture({100, 100, 3}, 1));
  std::array<int, 3> dropped{};
  int all = 0;
  for (int y = 0; y < 100; ++y)
    for (int x = 0; x < 100; ++x) {
      int here = 0;
      for (int c = 0; c < 3; ++c)
        if (level_at(out, x, y, c) == 51) ++dropped[static_cast<std::size_t>(c)], ++here;
      all += here == 3;
    }
  for (const int n : dropped) EXPECT_NEAR(n, 5000, 4 * 50);
  EXPECT_NEAR(all, 1250, 4 * std::sqrt(10000 * 0.125 * 0.875));
}

TEST(Holes, AreCoveredInStoredPixelsAsInComputedOnes) {
  for (const RasterShape& shape : {RasterShape{33, 17, 3}, RasterShape{33, 17, 4, Dtype::u8, true}, RasterShape{33, 17, 1, Dtype::u16}}) {
    const Raster image = noise_picture(shape);
    const OpValue holes = make_op("cutout", {{"holes", std::int64_t{3}}, {"size", 0.5}, {"fill", std::vector<double>{0.3}}});
    for (const auto& ops : {std::vector<OpValue>{holes}, {make_op("gamma", {{"gamma", 1.7}}), holes},
                            {make_op("horizontal_flip"), holes, make_op("invert")}}) {
      const Chain chain = lower_chain(shape, ops);
      const Raster fast = plan::run_fast(chain.plan(), image.view());
      EXPECT_TRUE(same_pixels(fast.view(), run(chain, image).view())) << describe(shape) << ", " << ops.size();
    }
  }
}

}  // namespace
}  // namespace leaven::ops
