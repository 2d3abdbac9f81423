#include "ops/image/random_plane.hpp"

#include <gtest/gtest.h>

namespace leaven::ops {
namespace {

TEST(UniformSpots, AreThePixelsBelowAShare) {
  const Key key{17, 23};
  for (const float share : {0.0f, 1e-9f, 0.004f, 0.5f, 1.0f}) {
    constexpr int kWidth = 300, kHeight = 41;
    const Plane plane = uniform_plane(kWidth, kHeight, key);
    const std::vector<Spot> spots = uniform_spots(kWidth, kHeight, share, key);
    auto spot = spots.begin();
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x) {
        if (!(plane.at(x, y) < share)) continue;
        ASSERT_NE(spot, spots.end());
        EXPECT_EQ(spot->x, x);
        EXPECT_EQ(spot->y, y);
        EXPECT_EQ(spot->value, plane.at(x, y));
        ++spot;
      }
    EXPECT_EQ(spot, spots.end()) << share;
  }
}

}  // namespace
}  // namespace leaven::ops
