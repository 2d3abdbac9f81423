// Folding into the decoder: what a plan asks for is all that it reads, and little more than it needs.
#include <gtest/gtest.h>

#include <cstring>

#include "core/error.hpp"
#include "tests/plan/raster_chain.hpp"

namespace leaven::plan {
namespace {

/// The region cut out of the image, as a decoder delivers it: its own memory, its place in the whole.
Raster decoded(const Raster& whole, const Region& region) {
  RasterShape shape = whole.shape();
  shape.width = region.width;
  shape.height = region.height;
  Raster part(shape);
  for (int y = 0; y < region.height; ++y)
    std::memcpy(part.row<std::byte>(y), whole.row<std::byte>(region.y + y) + shape.pixel_bytes() * static_cast<std::size_t>(region.x),
                shape.row_bytes());
  part.origin_x = region.x;
  part.origin_y = region.y;
  return part;
}

class Draws {
 public:
  explicit Draws(std::uint32_t seed) : random_(seed) {}
  int integer(int lo, int hi) { return std::uniform_int_distribution<int>(lo, hi)(random_); }
  double real(double lo, double hi) { return std::uniform_real_distribution<double>(lo, hi)(random_); }
  Border border() { return {static_cast<BorderKind>(integer(0, 4)), {0.1f, 0.5f, 0.9f, 1}}; }
  Filter filter() { return static_cast<Filter>(integer(0, 4)); }
  std::uint32_t seed() { return static_cast<std::uint32_t>(random_()); }

 private:
  std::mt19937 random_;
};

void add_random_warp(Chain& chain, Draws& draw) {
  const int w = chain.size().width, h = chain.size().height;
  switch (draw.integer(0, 8)) {
    case 0: chain.horizontal_flip(); return;
    case 1: chain.rotate90(); return;
    case 2: chain.affine(draw.real(-180, 180), draw.real(0.3, 3), draw.filter(), draw.border()); return;
    case 3: chain.resize(draw.integer(1, 40), draw.integer(1, 40), draw.filter(), draw.integer(0, 1) == 1); return;
    case 4: chain.pad(draw.integer(0, 9), draw.integer(0, 9), draw.integer(0, 9), draw.integer(0, 9), draw.border()); return;
    case 5: chain.elastic(draw.real(4, 20), draw.real(0, 4), draw.seed(), draw.border()); return;
    case 6:
      chain.perspective({Point{draw.real(-0.2, 0.3) * w, draw.real(-0.2, 0.3) * h}, Point{draw.real(0.7, 1.2) * w, draw.real(-0.2, 0.3) * h},
                         Point{draw.real(0.7, 1.2) * w, draw.real(0.7, 1.2) * h}, Point{draw.real(-0.2, 0.3) * w, draw.real(0.7, 1.2) * h}},
                        draw.filter(), draw.border());
      return;
    default: {
      const int x = draw.integer(0, w - 1), y = draw.integer(0, h - 1);
      chain.crop(x, y, draw.integer(1, w - x), draw.integer(1, h - y));
    }
  }
}

TEST(RasterDecode, ReadingOnlyTheRegionIsExact) {
  Draws draw(2024);
  int smaller = 0;
  for (int trial = 0; trial < 1000; ++trial) {
    const RasterShape shape{draw.integer(1, 60), draw.integer(1, 60), draw.integer(1, 2) == 1 ? 3 : 1};
    Chain chain(shape);
    for (int steps = draw.integer(1, 4); steps > 0; --steps) add_random_warp(chain, draw);
    chain.linear(0.9, 0.05);
    const RasterPlan plan = chain.plan(draw.integer(0, 3) > 0);
    ASSERT_FALSE(plan.read.empty());
    ASSERT_TRUE(plan.read.x >= 0 && plan.read.y >= 0 && plan.read.x + plan.read.width <= shape.width &&
                plan.read.y + plan.read.height <= shape.height);
    smaller += plan.read != Region::whole(shape.size());
    const Raster image = random_image(shape, draw.seed());
    // A pixel outside the region makes the reference throw.
    const Raster part = decoded(image, plan.read);
    EXPECT_TRUE(same_pixels(run_reference(plan, part.view()).view(), run_reference(plan, image.view()).view())) << trial;
  }
  EXPECT_GT(smaller, 300);
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
