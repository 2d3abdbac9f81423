// What a pass reads, and fill colours.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "plan/raster/run_fast.hpp"

namespace leaven::plan::fast {

Input Input::of(const RasterView& view, const RasterShape& whole) {
  return {view.data, view.stride, whole, {view.origin_x, view.origin_y, view.shape.width, view.shape.height}, 0};
}

Input Input::part_of(const RasterView& view, const RasterShape& whole, const Region& region) {
  Input input = of(view, whole);
  input.data += input.stride * (region.y - input.held.y) +
                static_cast<std::ptrdiff_t>(whole.pixel_bytes()) * (region.x - input.held.x);
  input.held = region;
  return input;
}

kernels::PixelRows filter_rows(const Input& input, int columns, Arena& arena) {
  const Region& held = input.held;
  const std::size_t size = input.shape.pixel_bytes();
  const std::size_t row_bytes = size * static_cast<std::size_t>(held.width);
  const std::size_t padded_bytes = size * static_cast<std::size_t>(std::max(columns, held.width)) + kernels::kRowSlack;
  const auto** rows = arena.take<const std::byte*>(static_cast<std::size_t>(held.height));
  for (int y = 0; y < held.height; ++y) rows[y] = input.row(held.y + y);

  // Rows whose slack reaches behind the last byte in memory, and all that are too narrow, are copied.
  const std::byte* end = std::max(rows[0], rows[held.height - 1]) + row_bytes;
  const bool narrow = held.width < columns;
  for (int y = 0; y < held.height; ++y) {
    if (!narrow && rows[y] + row_bytes + kernels::kRowSlack <= end) continue;
    auto* copy = arena.take<std::byte>(padded_bytes);
    std::memcpy(copy, rows[y], row_bytes);
    std::memset(copy + row_bytes, 0, padded_bytes - row_bytes);
    rows[y] = copy;
  }
  int even = 1;
  while (even < held.height && rows[even] == rows[even - 1] + input.stride) ++even;
  return {rows, held.x, held.y, held.x + held.width, held.y + held.height, input.shape.channels, input.shape.dtype,
          input.shape.alpha, even, input.stride};
}

std::array<std::byte, 16> stored_fill(const Border& border, const RasterShape& shape) {
  std::array<std::byte, 16> pixel{};
  for (std::size_t c = 0; c < static_cast<std::size_t>(shape.channels); ++c) {
    const auto fill = static_cast<double>(border.fill[c]);
    const double value = shape.bounded ? std::clamp(fill, 0.0, 1.0) : fill;
    const double level = std::nearbyint(std::clamp(value, 0.0, 1.0) * full_scale(shape.dtype));
    if (shape.dtype == Dtype::u8) {
      pixel[c] = static_cast<std::byte>(level);
    } else if (shape.dtype == Dtype::u16) {
      const auto stored = static_cast<std::uint16_t>(level);
      std::memcpy(pixel.data() + 2 * c, &stored, 2);
    } else {
      const auto stored = static_cast<float>(value);
      std::memcpy(pixel.data() + 4 * c, &stored, 4);
    }
  }
  return pixel;
}

void fill_planes(const Border& border, int channels, int from, int to, const Planes& planes) {
  for (std::size_t c = 0; from < to && c < static_cast<std::size_t>(channels); ++c)
    std::fill(planes.channel[c] + from, planes.channel[c] + to, border.fill[c]);
}

}  // namespace leaven::plan::fast
