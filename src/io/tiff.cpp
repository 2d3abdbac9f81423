#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/error.hpp"
#include "io/codec_formats.hpp"
#include "io/frame.hpp"
#include "io/several_pictures.hpp"
#include "io/tiff_layout.hpp"
#include "io/tiff_samples.hpp"

namespace leaven::io::tiff {

namespace {

constexpr std::size_t kMostPages = 65535;
constexpr std::size_t kUsualTile = std::size_t{64} << 20;  // bytes; larger ones only in images that are larger

std::size_t row_bytes(const Layout& layout) {
  const auto samples = static_cast<std::size_t>(layout.separate ? 1 : layout.samples);
  return (static_cast<std::size_t>(layout.block_width) * samples * static_cast<std::size_t>(layout.bits) + 7) / 8;
}

/// A region may be read without ever touching the end of its file, so the blocks' places are looked at first.
void require_whole(const Input& input) {
  const bool tiled = TIFFIsTiled(input.handle) != 0;
  const std::uint32_t count = tiled ? TIFFNumberOfTiles(input.handle) : TIFFNumberOfStrips(input.handle);
  const std::uint64_t size = input.file().size();
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t offset = TIFFGetStrileOffset(input.handle, i), bytes = TIFFGetStrileByteCount(input.handle, i);
    if (offset > size || bytes > size - offset)
      throw data_error(fmt::format("truncated TIFF: {} {} of {} lies beyond the end of the file",
                                   tiled ? "tile" : "strip", i + 1, count));
  }
}

/// Refuses a tile that would take far more memory than the image it belongs to.
void require_sane_blocks(const Input& input, const Layout& layout) {
  const auto libtiff_row =
      static_cast<std::uint64_t>(layout.tiled ? TIFFTileRowSize(input.handle) : TIFFScanlineSize(input.handle));
  if (libtiff_row != row_bytes(layout)) throw data_error("unsupported TIFF: rows of an unusual size");
  const std::size_t block = row_bytes(layout) * static_cast<std::size_t>(layout.block_height);
  const RasterShape samples{layout.stored.width, layout.stored.height, layout.samples, layout.dtype};
  if (block > std::max(samples.bytes(), kUsualTile))
    throw data_error(fmt::format("corrupt TIFF: tiles of {}×{} in an image of {}×{}", layout.block_width,
                                 layout.block_height, layout.stored.width, layout.stored.height));
}

/// One strip or tile into `out`.
void read_block(Input& input, const Layout& layout, int x, int y, int plane, std::byte* out) {
  const auto column = static_cast<std::uint32_t>(x), row = static_cast<std::uint32_t>(y);
  const int rows = layout.tiled ? layout.block_height : std::min(layout.block_height, layout.stored.height - y);
  const auto size = static_cast<tmsize_t>(row_bytes(layout) * static_cast<std::size_t>(rows));
  const auto sample = static_cast<std::uint16_t>(plane);
  // A strip whose data runs on beyond its end is accepted, and then libdeflate may leave the last bytes untouched.
  std::memset(out, 0, static_cast<std::size_t>(size));
  const tmsize_t got =
      layout.tiled ? TIFFReadEncodedTile(input.handle, TIFFComputeTile(input.handle, column, row, 0, sample), out, size)
                   : TIFFReadEncodedStrip(input.handle, TIFFComputeStrip(input.handle, row, sample), out, size);
  if (got != size || !input.clean()) input.fail();
}

/// The region's samples: as many channels as the file has, a byte a sample where it packs bits.
Raster read_samples(Input& input, const Layout& layout, const Region& region) {
  Raster samples({.width = region.width,
                  .height = region.height,
                  .channels = layout.samples,
                  .dtype = layout.dtype,
                  .bounded = layout.stored.bounded});
  const int bottom = region.y + region.height, right = region.x + region.width;
  const bool whole_rows = !layout.tiled && !layout.separate && layout.bits >= 8 && region.width == layout.block_width;
  Bytes block;
  for (int plane = 0; plane < (layout.separate ? layout.samples : 1); ++plane) {
    for (int y = region.y / layout.block_height * layout.block_height; y < bottom; y += layout.block_height) {
      const int block_bottom = std::min(y + layout.block_height, layout.stored.height);
      if (whole_rows && y >= region.y && block_bottom <= bottom) {
        read_block(input, layout, 0, y, 0, samples.row<std::byte>(y - region.y));
        continue;
      }
      block.resize(row_bytes(layout) * static_cast<std::size_t>(layout.block_height));
      for (int x = region.x / layout.block_width * layout.block_width; x < right; x += layout.block_width) {
        read_block(input, layout, x, y, plane, block.data());
        copy_block({.bytes = block.data(), .row_bytes = row_bytes(layout), .x = x, .y = y, .plane = plane}, layout,
                   region, samples);
      }
    }
  }
  return samples;
}

/// Rare colour spaces, as libtiff turns them into RGB.
Raster read_by_libtiff(Input& input, const Layout& layout, const Region& region) {
  const auto width = static_cast<std::size_t>(layout.stored.width),
             height = static_cast<std::size_t>(layout.stored.height);
  std::vector<std::uint32_t> packed(width * height);
  std::array<char, 1024> words{};
  TIFFRGBAImage reader{};
  if (!TIFFRGBAImageBegin(&reader, input.handle, /*stop on error*/ 1, words.data()))
    throw data_error(std::string("unsupported TIFF: ") + words.data());
  reader.req_orientation = reader.orientation;  // rows as they are stored
  const bool read =
      TIFFRGBAImageGet(&reader, packed.data(), static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height));
  TIFFRGBAImageEnd(&reader);
  if (!read || !input.clean()) input.fail();

