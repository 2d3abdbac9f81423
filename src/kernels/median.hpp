// Medians of square windows on rows of samples.
#pragma once

#include <cstddef>
#include <cstdint>

namespace leaven::kernels {

/// Samples behind the last one that vector loads and stores may touch.
inline constexpr std::size_t kMedianSlack = 64;

/// Largest side of a window of bytes here: counts of its values must fit into a byte.
inline constexpr int kLargestMedianSide = 15;

/// out[i] = median of rows[j][i + step·k] for j, k < side. `step` is the distance of neighbours: the channels of
/// interleaved pixels. side 3 or 5; for bytes any odd one up to kLargestMedianSide.
void median_row(const std::uint8_t* const* rows, int side, int step, std::size_t count, std::uint8_t* out);
void median_row(const std::uint16_t* const* rows, int side, int step, std::size_t count, std::uint16_t* out);
void median_row(const float* const* rows, int side, int step, std::size_t count, float* out);

}  // namespace leaven::kernels
