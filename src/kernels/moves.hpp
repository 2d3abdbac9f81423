// Pixels from one place to another, whatever their dtype: `size` is a pixel's bytes, 1…16.
#pragma once

#include <cstddef>
#include <cstdint>

namespace leaven::kernels {

/// out[i] = last[−i]: `last` is the first pixel wanted, the others lie before it.
void copy_backward(const std::byte* last, int size, std::size_t count, std::byte* out);
/// out[i] = pixel
void repeat_pixel(const std::byte* pixel, int size, std::size_t count, std::byte* out);
/// out[i] = row[index[i]]
void copy_indexed(const std::byte* row, const std::int32_t* index, int size, std::size_t count, std::byte* out);
/// out row r, pixel i = rows[i], pixel column + r·step (step ±1); `height` out rows that lie `stride` bytes apart.
void copy_transposed(const std::byte* const* rows, std::ptrdiff_t column, int step, int size, std::size_t count, int height,
                     std::byte* out, std::ptrdiff_t stride);

}  // namespace leaven::kernels
