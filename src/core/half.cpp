#include "core/half.hpp"

#include <bit>
#include <cmath>
#include <cstddef>

namespace leaven {

namespace {
constexpr int kFraction = 10;                ///< bits of a binary16's fraction
constexpr float kSmallestNormal = 0x1p-14F;  ///< below it, values are whole multiples of 2^−24
constexpr float kRoundsToInfinity = 65520;  ///< halfway from the largest, 65504, to what would come next
}  // namespace

float from_half(std::uint16_t half) {
  const int exponent = (half >> kFraction) & 31;
  const auto fraction = static_cast<float>(half & 1023);
  float value = 0;
  if (exponent == 31)
    value = fraction == 0 ? INFINITY : NAN;
  else if (exponent == 0)
    value = std::ldexp(fraction, -24);
  else
    value = std::ldexp(1024.0F + fraction, exponent - 25);
  return (half & 0x8000) != 0 ? -value : value;
}

std::uint16_t to_half(float value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const float size = std::fabs(value);
  if (std::isnan(value)) return sign | 0x7e00;
  if (size >= kRoundsToInfinity) return sign | 0x7c00;
  // Multiples of 2^−24 count upwards through all small halves: a carry into the exponent is the next one.
  if (size < kSmallestNormal) return static_cast<std::uint16_t>(sign | static_cast<int>(std::nearbyint(size * 0x1p24F)));
  const auto bits = std::bit_cast<std::uint32_t>(size);
  const std::uint32_t kept = bits >> (23 - kFraction), lost = bits & 0x1fff;
  const std::uint32_t up = lost > 0x1000 || (lost == 0x1000 && (kept & 1) != 0) ? 1 : 0;
  return static_cast<std::uint16_t>(sign | (kept + up - (112U << kFraction)));
}

Raster rounded_to_half(Raster image) {
  if (!image.shape().half) return image;
  auto* values = reinterpret_cast<float*>(image.data());
  for (std::size_t i = 0; i < image.shape().bytes() / sizeof(float); ++i) values[i] = from_half(to_half(values[i]));
  return image;
}

}  // namespace leaven
