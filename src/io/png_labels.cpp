#include "io/png_labels.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "core/error.hpp"
#include "io/png_chunks.hpp"
#include "io/png_session.hpp"

namespace leaven::io {

namespace {

std::string palette_of(const png::Reader& reader) {
  png_colorp colours = nullptr;
  int count = 0;
  if (png_get_PLTE(reader.png, reader.info, &colours, &count) == 0) return {};
  std::string palette;
  for (int i = 0; i < count; ++i)
    for (const png_byte part : {colours[i].red, colours[i].green, colours[i].blue})
      palette.push_back(static_cast<char>(part));
  return palette;
}

}  // namespace

LabelPicture read_label_png(BytesView file, const DecodeLimits& limits) {
  const ImageHeader header = read_header(file, limits);
  if (header.format != ImageFormat::png)
    throw data_error("a mask must be a PNG here, this is " + std::string(name_of(header.format)));
  if (!png::reaches_end(file)) throw data_error("truncated PNG: the file ends before the image does");
  png::Reader reader(file);
  reader.run([&] {
    png_set_keep_unknown_chunks(reader.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_read_info(reader.png, reader.info);
    png_set_packing(reader.png);  // 1, 2 and 4 bits into bytes, their values unchanged
    if (std::endian::native == std::endian::little) png_set_swap(reader.png);
    png_set_interlace_handling(reader.png);
    png_read_update_info(reader.png, reader.info);
  });
  const int type = png_get_color_type(reader.png, reader.info);
  LabelPicture picture;
  if (type == PNG_COLOR_TYPE_PALETTE) picture.palette = palette_of(reader);
  const bool alpha = (type & PNG_COLOR_MASK_ALPHA) != 0;
  picture.pixels = Raster({.width = header.stored.width,
                           .height = header.stored.height,
                           .channels = png_get_channels(reader.png, reader.info),
                           .dtype = png_get_bit_depth(reader.png, reader.info) == 16 ? Dtype::u16 : Dtype::u8,
                           .alpha = alpha});
  Raster& pixels = picture.pixels;
  if (png_get_rowbytes(reader.png, reader.info) != pixels.shape().row_bytes()) throw bug("PNG rows have another size");
  std::vector<png_bytep> rows;
  for (int y = 0; y < pixels.shape().height; ++y) rows.push_back(pixels.row<png_byte>(y));
  reader.run([&] {
    png_read_image(reader.png, rows.data());
    png_read_end(reader.png, nullptr);
  });
  return picture;
}

Bytes write_label_png(const RasterView& pixels, const std::string& palette) {
  const RasterShape& shape = pixels.shape;
  if (palette.empty() || shape.channels != 1 || shape.dtype != Dtype::u8) return encode(pixels, {});
  // All 256, so that no label is outside.
  std::array<png_color, 256> colours{};
  const auto part = [&](std::size_t i) { return i < palette.size() ? static_cast<png_byte>(palette[i]) : png_byte{0}; };
  for (std::size_t i = 0; i < colours.size(); ++i) colours[i] = {part(3 * i), part(3 * i + 1), part(3 * i + 2)};
  png::Writer writer;
  writer.run([&] {
    png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(shape.width), static_cast<png_uint_32>(shape.height),
                 8, PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_PLTE(writer.png, writer.info, colours.data(), static_cast<int>(colours.size()));
    png_set_compression_level(writer.png, EncodeOptions{}.png_level);
    png_write_info(writer.png, writer.info);
    for (int y = 0; y < shape.height; ++y) png_write_row(writer.png, pixels.row<png_byte>(y));
    png_write_end(writer.png, nullptr);
  });
  return writer.take();
}

}  // namespace leaven::io
