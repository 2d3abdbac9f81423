// `decode: scaled`: which plans let the decoder shrink, by how much, and that geometry stays where it was.
#include <gtest/gtest.h>

#include "tests/plan/raster_draws.hpp"

namespace leaven::plan {
namespace {

RasterPlan scaled(const Chain& chain, int largest = 8, bool fuse = true) { return plan_raster(chain.steps(), chain.source(), {fuse, largest}); }

/// What a decoder that shrinks by whole blocks gives: their means, over what there is of the last ones.
Raster block_means(const Raster& image, int by) {
  RasterShape shape = image.shape();
  shape.width = shrunk(image.shape().size(), by).width;
  shape.height = shrunk(image.shape().size(), by).height;
  return image_of(shape, [&](int x, int y, int c) {
    double sum = 0, count = 0;
    for (int j = y * by; j < std::min((y + 1) * by, image.shape().height); ++j)
      for (int i = x * by; i < std::min((x + 1) * by, image.shape().width); ++i, ++count) sum += value_at(image, i, j, c);
    return sum / count;
  });
}

TEST(RasterShrink, TheLargestPowerOfTwoThatTheFirstPassShrinksBy) {
  const auto shrink = [](const Chain& chain, int largest = 8) { return scaled(chain, largest).shrink; };
  EXPECT_EQ(shrink(Chain(400, 300).resize(400, 300)), 1);
  EXPECT_EQ(shrink(Chain(400, 300).resize(210, 160)), 1);
  EXPECT_EQ(shrink(Chain(400, 300).resize(200, 150)), 2);
  EXPECT_EQ(shrink(Chain(400, 300).resize(100, 150)), 2) << "the side that shrinks less decides";
  EXPECT_EQ(shrink(Chain(400, 300).resize(90, 70)), 4);
  EXPECT_EQ(shrink(Chain(400, 300).resize(20, 20)), 8);
  EXPECT_EQ(shrink(Chain(400, 300).resize(20, 20), 4), 4);
  EXPECT_EQ(shrink(Chain(400, 300).resize(20, 20), 1), 1);
  EXPECT_EQ(shrink(Chain(400, 300).crop(10, 10, 200, 200).resize(60, 60).horizontal_flip()), 2) << "fused";
  EXPECT_EQ(shrink(Chain(400, 300).affine(30, 0.4)), 2);
  EXPECT_EQ(shrink(Chain(400, 300).resize(100, 75, Filter::nearest)), 1) << "picks pixels: there is nothing to average";
  EXPECT_EQ(shrink(Chain(400, 300).resize(100, 75, Filter::bilinear, false)), 1) << "without antialias";
  EXPECT_EQ(shrink(Chain(400, 300).linear(0.5, 0).resize(100, 75)), 1) << "not the first";
  EXPECT_EQ(shrink(Chain(400, 300)), 1);
}

TEST(RasterShrink, AWholeFactorIsACopyOfWhatIsDecoded) {
  const Chain chain = Chain(403, 301).crop(0, 0, 400, 300).resize(100, 75);
  const RasterPlan plan = scaled(chain);
  ASSERT_EQ(plan.shrink, 4);
  EXPECT_EQ(plan.source.size(), (Size{101, 76}));
  EXPECT_EQ(plan.read, (Region{0, 0, 100, 75}));
  const Raster decoded_small = block_means(random_image(chain.source(), 4), 4);
  const Raster made = run_reference(plan, decoded_small.view());
  EXPECT_TRUE(same_pixels(made.view(), decoded(decoded_small, plan.read).view()) || largest_difference(made, decoded(decoded_small, plan.read)) == 0);
  EXPECT_TRUE(same_pixels(run_fast(plan, decoded_small.view()).view(), made.view()));
}

/// Slow waves look alike at every size, so a picture that had moved by a part of a pixel would show.
TEST(RasterShrink, PicturesStayWhereTheyWere) {
  Draws draw(77);
  int shrunk_plans = 0;
  for (int trial = 0; trial < 200; ++trial) {
    const RasterShape shape{draw.integer(150, 300), draw.integer(150, 300), 3};
    Chain chain(shape);
    const Border border{BorderKind::edge, {}};
    switch (draw.integer(0, 3)) {
      case 0: chain.resize(draw.integer(20, 70), draw.integer(20, 70)); break;
      case 1: chain.affine(draw.real(-180, 180), draw.real(0.15, 0.45), Filter::bilinear, border); break;
      case 2: chain.crop(draw.integer(0, 20), draw.integer(0, 20), 120, 110).horizontal_flip().resize(40, 50); break;
      default: chain.elastic(20, 2, draw.seed(), border).resize(60, 50, Filter::bicubic);
    }
    chain.linear(0.9, 0.05);
    const bool fuse = draw.coin();
    const RasterPlan exact = chain.plan(fuse), plan = scaled(chain, 8, fuse);
    EXPECT_EQ(plan.out, exact.out);
    shrunk_plans += plan.shrink > 1;
    const Raster image = smooth_image(shape);
    const Raster small = block_means(image, plan.shrink);
    const Raster made = run_reference(plan, decoded(small, plan.read).view());
    EXPECT_LE(largest_difference(made, run_reference(exact, image.view())), 0.025) << trial << ": 1/" << plan.shrink;
    EXPECT_LE(largest_difference(made, run_fast(plan, decoded(small, plan.read).view())), (tolerance(plan) + 1e-9) / 255) << trial;
  }
  EXPECT_GT(shrunk_plans, 120);
}

TEST(RasterShrink, BordersLieWhereTheyDid) {
  // A third of the canvas shows what lies outside of the source, whose sides the factor does not divide.
  const Chain chain = Chain(101, 101).warp("far", Matrix3::scaling(4, 4), {40, 40}, Filter::bilinear, {BorderKind::constant, {1, 0, 0, 1}});
  const Raster image = image_of(chain.source(), [](int, int, int c) { return c == 1 ? 1.0 : 0.0; });
  const RasterPlan plan = scaled(chain);
  ASSERT_EQ(plan.shrink, 4);
  const Raster made = run_reference(plan, block_means(image, 4).view());
  EXPECT_TRUE(same_pixels(made.view(), run_reference(chain.plan(), image.view()).view()));
  EXPECT_TRUE(same_pixels(made.view(), run_fast(plan, block_means(image, 4).view()).view()));
}

}  // namespace
}  // namespace leaven::plan
