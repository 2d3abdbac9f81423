#include "core/annotation.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace leaven {
namespace {

TEST(Annotation, AreasAndBounds) {
  EXPECT_DOUBLE_EQ(signed_area({{0, 0}, {4, 0}, {4, 3}, {0, 3}}), 12);
  EXPECT_DOUBLE_EQ(signed_area({{0, 3}, {4, 3}, {4, 0}, {0, 0}}), -12);
  EXPECT_DOUBLE_EQ(signed_area({{1e9, 1e9}, {1e9 + 2, 1e9}, {1e9, 1e9 + 1}}), 1);
  EXPECT_EQ(bounds_of({{3, 7}, {-1, 2}, {5, 4}}), (Box{-1, 2, 5, 7}));
  EXPECT_FALSE(bounds_of({}));
  EXPECT_EQ((Box{5, 0, 3, 4}).area(), 0) << "inside out";
  EXPECT_DOUBLE_EQ((Box{0, 0, 60000, 60000}).area(), 3.6e9) << "no 32-bit overflow";
}

TEST(Annotation, RunsGoDownColumnsAndBeginWithZeros) {
  Raster mask({3, 2, 1, Dtype::u8});
  const std::uint8_t rows[2][3] = {{1, 0, 7}, {1, 1, 0}};
  for (int y = 0; y < 2; ++y)
    for (int x = 0; x < 3; ++x) mask.row<std::uint8_t>(y)[x] = rows[y][x];
  const RunLengths runs = RunLengths::of(mask.view());
  EXPECT_EQ(runs.counts, (std::vector<std::uint32_t>{0, 2, 1, 2, 1}));
  EXPECT_EQ(runs.area(), 4U);
  const Raster again = runs.to_raster();
  for (int y = 0; y < 2; ++y)
    for (int x = 0; x < 3; ++x) EXPECT_EQ(again.row<std::uint8_t>(y)[x], rows[y][x] != 0);
  EXPECT_THROW((RunLengths{3, 2, {1, 2}}).to_raster(), Error);
  EXPECT_THROW((RunLengths{0, 0, {}}).to_raster(), Error);
}

TEST(Annotation, LeftAndRightChangePlacesByName) {
  using Numbers = std::vector<std::uint32_t>;
  EXPECT_EQ(mirrored_by_name({"nose", "left_eye", "right_eye"}), (Numbers{0, 2, 1}));
  EXPECT_EQ(mirrored_by_name({"Left Ear", "Right Ear", "leftover"}), (Numbers{1, 0, 2}));
  EXPECT_EQ(mirrored_by_name({"eye.L", "eye.R", "elbow"}), (Numbers{1, 0, 2}));
  EXPECT_EQ(mirrored_by_name({"l_knee", "tail", "r_knee"}), (Numbers{2, 1, 0}));
  EXPECT_EQ(mirrored_by_name({"nose", "tail"}), Numbers{});
  EXPECT_EQ(mirrored_by_name({}), Numbers{});
}

}  // namespace
}  // namespace leaven
