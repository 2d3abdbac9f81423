// Folding into the decoder: what a plan asks for is all that it reads, and little more than it needs.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "tests/plan/raster_draws.hpp"

namespace leaven::plan {
namespace {

TEST(RasterDecode, ReadingOnlyTheRegionIsExact) {
  Draws draw(2024);
  int smaller = 0;
  for (int trial = 0; trial < 600; ++trial) {
    const RasterShape shape{draw.integer(1, 60), draw.integer(1, 60), draw.integer(1, 2) == 1 ? 3 : 1};
    Chain chain(shape);
    for (int steps = draw.integer(1, 4); steps > 0; --steps) add_random_warp(chain, draw);
    chain.linear(0.9, 0.05);
    const RasterPlan plan = chain.plan(draw.integer(0, 3) > 0);
    ASSERT_FALSE(plan.read.empty());
    ASSERT_EQ(Region::joined(plan.read, Region::whole(shape.size())), Region::whole(shape.size()));
    smaller += plan.read != Region::whole(shape.size());
    const Raster image = random_image(shape, draw.seed()), part = decoded(image, plan.read);
    // A pixel outside the region makes the reference throw.
    const Raster from_part = run_reference(plan, part.view()), from_whole = run_reference(plan, image.view());
    EXPECT_TRUE(same_pixels(from_part.view(), from_whole.view())) << trial;
  }
  EXPECT_GT(smaller, 180);
}

TEST(RasterDecode, TheReferenceRefusesPixelsOutsideTheRegion) {
  const Chain chain = Chain(20, 20).crop(5, 5, 10, 10);
  const Raster image = random_image(chain.source(), 1);
  const Raster part = decoded(image, {6, 5, 9, 10});
  EXPECT_THROW(run_reference(chain.plan(), part.view()), Error);
}

TEST(RasterDecode, WholePixelMovesReadNotAPixelTooMany) {
  Chain crop(100, 80), turned(100, 80), padded(100, 80), folded(100, 80);
  EXPECT_EQ(crop.crop(10, 20, 30, 40).plan().read, (Region{10, 20, 30, 40}));
  EXPECT_EQ(turned.horizontal_flip().rotate90().crop(0, 0, 10, 20).plan().read, (Region{0, 0, 20, 10}));
  EXPECT_EQ(padded.crop(10, 20, 30, 40).pad(5, 5, 5, 5).crop(0, 0, 20, 20).plan().read, (Region{10, 20, 15, 15}));
  const Border reflect{BorderKind::reflect, {}};
  EXPECT_EQ(folded.crop(10, 20, 30, 40).pad(5, 0, 0, 0, reflect).plan().read, (Region{10, 20, 30, 40}));
}

TEST(RasterDecode, FiltersReadTheirReachAndLittleMore) {
  const Region read = Chain(500, 400).crop(100, 100, 224, 224).resize(112, 112).plan().read;
  // 112 centres 2 px apart from 101 to 323, each reaching 2 px to both sides.
  EXPECT_LE(read.x, 99);
  EXPECT_GE(read.x, 96);
  EXPECT_GE(read.x + read.width, 325);
  EXPECT_LE(read.x + read.width, 328);
}

TEST(RasterDecode, WhatShowsOnlyFillReadsOnePixel) {
  Chain chain(50, 50);
  chain.warp("away", Matrix3::translation(200, 0), {20, 20});
  EXPECT_EQ(chain.plan().read, (Region{0, 0, 1, 1}));
}

TEST(RasterDecode, OtherFirstPassesReadEverything) {
  const Region whole{0, 0, 50, 40};
  EXPECT_EQ(Chain(50, 40).linear(2, 0).crop(1, 1, 5, 5).plan().read, whole);
  EXPECT_EQ(Chain(50, 40).add("blur", Stencil{Separable{{1}, {1}}}).crop(1, 1, 5, 5).plan().read, whole);
  const Opaque same{[](const RasterView& view) {
                      Raster copy(view.shape);
                      std::memcpy(copy.data(), view.data, view.shape.bytes());
                      return copy;
                    },
                    true};
  EXPECT_EQ(Chain(50, 40).add("jpeg", same).crop(1, 1, 5, 5).plan().read, whole);
}

}  // namespace
}  // namespace leaven::plan
