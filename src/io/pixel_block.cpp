#include "io/pixel_block.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <span>

#include "core/error.hpp"
#include "core/half.hpp"

namespace leaven::io {

namespace {

template <class T>
T load(const std::byte* from, bool big_endian) {
  std::byte bytes[sizeof(T)];
  if (big_endian)
    std::reverse_copy(from, from + sizeof(T), bytes);
  else
    std::copy_n(from, sizeof(T), bytes);
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

template <class Out, class Convert>
void spread(const PixelBlock& block, const Bytes& raw, Raster& into, const Convert& convert) {
  const RasterShape& s = block.shape;
  const std::size_t step = bytes_of(block.element);
  auto* out = reinterpret_cast<Out*>(into.data());
  const auto pixels = static_cast<std::size_t>(s.width) * static_cast<std::size_t>(s.height);
  const auto channels = static_cast<std::size_t>(s.channels);
  for (std::size_t p = 0; p < pixels; ++p)
    for (std::size_t c = 0; c < channels; ++c)
      out[p * channels + c] = convert(raw.data() + (block.planar ? c * pixels + p : p * channels + c) * step);
}

static_assert(std::endian::native == std::endian::little, "elements are swapped as if this machine were little-endian");

}  // namespace

std::size_t bytes_of(Element element) {
  switch (element) {
    case Element::u8: return 1;
    case Element::u16:
    case Element::f16: return 2;
    case Element::f32: return 4;
    case Element::f64: return 8;
  }
  return 0;
}

Dtype dtype_of(Element element) {
  return element == Element::u8 ? Dtype::u8 : element == Element::u16 ? Dtype::u16 : Dtype::f32;
}

std::uint64_t PixelBlock::image_bytes() const {
  return static_cast<std::uint64_t>(shape.width) * static_cast<std::uint64_t>(shape.height) *
         static_cast<std::uint64_t>(shape.channels) * bytes_of(element);
}

Raster read_pixels(const InputFile& file, const PixelBlock& block, std::uint64_t offset) {
  const std::uint64_t size = block.image_bytes();
  if (offset > file.size() || size > file.size() - offset)
    throw data_error(printable(file.path().native()) + ": ends before this image");
  Raster image(block.shape);
  const bool as_stored =
      block.element == Element::u8 || (!block.big_endian && bytes_of(block.element) == bytes_of(block.shape.dtype));
  if (as_stored && block.element != Element::f16 && (!block.planar || block.shape.channels == 1)) {
    file.read(offset, {image.data(), size});
    return image;
  }
  const Bytes raw = file.read_bytes(offset, size);
  const bool big = block.big_endian;
  switch (block.element) {
    case Element::u8: spread<std::byte>(block, raw, image, [](const std::byte* p) { return *p; }); break;
    case Element::u16:
      spread<std::uint16_t>(block, raw, image, [big](const std::byte* p) { return load<std::uint16_t>(p, big); });
      break;
    case Element::f16:
      spread<float>(block, raw, image, [big](const std::byte* p) { return from_half(load<std::uint16_t>(p, big)); });
      break;
    case Element::f32:
      spread<float>(block, raw, image, [big](const std::byte* p) { return load<float>(p, big); });
      break;
    case Element::f64:
      spread<float>(block, raw, image, [big](const std::byte* p) { return static_cast<float>(load<double>(p, big)); });
      break;
  }
  return image;
}

bool lies_in_unit_range(const InputFile& file, const PixelBlock& block, std::uint64_t images) {
  constexpr std::uint64_t kLookedAt = 256;
  const std::uint64_t looked_at = std::min(images, kLookedAt);
  for (std::uint64_t i = 0; i < looked_at; ++i) {
    const Raster image = read_pixels(file, block, block.offset + i * images / looked_at * block.image_bytes());
    const std::span values(reinterpret_cast<const float*>(image.data()), image.shape().bytes() / sizeof(float));
    if (!std::ranges::all_of(values, [](float v) { return v >= 0 && v <= 1; })) return false;
  }
  return true;
}

std::optional<ImageDimensions> image_dimensions(std::span<const std::uint64_t> d) {
  constexpr std::uint64_t kLongestSide = 1 << 20;
  const auto colours = [](std::uint64_t n) { return n >= 1 && n <= 4; };
  const auto channels = [](std::uint64_t n) { return n <= static_cast<std::uint64_t>(kMostChannels); };
  if (std::ranges::any_of(d, [](std::uint64_t n) { return n == 0 || n > kLongestSide; })) return std::nullopt;
  const auto at = [&](std::size_t i) { return static_cast<int>(d[i]); };
  if (d.size() == 2) return ImageDimensions{at(0), at(1), 1, false};
  if (d.size() == 3 && colours(d[2])) return ImageDimensions{at(0), at(1), at(2), false};
  if (d.size() == 3 && colours(d[0])) return ImageDimensions{at(1), at(2), at(0), true};
  // More channels: pictures are larger than they are deep, and interleaved where that does not decide.
  if (d.size() == 3 && channels(d[2]) && d[2] <= d[0]) return ImageDimensions{at(0), at(1), at(2), false};
  if (d.size() == 3 && channels(d[0])) return ImageDimensions{at(1), at(2), at(0), true};
  return std::nullopt;
}

}  // namespace leaven::io
