// Random chains: what fusion may change and what it may not. Unfused, every step is stored and rounded by itself.
#include <gtest/gtest.h>

#include <set>

#include "tests/plan/raster_draws.hpp"

namespace leaven::plan {
namespace {

const std::vector<RasterShape>& kinds_of_images() {
  static const std::vector<RasterShape> shapes{{1, 1, 1},
                                               {1, 9, 3},
                                               {23, 17, 1},
                                               {31, 20, 2, Dtype::u8, true},
                                               {16, 29, 3},
                                               {22, 22, 4, Dtype::u8, true},
                                               {19, 26, 4},
                                               {25, 14, 1, Dtype::u16},
                                               {21, 18, 4, Dtype::u16, true},
                                               {18, 25, 3, Dtype::f32},
                                               {13, 13, 2, Dtype::f32, true},
                                               {20, 15, 3, Dtype::f32, false, false}};
  return shapes;
}

TEST(RasterChains, MovesAndWholeLevelsAreEqualFusedAndApart) {
  Draws draw(11);
  for (int round = 0; round < 40; ++round)
    for (const RasterShape& shape : kinds_of_images()) {
      Chain chain(shape);
      for (int steps = draw.integer(1, 7); steps > 0; --steps) {
        if (draw.integer(0, 4) > 0)
          add_random_move(chain, draw);
        else
          chain.curve({Curve::Form::quantize, static_cast<double>(draw.integer(2, 8)), 0, nullptr}, true);
      }
      const Raster image = random_image(shape, draw.seed());
      EXPECT_TRUE(same_pixels(chain.run(image).view(), chain.run(image, false).view())) << round;
    }
}

TEST(RasterChains, PointwiseRunsDifferByTheRoundingInBetweenOnly) {
  Draws draw(12);
  for (int round = 0; round < 100; ++round)
    for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32}) {
      const RasterShape shape{9, 7, 3, dtype};
      Chain chain(shape);
      // What a step rounds, at most half a level, the steps after it stretch by their slope. Floats keep 24 bits.
      const double level = dtype == Dtype::f32 ? 0x1p-23 : 1 / full_scale(dtype);
      double bound = 0;
      for (int steps = draw.integer(2, 5); steps > 0; --steps) {
        if (draw.coin()) {
          const double a = draw.real(-2, 2);
          chain.linear(a, draw.real(-0.5, 1));
          bound = bound * std::abs(a) + level / 2;
        } else {
          ColorMatrix matrix;
          double slope = 0;
          for (std::size_t row = 0; row < 3; ++row) {
            double sum = 0;
            for (std::size_t i = 0; i < 4; ++i) {
              matrix.m[4 * row + i] = static_cast<float>(draw.real(-0.8, 0.8));
              if (i < 3) sum += std::abs(static_cast<double>(matrix.m[4 * row + i]));
            }
            slope = std::max(slope, sum);
          }
          chain.add("matrix", matrix);
          bound = bound * slope + level / 2;
        }
      }
      const Raster image = random_image(shape, draw.seed());
      EXPECT_LE(largest_difference(chain.run(image), chain.run(image, false)), bound + level / 2 + 1e-12);
    }
}

TEST(RasterChains, WarpsOfSmoothPicturesHardlyDifferFusedAndApart) {
  Draws draw(13);
  for (int round = 0; round < 60; ++round) {
    const RasterShape shape{draw.integer(30, 60), draw.integer(30, 60), 3};
    Chain chain(shape);
    const Border edge{BorderKind::edge, {}};
    for (int steps = draw.integer(2, 4); steps > 0; --steps) switch (draw.integer(0, 3)) {
        case 0: chain.affine(draw.real(-40, 40), draw.real(0.8, 1.5), Filter::bilinear, edge); break;
        case 1: chain.resize(draw.integer(30, 70), draw.integer(30, 70)); break;
        case 2: chain.elastic(20, 2, draw.seed(), edge); break;
        default: chain.horizontal_flip().rotate90();
      }
    const Raster image = smooth_image(shape);
    // Waves of 125 px and more: sampling them twice costs a level or two, a point beside its place many.
    EXPECT_LE(largest_difference(chain.run(image), chain.run(image, false)), 4.0 / 255) << round;
  }
}

TEST(RasterChains, NearestInventsNoValues) {
  Draws draw(14);
  for (int round = 0; round < 150; ++round) {
    const RasterShape shape{draw.integer(5, 40), draw.integer(5, 40), 1};
    const Raster mask = image_of(shape, [&](int, int, int) { return draw.integer(0, 3) * 60 / 255.0; });
    const Border border{static_cast<BorderKind>(draw.integer(0, 4)), {77 / 255.0f}};
    Chain chain(shape);
    for (int steps = draw.integer(1, 4); steps > 0; --steps) switch (draw.integer(0, 3)) {
        case 0: chain.affine(draw.real(-180, 180), draw.real(0.3, 3), Filter::nearest, border); break;
        case 1: chain.resize(draw.integer(1, 50), draw.integer(1, 50), Filter::nearest); break;
        case 2: chain.pad(3, 0, 2, 5, border); break;
        default: add_random_move(chain, draw);
      }
    const std::set<int> allowed{0, 60, 120, 180, 77, 51};  // 51: the fill of random pads, 0.2
    for (const bool fuse : {true, false}) {
      const Raster out = chain.run(mask, fuse);
      for (int y = 0; y < out.shape().height; ++y)
        for (const int v : bytes_of_row(out, y)) EXPECT_TRUE(allowed.contains(v)) << v;
    }
  }
}

TEST(RasterChains, DtypesAgreeUpToTheirRounding) {
  Draws draw(15);
  for (int round = 0; round < 60; ++round)
    for (const bool alpha : {false, true}) {
      const int channels = alpha ? draw.integer(0, 1) * 2 + 2 : draw.integer(0, 1) * 2 + 1;
      const RasterShape f32{draw.integer(2, 30), draw.integer(2, 30), channels, Dtype::f32, alpha};
      Raster floats = random_image(f32, draw.seed());
      for (int y = 0; y < f32.height; ++y)
        for (int i = 0; i < f32.width * channels; ++i)  // levels that a byte holds, so that all three start equal
          floats.row<float>(y)[i] = static_cast<float>(std::nearbyint(255 * floats.row<float>(y)[i]) / 255.0);
      Chain chain(f32);
      add_random_warp(chain, draw);
      chain.linear(draw.real(-2, 2), draw.real(-0.5, 1));
      const Raster wanted = chain.run(floats);
      for (const Dtype dtype : {Dtype::u8, Dtype::u16}) {
        RasterShape shape = f32;
        shape.dtype = dtype;
        const Raster image = image_of(shape, [&](int x, int y, int c) { return value_at(floats, x, y, c); });
        const RasterPlan plan = plan_raster(chain.steps(), shape);
        const Raster seen = run_reference(plan, image.view());
        ASSERT_EQ(seen.shape().size(), wanted.shape().size());
        double most = 0;
        for (int y = 0; y < seen.shape().height; ++y)
          for (int x = 0; x < seen.shape().width; ++x)
            for (int c = 0; c < channels; ++c)
              most = std::max(most, std::abs(value_at(seen, x, y, c) - value_at(wanted, x, y, c)));
        EXPECT_LE(most, 0.5 / full_scale(dtype) + 1e-6);
      }
    }
}

}  // namespace
}  // namespace leaven::plan
