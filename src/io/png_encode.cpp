#include <bit>

#include "io/codec_formats.hpp"
#include "io/png_icc.hpp"
#include "io/png_session.hpp"

namespace leaven::io::png {

namespace {

int colour_type(const RasterShape& shape) {
  switch (shape.channels) {
    case 1: return PNG_COLOR_TYPE_GRAY;
    case 2: return PNG_COLOR_TYPE_GRAY_ALPHA;
    case 3: return PNG_COLOR_TYPE_RGB;
    default: return PNG_COLOR_TYPE_RGB_ALPHA;
  }
}

}  // namespace

Bytes encode(const RasterView& image, const EncodeOptions& options) {
  const Bytes icc = options.icc.empty() ? Bytes() : icc_chunk(options.icc);
  Writer writer;
  const RasterShape& shape = image.shape;
  writer.run([&] {
    png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(shape.width), static_cast<png_uint_32>(shape.height),
                 shape.dtype == Dtype::u16 ? 16 : 8, colour_type(shape), PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(writer.png, options.png_level);
    png_set_filter(writer.png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB | PNG_FILTER_UP);
    png_write_info_before_PLTE(writer.png, writer.info);
    if (!icc.empty())
      png_write_chunk(writer.png, reinterpret_cast<png_const_bytep>("iCCP"),
                      reinterpret_cast<png_const_bytep>(icc.data()), icc.size());
    png_write_info(writer.png, writer.info);
    if (shape.dtype == Dtype::u16 && std::endian::native == std::endian::little) png_set_swap(writer.png);
    for (int y = 0; y < shape.height; ++y) png_write_row(writer.png, image.row<png_byte>(y));
    png_write_end(writer.png, nullptr);
  });
  return writer.take();
}

}  // namespace leaven::io::png
