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

namespace {

constexpr std::size_t kSmallBytes = 16 << 10;  // a third of a processor's first cache

}  // namespace

kernels::PixelRows filter_rows(const Input& input, int columns, Arena& arena) {
  const Region& held = input.held;
  const std::size_t size = input.shape.pixel_bytes();
  const std::size_t row_bytes = size * static_cast<std::size_t>(held.width);
  const auto height = static_cast<std::size_t>(held.height);
  const auto** rows = arena.take<const std::byte*>(height);
  kernels::PixelRows made{rows, held.x, held.y, held.x + held.width, held.y + held.height, input.shape.channels, input.shape.dtype, input.shape.alpha, 1, input.stride};

  // What has no slack is copied: all rows of what is narrow or small, which lie evenly then, else those at the end of the memory.
  const auto copy = [&](std::size_t first, std::size_t count, std::size_t stride) {
    auto* to = arena.take<std::byte>(count * stride + kernels::kRowSlack);
    std::memset(to + count * stride, 0, kernels::kRowSlack);
    const bool on_end = input.stride == static_cast<std::ptrdiff_t>(stride);
    if (on_end) std::memcpy(to, rows[first], count * stride);
    for (std::size_t y = 0; y < count; ++y, to += stride) {
      if (!on_end) std::copy_n(rows[first + y], row_bytes, to), std::fill(to + row_bytes, to + stride, std::byte{});
      rows[first + y] = to;
    }
  };
  for (std::size_t y = 0; y < height; ++y) rows[y] = input.row(held.y + static_cast<int>(y));
  const std::size_t padded = size * static_cast<std::size_t>(std::max(columns, held.width));
  if (held.width < columns || padded * height <= kSmallBytes) {
    copy(0, height, padded);
    made.stride = static_cast<std::ptrdiff_t>(padded);
    made.even_rows = held.height;
    return made;
  }
  const std::byte* end = std::max(rows[0], rows[height - 1]) + row_bytes;
  for (std::size_t y = 0; y < height; ++y)
    if (rows[y] + row_bytes + kernels::kRowSlack > end) copy(y, 1, row_bytes);
  while (made.even_rows < held.height && rows[made.even_rows] == rows[made.even_rows - 1] + input.stride) ++made.even_rows;
  return made;
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
