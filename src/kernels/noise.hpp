// Rows of noise, equal bit for bit to the definition in noise_definition.hpp.
#pragma once

#include <cstdint>

#include "core/key.hpp"
#include "kernels/pixels.hpp"

namespace leaven::kernels {

/// Standard normal noise of the pixels [x, x + count) of row y. x a multiple of 64; writes up to the next multiple of
/// 64, at most kSegment.
void gaussian_row(Key key, int x, int y, int channel, int count, float* out);

/// The random words of the same pixels, x as above: uniform over 32 bits.
void word_row(Key key, int x, int y, int channel, int count, std::uint32_t* out);

/// Replaces a share of the pixels [x, x + count) of row y by `salted` or `peppered` in the first `colours` planes; x as
/// above.
void salt_pepper_row(Key key, int x, int y, double amount, double salt, const std::array<float, 4>& salted,
                     const std::array<float, 4>& peppered, int colours, int count, const Planes& planes);

}  // namespace leaven::kernels
