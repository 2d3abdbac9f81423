#include "core/raster.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <vector>

namespace leaven {
namespace {

template <class T>
Raster image_of(int channels, bool alpha, const std::vector<T>& values) {
  constexpr Dtype kDtype = sizeof(T) == 1 ? Dtype::u8 : sizeof(T) == 2 ? Dtype::u16 : Dtype::f32;
  const int pixels = static_cast<int>(values.size()) / channels;
  Raster image({.width = pixels, .height = 1, .channels = channels, .dtype = kDtype, .alpha = alpha});
  std::copy(values.begin(), values.end(), image.row<T>(0));
  return image;
}

template <class T>
std::vector<T> values_of(const Raster& image) {
  const RasterShape& s = image.shape();
  return {image.row<T>(0), image.row<T>(0) + s.width * s.channels};
}

TEST(Widened, GreyBecomesEqualColours) {
  const Raster wide = widened(image_of<std::uint8_t>(1, false, {7, 200}), 3);
  EXPECT_EQ(values_of<std::uint8_t>(wide), (std::vector<std::uint8_t>{7, 7, 7, 200, 200, 200}));
  EXPECT_FALSE(wide.shape().alpha);
}

TEST(Widened, AlphaThatWasNotThereIsOpaque) {
  EXPECT_EQ(values_of<std::uint8_t>(widened(image_of<std::uint8_t>(3, false, {1, 2, 3}), 4)),
            (std::vector<std::uint8_t>{1, 2, 3, 255}));
  EXPECT_EQ(values_of<std::uint16_t>(widened(image_of<std::uint16_t>(1, false, {500}), 4)),
            (std::vector<std::uint16_t>{500, 500, 500, 65535}));
  EXPECT_EQ(values_of<float>(widened(image_of<float>(3, false, {0.1f, 0.2f, 0.3f}), 4)),
            (std::vector<float>{0.1f, 0.2f, 0.3f, 1.0f}));
  const Raster own = widened(image_of<std::uint8_t>(2, true, {9, 100, 8, 50}), 4);
  EXPECT_EQ(values_of<std::uint8_t>(own), (std::vector<std::uint8_t>{9, 9, 9, 100, 8, 8, 8, 50}));
  EXPECT_TRUE(own.shape().alpha);
}

TEST(Widened, OthersStayAsTheyAre) {
  for (const auto& [channels, alpha, asked] :
       std::vector<std::tuple<int, bool, int>>{{3, false, 3}, {4, true, 3}, {3, false, 1}, {1, false, 0}, {2, true, 3},
                                               {2, false, 3}, {4, false, 4}, {1, false, 2}, {1, false, 5}}) {
    const RasterShape shape{.width = 2, .height = 1, .channels = channels, .alpha = alpha};
    EXPECT_EQ(widened(shape, asked), shape) << channels << alpha << asked;
  }
}

}  // namespace
}  // namespace leaven
