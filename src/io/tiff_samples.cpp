#include "io/tiff_samples.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

#include "core/error.hpp"
#include "core/half.hpp"
#include "io/cmyk.hpp"

namespace leaven::io::tiff {

namespace {

/// Grey levels are spread over 0…255, palette indices stay.
void unpack_bits(const std::byte* in, int first, int count, const Layout& layout, std::uint8_t* out) {
  const int levels = (1 << layout.bits) - 1;
  const int scale = layout.colour == Layout::Colour::palette ? 1 : 255 / levels;
  for (int i = 0; i < count; ++i) {
    const int bit = (first + i) * layout.bits;
    const int shift = 8 - layout.bits - bit % 8;
    out[i] = static_cast<std::uint8_t>((std::to_integer<int>(in[bit / 8]) >> shift & levels) * scale);
  }
}

template <class T>
void invert(Raster& image, const Layout& layout) {
  const int colours = layout.alpha == Layout::Alpha::none ? layout.samples : layout.samples - 1;
  for (int y = 0; y < image.shape().height; ++y) {
    T* pixel = image.row<T>(y);
    for (int x = 0; x < image.shape().width; ++x, pixel += layout.samples)
      for (int c = 0; c < colours; ++c) pixel[c] = static_cast<T>(~pixel[c]);
  }
}

/// Colour before it was multiplied with alpha; where alpha is 0 nothing is known of it and it stays.
template <class T>
T divided(T colour, T alpha) {
  if (alpha == T{0}) return colour;
  if constexpr (std::is_floating_point_v<T>) {
    return colour / alpha;
  } else {
    constexpr std::uint32_t kFull = std::numeric_limits<T>::max();
    return static_cast<T>(std::min((colour * kFull + alpha / 2u) / alpha, kFull));
  }
}

template <class T>
void write_rgba(const Raster& samples, const Layout& layout, Raster& image) {
  const int colours = layout.samples - 1;  // 1 or 3
  const bool premultiplied = layout.alpha == Layout::Alpha::premultiplied;
  for (int y = 0; y < image.shape().height; ++y) {
    const T* in = samples.row<T>(y);
    T* out = image.row<T>(y);
    for (int x = 0; x < image.shape().width; ++x, in += layout.samples, out += 4) {
      const T alpha = in[colours];
      for (int c = 0; c < 3; ++c) {
        const T colour = in[colours == 1 ? 0 : c];
        out[c] = premultiplied ? divided(colour, alpha) : colour;
      }
      out[3] = alpha;
    }
  }
}

template <class T>
void write_pixels(Raster& samples, const Layout& layout, Raster& image) {
  if constexpr (!std::is_floating_point_v<T>) {
    if (layout.colour == Layout::Colour::cmyk) {
      for (int y = 0; y < image.shape().height; ++y)
        cmyk_to_rgb(samples.row<T>(y), image.row<T>(y), static_cast<std::size_t>(image.shape().width), false);
      return;
    }
  }
  write_rgba<T>(samples, layout, image);
}

void look_up(const Raster& indices, const Palette& palette, Raster& image) {
  for (int y = 0; y < image.shape().height; ++y) {
    const auto* in = indices.row<std::uint8_t>(y);
    auto* out = image.row<std::uint8_t>(y);
    for (int x = 0; x < image.shape().width; ++x, out += 3) std::memcpy(out, palette[in[x]].data(), 3);
  }
}

Raster as_floats(const Raster& halves) {
  RasterShape shape = halves.shape();
  shape.dtype = Dtype::f32;
  shape.half = true;
  Raster floats(shape);
  const auto* in = reinterpret_cast<const std::uint16_t*>(halves.data());
  auto* out = reinterpret_cast<float*>(floats.data());
  std::transform(in, in + halves.shape().bytes() / sizeof(*in), out, from_half);
  return floats;
}

}  // namespace

void copy_block(const Block& block, const Layout& layout, const Region& region, Raster& samples) {
  const int left = std::max(block.x, region.x), top = std::max(block.y, region.y);
  const int right = std::min(block.x + layout.block_width, region.x + region.width);
  const int bottom = std::min(block.y + layout.block_height, region.y + region.height);
  const std::size_t sample = bytes_of(layout.dtype), pixel = samples.shape().pixel_bytes();
  const auto count = static_cast<std::size_t>(right - left), skip = static_cast<std::size_t>(left - block.x);
  for (int y = top; y < bottom; ++y) {
    const std::byte* in = block.bytes + block.row_bytes * static_cast<std::size_t>(y - block.y);
    std::byte* out = samples.row<std::byte>(y - region.y) + pixel * static_cast<std::size_t>(left - region.x);
    if (layout.bits < 8) {
      unpack_bits(in, left - block.x, right - left, layout, reinterpret_cast<std::uint8_t*>(out));
    } else if (layout.separate) {
      out += sample * static_cast<std::size_t>(block.plane);
      for (std::size_t i = 0; i < count; ++i) std::memcpy(out + i * pixel, in + (skip + i) * sample, sample);
    } else {
      std::memcpy(out, in + skip * pixel, count * pixel);
    }
  }
}

Palette palette_of(const Input& input, const Layout& layout) {
  Palette palette{};
  if (layout.colour != Layout::Colour::palette) return palette;
  std::array<const std::uint16_t*, 3> maps{};
  if (!TIFFGetField(input.handle, TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2]))
    throw data_error("corrupt TIFF: a palette image without a palette");
  const std::size_t entries = std::size_t{1} << layout.bits;
  // Entries have 16 bits; some old programs wrote 8.
  const bool wide = std::any_of(maps.begin(), maps.end(), [&](const std::uint16_t* map) {
    return std::any_of(map, map + entries, [](std::uint16_t v) { return v > 255; });
  });
  for (std::size_t i = 0; i < entries; ++i)
    for (std::size_t c = 0; c < 3; ++c) palette[i][c] = static_cast<std::uint8_t>(wide ? maps[c][i] >> 8 : maps[c][i]);
  return palette;
}

Raster to_pixels(Raster samples, const Layout& layout, const Palette& palette) {
  if (layout.inverted) {
    if (layout.dtype == Dtype::u8) invert<std::uint8_t>(samples, layout);
    if (layout.dtype == Dtype::u16) invert<std::uint16_t>(samples, layout);
  }
  if (layout.stored.half) samples = as_floats(samples);
  RasterShape shape = layout.stored;
  shape.width = samples.shape().width;
  shape.height = samples.shape().height;
  const bool same = layout.colour == Layout::Colour::plain && shape.channels == layout.samples;
  if (same && layout.alpha != Layout::Alpha::premultiplied) {
    samples.reinterpret(shape);
    return samples;
  }
  Raster image(shape);
  if (layout.colour == Layout::Colour::palette) {
    look_up(samples, palette, image);
    return image;
  }
  switch (shape.dtype) {
    case Dtype::u8: write_pixels<std::uint8_t>(samples, layout, image); break;
    case Dtype::u16: write_pixels<std::uint16_t>(samples, layout, image); break;
    case Dtype::f32: write_pixels<float>(samples, layout, image); break;
  }
  return image;
}

}  // namespace leaven::io::tiff
