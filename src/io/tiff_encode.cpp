#include <algorithm>
#include <limits>

#include "core/half.hpp"
#include "io/codec_formats.hpp"
#include "io/tiff_file.hpp"

namespace leaven::io::tiff {

namespace {

constexpr int kDeflateLevel = 4;
constexpr std::size_t kStripBytes = 64 << 10;  // a reader of a region decompresses little more than it needs

template <class... Values>
void set(Output& output, std::uint32_t tag, Values... values) {
  if (!TIFFSetField(output.handle, tag, values...)) output.fail();
}

void describe(Output& output, const RasterShape& shape, int rows) {
  // Of many channels none is a colour.
  const int colours = shape.colour_channels() >= 3 && shape.channels <= kGroupChannels ? 3 : 1;
  set(output, TIFFTAG_IMAGEWIDTH, shape.width);
  set(output, TIFFTAG_IMAGELENGTH, shape.height);
  set(output, TIFFTAG_SAMPLESPERPIXEL, shape.channels);
  set(output, TIFFTAG_BITSPERSAMPLE, shape.half ? 16 : static_cast<int>(8 * bytes_of(shape.dtype)));
  set(output, TIFFTAG_SAMPLEFORMAT, shape.dtype == Dtype::f32 ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
  set(output, TIFFTAG_PHOTOMETRIC, colours == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
  set(output, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  set(output, TIFFTAG_ROWSPERSTRIP, rows);
  set(output, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
  set(output, TIFFTAG_PREDICTOR, shape.dtype == Dtype::f32 ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL);
  set(output, TIFFTAG_ZIPQUALITY, kDeflateLevel);
  if (shape.channels == colours) return;
  std::vector<std::uint16_t> extra(static_cast<std::size_t>(shape.channels - colours), EXTRASAMPLE_UNSPECIFIED);
  if (shape.alpha) extra.back() = EXTRASAMPLE_UNASSALPHA;
  set(output, TIFFTAG_EXTRASAMPLES, static_cast<int>(extra.size()), extra.data());
}

void put_row(const RasterView& image, int y, std::size_t bytes, std::byte* out) {
  if (!image.shape.half) {
    std::copy_n(image.row<std::byte>(y), bytes, out);
    return;
  }
  auto* halves = reinterpret_cast<std::uint16_t*>(out);
  std::transform(image.row<float>(y), image.row<float>(y) + bytes / sizeof(*halves), halves, to_half);
}

}  // namespace

Bytes encode(const RasterView& image, const EncodeOptions& options) {
  const RasterShape& shape = image.shape;
  const std::size_t row_bytes = shape.half ? shape.row_bytes() / 2 : shape.row_bytes();
  const int rows =
      static_cast<int>(std::clamp<std::size_t>(kStripBytes / row_bytes, 1, static_cast<std::size_t>(shape.height)));
  constexpr std::size_t kReserve = std::size_t{64} << 20;  // directory, and what deflate adds to noise
  Output output(shape.bytes() > std::numeric_limits<std::uint32_t>::max() - kReserve);
  describe(output, shape, rows);
  if (!options.icc.empty())
    set(output, TIFFTAG_ICCPROFILE, static_cast<std::uint32_t>(options.icc.size()), options.icc.data());

  Bytes strip(row_bytes * static_cast<std::size_t>(rows));
  for (int y = 0, index = 0; y < shape.height; y += rows, ++index) {
    const int count = std::min(rows, shape.height - y);
    for (int i = 0; i < count; ++i) put_row(image, y + i, row_bytes, strip.data() + row_bytes * static_cast<std::size_t>(i));
    const auto size = static_cast<tmsize_t>(row_bytes * static_cast<std::size_t>(count));
    if (TIFFWriteEncodedStrip(output.handle, static_cast<std::uint32_t>(index), strip.data(), size) != size)
      output.fail();
  }
  return output.finish();
}

}  // namespace leaven::io::tiff
