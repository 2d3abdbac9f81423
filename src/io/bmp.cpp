// Windows bitmaps: bits, palettes, masks and run lengths (Microsoft's "Bitmap Storage"). The small libraries that read them
// give memory's leftovers for colours that a palette lacks; here such a file is broken.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "io/codec_formats.hpp"

namespace leaven::io::bmp {

namespace {

enum Compression : std::uint32_t { kNone = 0, kRle8 = 1, kRle4 = 2, kMasks = 3, kMasksWithAlpha = 6 };
constexpr std::size_t kFileHeader = 14, kCoreHeader = 12, kInfoHeader = 40;

using Colour = std::array<std::uint8_t, 3>;

/// A channel of 16 or 32 bits.
struct Mask {
  std::uint32_t bits{};
  std::uint8_t of(std::uint32_t pixel) const {
    if (bits == 0) return 0;
    const int shift = std::countr_zero(bits);
    const std::uint64_t most = bits >> shift;
    return static_cast<std::uint8_t>(((static_cast<std::uint64_t>(pixel & bits) >> shift) * 255 + most / 2) / most);
  }
};

/// What a file says before its pixels.
struct Layout {
  int width{}, height{};
  bool from_top{};
  std::uint32_t bits{}, compression{};
  std::uint64_t pixels{};  ///< where they begin
  std::array<Mask, 4> masks{};
  std::vector<Colour> palette{};

  bool packed() const { return compression == kRle8 || compression == kRle4; }
  bool alpha() const { return bits > 8 && masks[3].bits != 0; }
  std::uint64_t row_bytes() const { return (static_cast<std::uint64_t>(width) * bits + 7) / 8; }
  std::uint64_t row_step() const { return (row_bytes() + 3) / 4 * 4; }
};

std::uint32_t number(BytesView file, std::size_t at, std::size_t bytes) {
  if (at + bytes > file.size()) throw data_error("truncated BMP: its header is not whole");
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value |= std::to_integer<std::uint32_t>(file[at + i]) << (8 * i);
  return value;
}

void read_masks(BytesView file, std::size_t header, Layout& layout) {
  if (layout.bits == 16) layout.masks = {Mask{0x7C00}, Mask{0x03E0}, Mask{0x001F}, Mask{}};
  if (layout.bits == 24 || layout.bits == 32) layout.masks = {Mask{0xFF0000}, Mask{0xFF00}, Mask{0xFF}, Mask{}};
  if (layout.compression != kMasks && layout.compression != kMasksWithAlpha) return;
  if (layout.bits != 16 && layout.bits != 32) throw data_error("corrupt BMP: masks for " + std::to_string(layout.bits) + " bits");
  const bool four = layout.compression == kMasksWithAlpha || header >= 56;
  for (std::size_t i = 0; i < (four ? 4U : 3U); ++i) layout.masks[i].bits = number(file, kFileHeader + kInfoHeader + 4 * i, 4);
}

void read_palette(BytesView file, std::size_t header, Layout& layout) {
  const bool core = header == kCoreHeader;
  const std::size_t entry = core ? 3 : 4, begin = kFileHeader + header;
  std::uint64_t count = std::uint64_t{1} << layout.bits;
  if (const std::uint32_t used = core ? 0 : number(file, 46, 4); used > 0) count = std::min<std::uint64_t>(count, used);
  count = std::min<std::uint64_t>(count, layout.pixels > begin ? (layout.pixels - begin) / entry : 0);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint32_t bgr = number(file, begin + i * entry, 3);
    layout.palette.push_back({static_cast<std::uint8_t>(bgr >> 16), static_cast<std::uint8_t>(bgr >> 8), static_cast<std::uint8_t>(bgr)});
  }
}

Layout layout_of(BytesView file) {
  const std::size_t header = number(file, 14, 4);
  const bool core = header == kCoreHeader;
  Layout layout;
  layout.pixels = number(file, 10, 4);
  layout.width = core ? static_cast<int>(number(file, 18, 2)) : static_cast<std::int32_t>(number(file, 18, 4));
  const std::int64_t height = core ? std::int64_t{number(file, 20, 2)} : static_cast<std::int32_t>(number(file, 22, 4));
  layout.bits = number(file, core ? 24 : 28, 2);
  layout.compression = core ? static_cast<std::uint32_t>(kNone) : number(file, 30, 4);
  layout.from_top = height < 0;
  if (layout.width < 1 || height == 0 || height == std::numeric_limits<std::int32_t>::min()) throw data_error("corrupt BMP: no width or height");
  layout.height = static_cast<int>(layout.from_top ? -height : height);
  constexpr std::array<std::uint32_t, 6> kBits{1, 4, 8, 16, 24, 32};
  if (std::ranges::find(kBits, layout.bits) == kBits.end()) throw data_error("unsupported BMP: " + std::to_string(layout.bits) + " bits a pixel");
  const bool known = layout.compression == kNone || layout.compression == kMasks || layout.compression == kMasksWithAlpha ||
                     (layout.compression == kRle8 && layout.bits == 8) || (layout.compression == kRle4 && layout.bits == 4);
  if (!known) throw data_error("unsupported BMP: compression " + std::to_string(layout.compression));
  read_masks(file, header, layout);
  if (layout.bits <= 8) read_palette(file, header, layout);
  return layout;
}

const Colour& colour(const Layout& layout, std::uint32_t index) {
  if (index >= layout.palette.size()) throw data_error("corrupt BMP: a colour that its palette lacks");
  return layout.palette[index];
}

/// Indices of all pixels, the lowest row first; what the runs pass over is 0.
std::vector<std::uint8_t> unpacked(BytesView file, const Layout& layout) {
  const auto width = static_cast<std::size_t>(layout.width), height = static_cast<std::size_t>(layout.height);
  std::vector<std::uint8_t> indices(width * height);
  std::size_t at = layout.pixels, x = 0, y = 0;
  const auto next = [&] {
    if (at >= file.size()) throw data_error("truncated BMP: the file ends before the image does");
    return std::to_integer<unsigned>(file[at++]);
  };
  const auto put = [&](unsigned index) {
    if (x < width && y < height) indices[y * width + x] = static_cast<std::uint8_t>(index);
    ++x;
  };
  const bool halves = layout.compression == kRle4;
  while (y < height) {
    const unsigned count = next(), value = next();
    if (count > 0) {
      for (unsigned i = 0; i < count; ++i) put(!halves ? value : i % 2 == 0 ? value >> 4 : value & 15);
    } else if (value == 0) {
      x = 0;
      ++y;
    } else if (value == 1) {
      break;
    } else if (value == 2) {
      x += next();
      y += next();
    } else {
      const unsigned bytes = halves ? (value + 1) / 2 : value;
      for (unsigned i = 0; i < bytes; ++i) {
        const unsigned byte = next();
        if (!halves) put(byte);
        if (halves) put(byte >> 4);
        if (halves && 2 * i + 1 < value) put(byte & 15);
      }
      if (bytes % 2 != 0) next();
    }
  }
  return indices;
}

/// The pixels of a row that lies in the file as it is.
void read_row(BytesView row, const Layout& layout, const Region& region, std::uint8_t* out) {
  const std::size_t bytes = layout.bits / 8;
  for (int x = region.x; x < region.x + region.width; ++x) {
    const auto place = static_cast<std::size_t>(x);
    if (layout.bits <= 8) {
      const std::size_t per_byte = 8 / layout.bits;
      const auto shift = 8 - layout.bits * static_cast<std::uint32_t>(place % per_byte + 1);
      out = std::ranges::copy(colour(layout, std::to_integer<std::uint32_t>(row[place / per_byte]) >> shift & ((1U << layout.bits) - 1)), out).out;
      continue;
    }
    const std::uint32_t pixel = number(row, place * bytes, bytes);
    for (std::size_t c = 0; c < (layout.alpha() ? 4U : 3U); ++c) *out++ = layout.masks[c].of(pixel);
  }
}

/// Programs that know no alpha write zeros there, and mean none.
void fill_empty_alpha(BytesView file, const Layout& layout, Raster& image) {
  for (std::uint64_t y = 0; y < static_cast<std::uint64_t>(layout.height); ++y)
    for (std::uint64_t x = 0; x < static_cast<std::uint64_t>(layout.width); ++x)
      if (number(file, layout.pixels + y * layout.row_step() + x * layout.bits / 8, layout.bits / 8) & layout.masks[3].bits) return;
  for (int y = 0; y < image.shape().height; ++y)
    for (int x = 0; x < image.shape().width; ++x) image.row<std::uint8_t>(y)[4 * x + 3] = 255;
}

RasterShape shape_of(const Layout& layout) {
  return {.width = layout.width, .height = layout.height, .channels = layout.alpha() ? 4 : 3, .alpha = layout.alpha()};
}

}  // namespace

