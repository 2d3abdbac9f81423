// translate, shear.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

TEST(Translate, MovesWholePixelsByHand) {
  const Raster image = picture(4, 2, 1, {1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(levels_of(run("translate", {{"x", 0.25}}, image)), (Levels{0, 1, 2, 3, 0, 5, 6, 7}));
  EXPECT_EQ(levels_of(run("translate", {{"x", -0.3}, {"border", "edge"}}, image)), (Levels{2, 3, 4, 4, 6, 7, 8, 8}));
  EXPECT_EQ(levels_of(run("translate", {{"y", 0.5}}, image)), (Levels{0, 0, 0, 0, 1, 2, 3, 4}));
}

TEST(Translate, ByPartsOfAPixelWhenAsked) {
  // A quarter pixel to the right: each pixel is a quarter of its left neighbour and three quarters of itself. The
  // centre of the first pixel falls on 0.25, still in the picture, where the first pixel alone has weight.
  const Raster image = picture(4, 1, 1, {40, 80, 120, 200});
  EXPECT_EQ(levels_of(run("translate", {{"x", 0.0625}, {"whole", false}}, image)), (Levels{40, 70, 110, 180}));
  EXPECT_EQ(levels_of(run("translate", {{"x", 0.0625}}, image)), (Levels{40, 80, 120, 200})) << "rounds to none";
}

TEST(Shear, PointsFollowTheFormula) {
  const RasterShape shape{40, 20, 1};
  const double ax = 20, ay = -10, to_radians = std::acos(-1.0) / 180;
  const Chain chain = lower_chain(shape, make_op("shear", {{"x", ax}, {"y", ay}}));
  for (const Point p : {Point{20, 10}, Point{3.5, 17}, Point{39, 0.25}}) {
    const double x = (p.x - 20) + std::tan(ax * to_radians) * (p.y - 10);
    const double y = (p.y - 10) + std::tan(ay * to_radians) * x;
    const Point q = chain.map({p})[0];
    EXPECT_NEAR(q.x, x + 20, 1e-9);
    EXPECT_NEAR(q.y, y + 10, 1e-9);
  }
}

TEST(Shear, IsAffineWithTheSameAngles) {
  const Raster image = smooth_picture({33, 17, 3});
  const Raster one = run("shear", {{"x", 12}, {"y", 5}}, image),
               other = run("affine", {{"shear_x", 12}, {"shear_y", 5}}, image);
  EXPECT_TRUE(same_pixels(one.view(), other.view()));
}

}  // namespace
}  // namespace leaven::ops
