// horizontal_flip, vertical_flip, transpose, rotate90, d4.
#include <gtest/gtest.h>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

Raster numbered() { return picture(3, 2, 1, {1, 2, 3, 4, 5, 6}); }

TEST(Flip, MovesPixelsByHand) {
  EXPECT_EQ(levels_of(run("horizontal_flip", {}, numbered())), (Levels{3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(levels_of(run("vertical_flip", {}, numbered())), (Levels{4, 5, 6, 1, 2, 3}));
  const Raster transposed = run("transpose", {}, numbered());
  EXPECT_EQ(transposed.shape().size(), (Size{2, 3}));
  EXPECT_EQ(levels_of(transposed), (Levels{1, 4, 2, 5, 3, 6}));
}

TEST(Flip, QuarterTurnsAreCounterClockwise) {
  const Raster once = run("rotate90", {{"times", 1}}, numbered());
  EXPECT_EQ(once.shape().size(), (Size{2, 3}));
  EXPECT_EQ(levels_of(once), (Levels{3, 6, 2, 5, 1, 4}));
  EXPECT_EQ(levels_of(run("rotate90", {{"times", 2}}, numbered())), (Levels{6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(levels_of(run("rotate90", {{"times", 3}}, numbered())), (Levels{4, 1, 5, 2, 6, 3}));
}

TEST(Flip, Case1TwoFlipsAndFourQuarterTurnsAreNothing) {
  for (const RasterShape& shape : law_shapes()) {
    const Raster image = noise_picture(shape);
    for (const char* name : {"horizontal_flip", "vertical_flip", "transpose"}) {
      const Chain twice = lower_chain(shape, {make_op(name), make_op(name)});
      EXPECT_TRUE(same_pixels(run(twice, image).view(), image.view())) << name << " on " << describe(shape);
      EXPECT_EQ(twice.map({{24.5, 3.25}})[0].x, 24.5) << name;
    }
    const OpValue turn = make_op("rotate90", {{"times", 1}});
    const Chain four = lower_chain(shape, {turn, turn, turn, turn});
    EXPECT_TRUE(same_pixels(run(four, image).view(), image.view())) << describe(shape);
  }
}

TEST(Flip, TransposeThenVerticalFlipIsAQuarterTurn) {
  const Raster image = noise_picture({33, 17, 3});
  const Raster two = run(lower_chain(image.shape(), {make_op("transpose"), make_op("vertical_flip")}), image);
  EXPECT_TRUE(same_pixels(two.view(), run("rotate90", {{"times", 1}}, image).view()));
}

TEST(Flip, Case1PointsMoveInTheContinuousFrame) {
  const RasterShape shape{25, 10, 1};
  EXPECT_EQ(lower_chain(shape, make_op("horizontal_flip")).map({{24.5, 0.5}})[0].x, 0.5);
  EXPECT_EQ(lower_chain(shape, make_op("vertical_flip")).map({{24.5, 0.5}})[0].y, 9.5);
  const Point corner = lower_chain(shape, make_op("rotate90", {{"times", 1}})).map({{25, 0}})[0];
  EXPECT_EQ(corner.x, 0);
  EXPECT_EQ(corner.y, 0);
}

TEST(D4, EveryElementByHand) {
  // 1 2 3
  // 4 5 6
  const std::vector<Levels> wanted{{1, 2, 3, 4, 5, 6}, {3, 6, 2, 5, 1, 4}, {6, 5, 4, 3, 2, 1}, {4, 1, 5, 2, 6, 3},
                                   {3, 2, 1, 6, 5, 4}, {4, 5, 6, 1, 2, 3}, {1, 4, 2, 5, 3, 6}, {6, 3, 5, 2, 4, 1}};
  for (int element = 0; element < 8; ++element) {
    const Raster out = run("d4", {{"element", element}}, numbered());
    const bool swapped = element == 1 || element == 3 || element >= 6;
    EXPECT_EQ(out.shape().size(), (swapped ? Size{2, 3} : Size{3, 2})) << element;
    EXPECT_EQ(levels_of(out), wanted[static_cast<std::size_t>(element)]) << element;
  }
}

TEST(D4, IsAGroup) {
  // Any two elements one after the other are a third.
  const Raster image = noise_picture({5, 5, 1});
  std::vector<Raster> all;
  for (int e = 0; e < 8; ++e) all.push_back(run("d4", {{"element", e}}, image));
  for (int a = 0; a < 8; ++a)
    for (int b = 0; b < 8; ++b) {
      const Raster two = run("d4", {{"element", b}}, all[static_cast<std::size_t>(a)]);
      int equal = 0;
      for (const Raster& one : all) equal += same_pixels(one.view(), two.view());
      EXPECT_EQ(equal, 1) << a << " then " << b;
    }
}

}  // namespace
}  // namespace leaven::ops
