#include <bit>
#include <cstring>

#include "core/error.hpp"
#include "io/codec_formats.hpp"
#include "io/exif.hpp"
#include "io/frame.hpp"
#include "io/png_chunks.hpp"
#include "io/png_icc.hpp"
#include "io/png_session.hpp"

namespace leaven::io::png {

namespace {

/// Everything up to the pixels. Text, time, profiles and the like are passed over; a compressed text can be a bomb of
/// its own.
void read_info(Reader& reader) {
  reader.run([&] {
    png_set_keep_unknown_chunks(reader.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_read_info(reader.png, reader.info);
  });
}

RasterShape stored_shape(const Reader& reader) {
  const int type = png_get_color_type(reader.png, reader.info);
  const bool alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(reader.png, reader.info, PNG_INFO_tRNS) != 0;
  const bool colour = (type & PNG_COLOR_MASK_COLOR) != 0;
  return {.width = static_cast<int>(png_get_image_width(reader.png, reader.info)),
          .height = static_cast<int>(png_get_image_height(reader.png, reader.info)),
          .channels = alpha    ? 4
                      : colour ? 3
                               : 1,
          .dtype = png_get_bit_depth(reader.png, reader.info) == 16 ? Dtype::u16 : Dtype::u8,
          .alpha = alpha};
}

/// Asks libpng for the pixels as stored_shape() says. Gamma is left alone.
void set_transforms(Reader& reader, const RasterShape& shape) {
  const int type = png_get_color_type(reader.png, reader.info);
  png_set_expand(reader.png);  // palettes, 1, 2 and 4 bits, and tRNS
  if (shape.channels == 4 && (type & PNG_COLOR_MASK_COLOR) == 0) png_set_gray_to_rgb(reader.png);
  if (shape.dtype == Dtype::u16 && std::endian::native == std::endian::little) png_set_swap(reader.png);
}

/// Owns nothing: libpng may jump out. `scratch` holds one whole row.
void read_rows(Reader& reader, const Region& region, Raster& image, png_bytep scratch) {
  const auto width = png_get_image_width(reader.png, reader.info);
  const bool direct = static_cast<png_uint_32>(region.width) == width;
  const std::size_t skip = static_cast<std::size_t>(region.x) * image.shape().pixel_bytes();
  for (int y = 0; y < region.y + region.height; ++y) {
    png_bytep out = y < region.y ? nullptr : image.row<png_byte>(y - region.y);
    png_read_row(reader.png, direct && out ? out : scratch, nullptr);
    if (out && !direct) std::memcpy(out, scratch + skip, image.shape().row_bytes());
  }
}

Raster read_interlaced(Reader& reader, const RasterShape& stored) {
  Raster image(stored);
  std::vector<png_bytep> rows(static_cast<std::size_t>(stored.height));
  for (int y = 0; y < stored.height; ++y) rows[static_cast<std::size_t>(y)] = image.row<png_byte>(y);
  reader.run([&] {
    png_read_image(reader.png, rows.data());
    png_read_end(reader.png, nullptr);
  });
  return image;
}

/// APNG: the chunk acTL begins with the number of frames.
bool is_animated(BytesView control) {
  if (control.size() < 4) return false;
  return (control[0] | control[1] | control[2]) != std::byte{0} || control[3] > std::byte{1};
}

}  // namespace

ImageHeader read_header(BytesView file) {
  Reader reader(file);
  read_info(reader);
  ImageHeader header{.format = ImageFormat::png};
  header.stored = stored_shape(reader);
  header.orientation = exif_orientation(find_chunk(file, "eXIf"));
  header.icc = read_icc(file);
  header.has_more = is_animated(find_chunk(file, "acTL"));
  return header;
}

Raster decode(BytesView file, const ImageHeader& header, const Region& region) {
  // A region may be read without ever reaching the end, so that is looked for first.
  if (!reaches_end(file)) throw data_error("truncated PNG: the file ends before the image does");
  Reader reader(file);
  read_info(reader);
  if (stored_shape(reader) != header.stored) throw data_error("changed since its header was read");

  RasterShape shape = header.stored;
  int passes = 1;
  reader.run([&] {
    set_transforms(reader, shape);
    passes = png_set_interlace_handling(reader.png);
    png_read_update_info(reader.png, reader.info);
  });
  if (png_get_rowbytes(reader.png, reader.info) != shape.row_bytes()) throw bug("PNG rows have another size");
  if (passes > 1) {
    Raster whole = read_interlaced(reader, shape);
    return region == Region::whole(shape.size()) ? std::move(whole) : cut(whole, region);
  }

  std::vector<png_byte> scratch(shape.row_bytes());
  shape.width = region.width;
  shape.height = region.height;
  Raster image(shape);
  reader.run([&] {
    read_rows(reader, region, image, scratch.data());
    if (region.y + region.height == header.stored.height) png_read_end(reader.png, nullptr);
  });
  return image;
}

}  // namespace leaven::io::png
