// cartoon, voronoi, mean_shift, beta noise.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "ops/image/point_grid.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

TEST(MeanShift, KeepsEdgesAndLevelsWhatLiesBetween) {
  // Two halves of noise within ±0.05 of 0.2 and 0.8: each comes together, neither leaks.
  Raster image = noise_picture({30, 20, 1, Dtype::f32});
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 30; ++x) set_value(image, x, y, 0, (x < 15 ? 0.15 : 0.75) + 0.1 * value_at(image, x, y));
  const Raster out = run("mean_shift", {{"radius", std::int64_t{4}}, {"color_radius", 0.2}}, image);
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 30; ++x) EXPECT_NEAR(value_at(out, x, y), x < 15 ? 0.2 : 0.8, 0.03) << x << ", " << y;
}

TEST(MeanShift, OneRoundByHand) {
  // Within 50 levels of the middle one are 100 and 120; 200 is another colour.
  const Raster out = run("mean_shift", {{"radius", std::int64_t{1}}, {"color_radius", 50 / 255.0}, {"rounds", std::int64_t{1}}},
                         picture(3, 1, 1, {100, 120, 200}));
  EXPECT_EQ(levels_of(out), (std::vector<int>{110, 110, 200}));
}

TEST(PointGrid, NearestAsByAskingAll) {
  PointGrid grid({40, 30}, 4, 3);
  std::vector<Point> points;
  for (std::uint64_t i = 0; i < 12; ++i) {
    points.push_back({40 * draw_unit(kKey, 2 * i), 30 * draw_unit(kKey, 2 * i + 1)});
    grid.add(points.back());
  }
  const auto nearest = grid.nearest_of_pixels();
  for (int y = 0; y < 30; ++y)
    for (int x = 0; x < 40; ++x) {
      std::size_t best = 0;
      for (std::size_t i = 1; i < points.size(); ++i)
        if (std::hypot(points[i].x - x - 0.5, points[i].y - y - 0.5) < std::hypot(points[best].x - x - 0.5, points[best].y - y - 0.5))
          best = i;
      ASSERT_EQ(static_cast<std::size_t>(nearest[static_cast<std::size_t>(y * 40 + x)]), best) << x << ", " << y;
    }
}

TEST(Voronoi, GridCellsShowTheirMean) {
  const Raster out = run("voronoi", {{"cells", std::int64_t{2}}, {"layout", std::string("grid")}}, picture(4, 2, 1, {10, 20, 100, 120, 30, 40, 140, 160}));
  EXPECT_EQ(levels_of(out), (std::vector<int>{25, 25, 130, 130, 25, 25, 130, 130}));
}

TEST(Cartoon, MakesFlatAreasFewAndDrawsDarkLines) {
  Raster image = filled_picture({40, 40, 1, Dtype::f32}, 0.75);
  for (int y = 0; y < 40; ++y) set_value(image, 20, y, 0, 0.55);
  const Raster out = run("cartoon", {{"tones", std::int64_t{8}}, {"edges", 1.0}, {"strength", 1.0}}, image);
  EXPECT_NEAR(value_at(out, 5, 5), 0.75, 0.01);
  EXPECT_LT(value_at(out, 20, 20), 0.2);
}

TEST(AdditiveNoise, BetaHasItsMomentsAndItsEnds) {
  const Raster out = run("additive_noise", {{"sigma", 0.1}, {"law", std::string("beta")}, {"alpha", 2.0}, {"beta", 5.0}},
                         filled_picture({256, 256, 1, Dtype::f32}, 0.5));
  double sum = 0, squares = 0, cubes = 0, least = 1;
  for (int y = 0; y < 256; ++y)
    for (int x = 0; x < 256; ++x) {
      const double n = (value_at(out, x, y) - 0.5) / 0.1;
      sum += n, squares += n * n, cubes += n * n * n, least = std::min(least, n);
    }
  constexpr double kCount = 256 * 256;
  EXPECT_NEAR(sum / kCount, 0, 0.015);
  EXPECT_NEAR(squares / kCount, 1, 0.02);
  EXPECT_NEAR(cubes / kCount, 2 * 3 * std::sqrt(8.0) / (9 * std::sqrt(10.0)), 0.06);  // skewness of Beta(2, 5)
  EXPECT_GE(least, -(2.0 / 7) / std::sqrt(10 / (49.0 * 8)) - 1e-3);
}

}  // namespace
}  // namespace leaven::ops
