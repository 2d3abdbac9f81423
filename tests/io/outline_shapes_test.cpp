// Masks to outlines and back.
#include "io/outline_shapes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "core/key.hpp"

namespace leaven::io {
namespace {

/// '#' is set; rows one after the other.
RunLengths mask_of(const std::vector<std::string>& rows) {
  Raster mask({static_cast<int>(rows[0].size()), static_cast<int>(rows.size()), 1, Dtype::u8});
  for (int y = 0; y < mask.shape().height; ++y)
    for (int x = 0; x < mask.shape().width; ++x)
      mask.row<std::uint8_t>(y)[x] = rows[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)] == '#';
  return RunLengths::of(mask.view());
}

std::vector<std::pair<double, double>> pairs_of(const Outline& outline) {
  std::vector<std::pair<double, double>> pairs;
  for (const Point& p : outline) pairs.emplace_back(p.x, p.y);
  return pairs;
}

TEST(Traced, ASquareIsItsFourCornersFromTheFirstTurn) {
  const auto outlines = traced(mask_of({"....", ".##.", ".##.", "...."}));
  ASSERT_EQ(outlines.size(), 1U);
  EXPECT_EQ(pairs_of(outlines[0]), (std::vector<std::pair<double, double>>{{3, 1}, {3, 3}, {1, 3}, {1, 1}}));
  EXPECT_EQ(signed_area(outlines[0]), 4);
}

TEST(Traced, PartsThatTouchAtCornersAreTwo) {
  EXPECT_EQ(traced(mask_of({"#.", ".#"})).size(), 2U);
  EXPECT_EQ(traced(mask_of({".#", "#."})).size(), 2U);
  EXPECT_EQ(traced(mask_of({"##", ".#"})).size(), 1U);
  EXPECT_TRUE(traced(mask_of({"..", ".."})).empty());
}

TEST(Traced, AHoleIsCutOut) {
  const RunLengths ring = mask_of({"#####", "#...#", "#.#.#", "#...#", "#####"});
  const auto outlines = traced(ring);
  ASSERT_EQ(outlines.size(), 2U) << "the ring, and the island in it";
  EXPECT_EQ(signed_area(outlines[0]), 16);
  EXPECT_EQ(signed_area(outlines[1]), 1);
  EXPECT_EQ(filled(outlines, {5, 5}).counts, ring.counts);
}

TEST(Traced, AnyMaskComesBackAndHasItsArea) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const int width = 1 + static_cast<int>(seed % 13), height = 1 + static_cast<int>(seed % 7);
    Raster mask({width, height, 1, Dtype::u8});
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        mask.row<std::uint8_t>(y)[x] = random_block({seed, 1}, static_cast<std::uint64_t>(y * width + x))[0] % 3 != 0;
    const RunLengths runs = RunLengths::of(mask.view());
    const auto outlines = traced(runs);
    double area = 0;
    for (const Outline& outline : outlines) area += signed_area(outline);
    EXPECT_EQ(area, static_cast<double>(runs.area())) << seed;
    EXPECT_EQ(filled(outlines, {width, height}).counts, runs.counts) << seed;
    if (outlines.empty()) continue;
    const Outline whole = joined(outlines);
    EXPECT_EQ(signed_area(whole), static_cast<double>(runs.area())) << seed;
    EXPECT_EQ(filled({whole}, {width, height}).counts, runs.counts) << seed;
    EXPECT_EQ(box_of(runs), bounds_of(whole)) << seed;
  }
}

TEST(Filled, PixelsWhoseCentresLieInside) {
  // The triangle x + y ≤ 3: centres at (0.5, 0.5), (1.5, 0.5), (0.5, 1.5) lie inside; (2.5, 0.5) lies on its edge,
  // which belongs to what is right of it.
  EXPECT_EQ(filled({{{0, 0}, {3, 0}, {0, 3}}}, {4, 4}).area(), 3U);
  EXPECT_EQ(filled({{{-5, -5}, {9, -5}, {9, 9}, {-5, 9}}}, {4, 3}).area(), 12U) << "outside is cut off";
  EXPECT_EQ(filled({{{0, 0}, {2, 0}, {2, 2}, {0, 2}}, {{1, 1}, {3, 1}, {3, 3}, {1, 3}}}, {4, 4}).area(), 7U)
      << "overlap counts once";
}

TEST(Joined, OutlinesOfEitherDirection) {
  const Outline a{{0, 0}, {2, 0}, {2, 2}, {0, 2}}, b{{5, 0}, {5, 1}, {6, 1}, {6, 0}};
  EXPECT_EQ(signed_area(b), -1);
  EXPECT_EQ(signed_area(joined({a, b})), 5);
  EXPECT_EQ(filled({joined({a, b})}, {8, 3}).area(), 5U);
}

TEST(BoxOf, WhateverIsMarked) {
  Instance instance;
  EXPECT_FALSE(box_of(instance));
  instance.keypoints = {{{3, 4}, 2, {}, {}}, {{9, 9}, 0, {}, {}}, {{5, 1}, 1, {}, {}}};
  EXPECT_EQ(box_of(instance), (Box{3, 1, 5, 4}));
  instance.mask = mask_of({"...", ".##", "..."});
  EXPECT_EQ(box_of(instance), (Box{1, 1, 3, 2}));
  instance.outlines = {{{0, 0}, {2, 0}, {2, 2}}};
  EXPECT_EQ(box_of(instance), (Box{0, 0, 2, 2}));
  instance.box = Box{1, 2, 3, 4};
  EXPECT_EQ(box_of(instance), (Box{1, 2, 3, 4}));
}

}  // namespace
}  // namespace leaven::io
