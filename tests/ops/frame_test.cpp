// pad_to, crop_to, crop_and_pad, random_crop_from_borders, zoom_out.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

Size size_after(std::string_view name, Settings settings, Size in) {
  return lower_chain({in.width, in.height, 3}, make_op(name, settings)).out.size();
}

TEST(PadTo, SizesByHand) {
  EXPECT_EQ(size_after("pad_to", {{"width", 10}, {"height", 3}}, {5, 5}), (Size{10, 5}));
  EXPECT_EQ(size_after("pad_to", {{"multiple", 32}}, {33, 64}), (Size{64, 64}));
  EXPECT_EQ(size_after("pad_to", {{"aspect", 1}}, {33, 17}), (Size{33, 33}));
  EXPECT_EQ(size_after("pad_to", {{"aspect", 1.5}}, {30, 30}), (Size{45, 30}));
  EXPECT_EQ(size_after("pad_to", {{"aspect", 0.4}}, {7, 7}), (Size{7, 18})) << "17.5 up";
  EXPECT_EQ(size_after("pad_to", {{"power", 2}}, {33, 64}), (Size{64, 64}));
  EXPECT_EQ(size_after("pad_to", {{"power", 3}}, {1, 10}), (Size{1, 27}));
  EXPECT_EQ(size_after("pad_to", {{"height", 20}, {"aspect", 1}, {"multiple", 16}}, {17, 5}), (Size{32, 32}));
  EXPECT_EQ(size_after("pad_to", {}, {17, 5}), (Size{17, 5}));
}

TEST(PadTo, PlacesThePicture) {
  const Raster image = picture(2, 1, 1, {1, 2});
  EXPECT_EQ(levels_of(run("pad_to", {{"width", 5}}, image)), (Levels{0, 1, 2, 0, 0})) << "as center_crop";
  EXPECT_EQ(levels_of(run("pad_to", {{"width", 5}, {"at_x", 0}}, image)), (Levels{1, 2, 0, 0, 0}));
  EXPECT_EQ(levels_of(run("pad_to", {{"width", 5}, {"at_x", 1}}, image)), (Levels{0, 0, 0, 1, 2}));
  EXPECT_EQ(levels_of(run("pad_to", {{"width", 5}, {"border", "reflect"}}, image)), (Levels{2, 1, 2, 1, 2}));
}

TEST(CropTo, SizesByHand) {
  EXPECT_EQ(size_after("crop_to", {{"width", 10}, {"height", 3}}, {5, 5}), (Size{5, 3}));
  EXPECT_EQ(size_after("crop_to", {{"multiple", 32}}, {65, 63}), (Size{64, 32}));
  EXPECT_EQ(size_after("crop_to", {{"multiple", 32}}, {65, 7}), (Size{64, 7})) << "never to nothing";
  EXPECT_EQ(size_after("crop_to", {{"aspect", 1}}, {33, 17}), (Size{17, 17}));
  EXPECT_EQ(size_after("crop_to", {{"aspect", 0.4}}, {7, 7}), (Size{2, 7})) << "2.8 down";
  EXPECT_EQ(size_after("crop_to", {{"aspect", 100}}, {7, 7}), (Size{7, 1}));
  EXPECT_EQ(size_after("crop_to", {{"power", 2}}, {33, 63}), (Size{32, 32}));
  EXPECT_EQ(size_after("crop_to", {}, {33, 63}), (Size{33, 63}));
}

TEST(CropTo, PlacesTheWindow) {
  const Raster image = picture(5, 1, 1, {1, 2, 3, 4, 5});
  EXPECT_EQ(levels_of(run("crop_to", {{"width", 2}}, image)), (Levels{2, 3})) << "as center_crop";
  EXPECT_EQ(levels_of(run("crop_to", {{"width", 2}, {"at_x", 0}}, image)), (Levels{1, 2}));
  EXPECT_EQ(levels_of(run("crop_to", {{"width", 2}, {"at_x", 1}}, image)), (Levels{4, 5}));
}

TEST(CropAndPad, MovesEachSide) {
  const Raster image = picture(4, 1, 1, {1, 2, 3, 4});
  const auto framed = [&](double left, double right) {
    return levels_of(run("crop_and_pad", {{"left", left}, {"right", right}, {"keep_size", false}}, image));
  };
  EXPECT_EQ(framed(0.25, -0.25), (Levels{0, 1, 2, 3}));
  EXPECT_EQ(framed(-0.25, 0.5), (Levels{2, 3, 4, 0, 0}));
  EXPECT_EQ(framed(-0.49, -0.49), (Levels{2, 3})) << "1.96 px count as 1";
}

TEST(CropAndPad, KeepsTheSize) {
  const Raster image = picture(4, 2, 1, {10, 20, 30, 40, 50, 60, 70, 80});
  const Raster out = run("crop_and_pad", {{"left", -0.25}, {"right", -0.25}, {"filter", "nearest"}}, image);
  EXPECT_EQ(levels_of(out), (Levels{20, 20, 30, 30, 60, 60, 70, 70}));
}

TEST(CropAndPad, NothingIsLeftOverOfNoPicture) {
  for (int side = 1; side < 30; ++side) {
    const Size size = size_after("random_crop_from_borders",
                                 {{"left", 0.49}, {"right", 0.49}, {"top", 0.49}, {"bottom", 0.49}}, {side, side});
    EXPECT_GE(size.width, 1) << side;
    EXPECT_EQ(size.width, size.height) << side;
  }
}

TEST(RandomCropFromBorders, CutsByHand) {
  const Raster image = picture(5, 1, 1, {1, 2, 3, 4, 5});
  EXPECT_EQ(levels_of(run("random_crop_from_borders", {{"left", 0.2}, {"right", 0.4}}, image)), (Levels{2, 3}));
}

TEST(ZoomOut, LaysThePictureOnALargerCanvas) {
  const Raster image = picture(2, 1, 1, {1, 2});
  EXPECT_EQ(levels_of(run("zoom_out", {{"ratio", 2}, {"at_x", 0.5}, {"at_y", 0}}, image)),
            (Levels{0, 1, 2, 0, 0, 0, 0, 0}));
  EXPECT_EQ(
      levels_of(run("zoom_out", {{"ratio", 2}, {"at_x", 1}, {"at_y", 1}, {"fill", std::vector<double>{1.0}}}, image)),
      (Levels{255, 255, 255, 255, 255, 255, 1, 2}));
}

}  // namespace
}  // namespace leaven::ops
