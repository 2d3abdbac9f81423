// Pixels from one place to another, whatever their dtype: `size` is a pixel's bytes, 1…16.
#pragma once

#include <cstddef>
#include <cstdint>

namespace leaven::kernels {

/// Calls function.operator()<size>() for the bytes of a pixel: 1…4 channels of 1, 2 or 4 bytes.
template <class Function>
void with_pixel_size(int size, const Function& function) {
  switch (size) {
    case 1: return function.template operator()<1>();
    case 2: return function.template operator()<2>();
    case 3: return function.template operator()<3>();
    case 4: return function.template operator()<4>();
    case 6: return function.template operator()<6>();
    case 8: return function.template operator()<8>();
    case 12: return function.template operator()<12>();
    default: return function.template operator()<16>();
  }
}

/// out[i] = last[−i]: `last` is the first pixel wanted, the others lie before it.
void copy_backward(const std::byte* last, int size, std::size_t count, std::byte* out);
/// The same for `rows` rows, each with its own `last`, to rows that lie `stride` bytes apart.
void copy_rows_backward(const std::byte* const* last, int rows, int size, std::size_t count, std::byte* out, std::size_t stride);
/// out[i] = pixel
void repeat_pixel(const std::byte* pixel, int size, std::size_t count, std::byte* out);
/// out[i] = row[index[i]]
void copy_indexed(const std::byte* row, const std::int32_t* index, int size, std::size_t count, std::byte* out);
/// out row r, pixel i = rows[i], pixel column + r·step (step ±1); `height` out rows that lie `stride` bytes apart.
void copy_transposed(const std::byte* const* rows, std::ptrdiff_t column, int step, int size, std::size_t count, int height,
                     std::byte* out, std::ptrdiff_t stride);

}  // namespace leaven::kernels
