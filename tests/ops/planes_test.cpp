// Float planes: what comes in goes out, in every dtype, with what was changed and nothing else.
#include "ops/image/planes.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

TEST(PlanesOfAnImage, UnchangedPlanesAreTheSameBytes) {
  auto shapes = law_shapes();
  for (const int width : {255, 256, 257, 513}) shapes.push_back({width, 2, 3});
  for (const RasterShape& shape : shapes) {
    const Raster image = noise_picture(shape);
    EXPECT_TRUE(same_pixels(image.view(), Planes(image.view()).to_raster().view())) << describe(shape);
  }
}

TEST(PlanesOfAnImage, EveryLevelComesBack) {
  for (const Dtype dtype : {Dtype::u8, Dtype::u16}) {
    const int levels = dtype == Dtype::u8 ? 256 : 65536;
    Raster image({256, levels / 256, 1, dtype});
    for (int i = 0; i < levels; ++i) set_value(image, i % 256, i / 256, 0, i / static_cast<double>(levels - 1));
    EXPECT_TRUE(same_pixels(image.view(), Planes(image.view()).to_raster().view())) << name_of(dtype);
  }
}

TEST(PlanesOfAnImage, ValuesAreClampedAndRoundedHalfToEven) {
  Planes planes(picture(5, 1, 1, {0, 0, 0, 0, 0}).view());
  const float values[] = {-3.0f, 0.5f / 255, 1.5f / 255, 2.5f / 255, 7.0f};
  for (int x = 0; x < 5; ++x) planes[0].at(x, 0) = values[x];
  EXPECT_EQ(levels_of(planes.to_raster()), (std::vector<int>{0, 0, 2, 2, 255}));
}

TEST(PlanesOfAnImage, UnboundedFloatsAreNotClamped) {
  Raster image({2, 1, 1, Dtype::f32, false, false});
  set_value(image, 0, 0, 0, -2.5), set_value(image, 1, 0, 0, 1e20);
  EXPECT_TRUE(same_pixels(image.view(), Planes(image.view()).to_raster().view()));
}

TEST(PlanesOfAnImage, RegionsKeepTheirPlace) {
  Raster image = filled_picture({4, 3, 3}, 0.5);
  image.origin_x = 7, image.origin_y = 9;
  const Raster out = Planes(image.view()).to_raster();
  EXPECT_EQ(out.origin_x, 7);
  EXPECT_EQ(out.origin_y, 9);
}

TEST(PlanesOfAnImage, GreyIsLumaOfThreeColoursAndTheMeanOfOthers) {
  const Plane rgb = grey_of(Planes(picture(1, 1, 3, {255, 0, 51}).view()));
  EXPECT_NEAR(rgb.at(0, 0), 0.299 + 0.114 / 5, 1e-6);
  const Plane two = grey_of(Planes(picture(1, 1, 2, {255, 51}).view()));
  EXPECT_NEAR(two.at(0, 0), 0.6, 1e-6);
}

TEST(PlanesOfAnImage, MirrorDoesNotRepeatTheEdge) {
  std::vector<int> seen;
  for (int i = -4; i < 7; ++i) seen.push_back(mirrored(i, 3));
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2}));
  EXPECT_EQ(mirrored(-5, 1), 0);
}

}  // namespace
}  // namespace leaven::ops