  Raster image({.width = region.width, .height = region.height, .channels = 3});
  for (int y = 0; y < region.height; ++y) {
    const std::uint32_t* in = packed.data() + static_cast<std::size_t>(region.y + y) * width + region.x;
    auto* out = image.row<std::uint8_t>(y);
    for (int x = 0; x < region.width; ++x, out += 3) {
      out[0] = static_cast<std::uint8_t>(TIFFGetR(in[x]));
      out[1] = static_cast<std::uint8_t>(TIFFGetG(in[x]));
      out[2] = static_cast<std::uint8_t>(TIFFGetB(in[x]));
    }
  }
  return image;
}

/// A reduced copy of a page, as previews are, is no page of its own, and neither is its mask.
bool is_page(const Input& input) {
  std::uint32_t kind = 0;
  return !TIFFGetField(input.handle, TIFFTAG_SUBFILETYPE, &kind) || (kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) == 0;
}

/// Where the directories of the pages from this one on lie, the first included. What lies behind the file's end is missed
/// whichever page is read: a file that was cut off is broken. The input stands on another page then.
std::vector<std::uint64_t> pages_from_here(Input& input) {
  std::vector<std::uint64_t> pages{TIFFCurrentDirOffset(input.handle)};
  for (require_whole(input); TIFFReadDirectory(input.handle) != 0 && pages.size() < kMostPages;) {
    require_whole(input);
    if (is_page(input)) pages.push_back(TIFFCurrentDirOffset(input.handle));
  }
  if (input.failed() || (!TIFFLastDirectory(input.handle) && pages.size() < kMostPages)) input.fail();
  return pages;
}

ImageHeader page_header(const Input& input) {
  const Layout layout = layout_of(input);
  ImageHeader header{.format = ImageFormat::tiff};
  header.stored = layout.stored;
  header.cmyk = layout.colour == Layout::Colour::cmyk;

  std::uint16_t orientation = 1;
  TIFFGetFieldDefaulted(input.handle, TIFFTAG_ORIENTATION, &orientation);
  header.orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
  std::uint32_t size = 0;
  const void* profile = nullptr;
  if (!header.cmyk && TIFFGetField(input.handle, TIFFTAG_ICCPROFILE, &size, &profile)) {
    const auto* first = static_cast<const std::byte*>(profile);
    header.icc.assign(first, first + size);
  }
  return header;
}

}  // namespace

std::vector<std::uint64_t> page_offsets(BytesView file) {
  Input input(file);
  return pages_from_here(input);
}

ImageHeader first_page_header(BytesView file) { return page_header(Input(file)); }

ImageHeader read_header(BytesView file) {
  Input input(file);
  ImageHeader header = page_header(input);
  header.has_more = pages_from_here(input).size() > 1;
  return header;
}

Raster decode(BytesView file, const ImageHeader& header, const Region& region) {
  Input input(file);
  const Layout layout = layout_of(input);
  if (layout.stored != header.stored) throw data_error("changed since its header was read");
  require_whole(input);
  input.be_strict();
  if (layout.colour == Layout::Colour::by_libtiff) return read_by_libtiff(input, layout, region);
  require_sane_blocks(input, layout);
  return to_pixels(read_samples(input, layout, region), layout, palette_of(input, layout));
}

}  // namespace leaven::io::tiff