ImageHeader read_header(BytesView file) {
  ImageHeader header{.format = ImageFormat::bmp};
  header.stored = shape_of(layout_of(file));
  return header;
}

Raster decode(BytesView file, const ImageHeader& header, const Region& region) {
  const Layout layout = layout_of(file);
  RasterShape shape = shape_of(layout);
  if (shape != header.stored) throw data_error("changed since its header was read");
  shape.width = region.width;
  shape.height = region.height;
  Raster image(shape);
  const auto stored_row = [&](int y) { return static_cast<std::size_t>(layout.from_top ? y : layout.height - 1 - y); };
  if (layout.packed()) {
    const std::vector<std::uint8_t> indices = unpacked(file, layout);
    for (int y = 0; y < region.height; ++y) {
      auto* out = image.row<std::uint8_t>(y);
      const std::uint8_t* in = indices.data() + stored_row(region.y + y) * static_cast<std::size_t>(layout.width) + region.x;
      for (int x = 0; x < region.width; ++x) out = std::ranges::copy(colour(layout, in[x]), out).out;
    }
    return image;
  }
  // The last row's filling may be left out.
  const std::uint64_t need = layout.pixels + layout.row_step() * static_cast<std::uint64_t>(layout.height - 1) + layout.row_bytes();
  if (file.size() < need) throw data_error("truncated BMP: " + std::to_string(file.size()) + " of " + std::to_string(need) + " bytes");
  for (int y = 0; y < region.height; ++y)
    read_row(file.subspan(layout.pixels + stored_row(region.y + y) * layout.row_step(), layout.row_bytes()), layout, region, image.row<std::uint8_t>(y));
  if (layout.alpha()) fill_empty_alpha(file, layout, image);
  return image;
}

}  // namespace leaven::io::bmp
