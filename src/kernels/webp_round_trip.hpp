// What lossy WebP leaves of a picture.
#pragma once

#include <cstdint>
#include <vector>

namespace leaven::kernels {

/// 8-bit RGB, rows packed, through libwebp's lossy coder (quality 0…100, default effort) and back, in place. Throws
/// Error(usage) above 16383 px a side, Error(environment) when memory runs out.
void webp_round_trip(std::vector<std::uint8_t>& rgb, int width, int height, double quality);

}  // namespace leaven::kernels
