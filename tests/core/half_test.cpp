// float16 by its definition: 1 sign, 5 exponent, 10 fraction bits.
#include "core/half.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace leaven {
namespace {

TEST(Half, EveryOneComesBack) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = from_half(half);
    if (std::isnan(value)) EXPECT_TRUE(std::isnan(from_half(to_half(value)))) << bits;
    else EXPECT_EQ(to_half(value), half) << bits;
  }
}

TEST(Half, KnownValues) {
  EXPECT_EQ(from_half(0x3c00), 1.0F);
  EXPECT_EQ(from_half(0xc000), -2.0F);
  EXPECT_EQ(from_half(0x7bff), 65504.0F);
  EXPECT_EQ(from_half(0x0001), 0x1p-24F);
  EXPECT_EQ(to_half(1.0F / 3), 0x3555);
  EXPECT_EQ(to_half(std::numeric_limits<float>::infinity()), 0x7c00);
  EXPECT_EQ(to_half(-1e30F), 0xfc00);
}

TEST(Half, RoundsToTheNearestAndHalfToEven) {
  // Between two neighbours: below, at and above the middle.
  for (std::uint16_t half : {0x0000, 0x0001, 0x03fe, 0x03ff, 0x0400, 0x3bff, 0x3c00, 0x3c01, 0x7bfe}) {
    const float low = from_half(half), high = from_half(static_cast<std::uint16_t>(half + 1)), middle = (low + high) / 2;
    EXPECT_EQ(to_half(std::nextafter(middle, low)), half) << half;
    EXPECT_EQ(to_half(std::nextafter(middle, high)), half + 1) << half;
    EXPECT_EQ(to_half(middle), half % 2 == 0 ? half : half + 1) << half;
  }
  EXPECT_EQ(to_half(65519.99F), 0x7bff);
  EXPECT_EQ(to_half(65520.0F), 0x7c00);
}

}  // namespace
}  // namespace leaven
