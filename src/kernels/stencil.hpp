// Weighted sums over neighbours on rows of floats.
#pragma once

#include <cstddef>

namespace leaven::kernels {

/// out[i] = Σ weights[width·j + k]·rows[j][i + step·k], added row by row, tap by tap; counts that are no multiple of 16
/// are rounded up. `step` is the distance of neighbours: the channels of interleaved pixels.
void convolve_rows(const float* const* rows, int height, int width, const float* weights, int step, std::size_t count,
                   float* out);

/// Interleaved pixels: colour times alpha, the last of `channels`. In place.
void premultiply_interleaved(float* pixels, int channels, std::size_t count);

}  // namespace leaven::kernels
