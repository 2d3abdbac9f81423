// A colour matrix on stored bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace leaven::kernels {

/// RGB' = M·(R, G, B, 1) of interleaved bytes, in floats over 255, clamped, rounded half to even: bit for bit what
/// load_pixels(), color_matrix() and store_pixels() give one after the other.
void color_matrix_bytes(const std::uint8_t* in, std::size_t pixels, const std::array<float, 12>& m, std::uint8_t* out);

}  // namespace leaven::kernels
