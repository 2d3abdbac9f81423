#include "core/geometry.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/raster.hpp"

namespace leaven {
namespace {

void expect_near(Point got, Point want, double bound = 1e-9) {
  EXPECT_NEAR(got.x, want.x, bound);
  EXPECT_NEAR(got.y, want.y, bound);
}

TEST(Matrix3, PositiveAnglesTurnCounterClockwiseAsSeen) {
  // y points down: a quarter turn takes the point to the right of the centre to above it.
  expect_near(Matrix3::rotation(90).map({1, 0}), {0, -1});
  expect_near(Matrix3::rotation(30).map({1, 0}), {std::sqrt(3.0) / 2, -0.5});
}

TEST(Matrix3, QuarterTurnsAreExact) {
  for (const double turn : {90.0, 180.0, 270.0, -90.0, 450.0})
    for (const double v : Matrix3::rotation(turn).m) EXPECT_TRUE(v == 0 || v == 1 || v == -1) << turn;
  EXPECT_EQ(Matrix3::rotation(360), Matrix3::identity());
}

TEST(Matrix3, InverseUndoes) {
  const Matrix3 m{{1.2, 0.3, 5, -0.1, 0.8, -7, 0.001, -0.002, 1}};
  const auto inverse = m.inverse();
  ASSERT_TRUE(inverse);
  expect_near(inverse->map(m.map({123, 45})), {123, 45});
  EXPECT_FALSE(Matrix3::scaling(0, 1).inverse());
}

TEST(Matrix3, CornersMapToCorners) {
  const std::array<Point, 4> from{{{0, 0}, {100, 0}, {100, 50}, {0, 50}}}, to{{{3, 4}, {90, -5}, {110, 60}, {-7, 44}}};
  const auto m = Matrix3::from_corners(from, to);
  ASSERT_TRUE(m);
  for (std::size_t i = 0; i < 4; ++i) expect_near(m->map(from[i]), to[i]);
  EXPECT_FALSE(Matrix3::from_corners({{{0, 0}, {1, 1}, {2, 2}, {3, 3}}}, to));
}

TEST(Region, JoinedHoldsBoth) {
  EXPECT_EQ(Region::joined({2, 3, 4, 5}, {0, 6, 3, 9}), (Region{0, 3, 6, 12}));
  EXPECT_EQ(Region::joined({}, {1, 2, 3, 4}), (Region{1, 2, 3, 4}));
}

TEST(Raster, CloneIsEqualAndOwn) {
  Raster a({5, 4, 3, Dtype::u16, false, true});
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < 15; ++x) a.row<std::uint16_t>(y)[x] = static_cast<std::uint16_t>(100 * y + x);
  Raster b = a.clone();
  EXPECT_TRUE(same_pixels(a.view(), b.view()));
  b.row<std::uint16_t>(3)[14] ^= 1;
  EXPECT_FALSE(same_pixels(a.view(), b.view()));
  EXPECT_EQ(describe(a.shape()), "5×4×3 u16");
}

}  // namespace
}  // namespace leaven
