#include "io/tiff_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/error.hpp"

namespace leaven::io::tiff {

namespace {

std::uint16_t tag(const Input& input, std::uint32_t name) {
  std::uint16_t value = 0;
  TIFFGetFieldDefaulted(input.handle, name, &value);
  return value;
}

template <class... Values>
Error unsupported(fmt::format_string<Values...> text, Values&&... values) {
  return data_error("unsupported TIFF: " + fmt::format(text, std::forward<Values>(values)...));
}

int side(const Input& input, std::uint32_t name) {
  std::uint32_t value = 0;
  if (!TIFFGetField(input.handle, name, &value) || value == 0) throw data_error("corrupt TIFF: no width or height");
  // Larger than any limit on pixels; kept positive so that the limit can be checked.
  return static_cast<int>(std::min<std::uint32_t>(value, std::numeric_limits<int>::max()));
}

/// What decoding gives of such samples.
Dtype dtype_of(int bits, std::uint16_t format) {
  const bool whole = format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_VOID;
  if (whole && (bits == 1 || bits == 2 || bits == 4 || bits == 8)) return Dtype::u8;
  if (whole && bits == 16) return Dtype::u16;
  if (format == SAMPLEFORMAT_IEEEFP && (bits == 16 || bits == 32)) return Dtype::f32;
  const char* kind = format == SAMPLEFORMAT_IEEEFP ? "float" : format == SAMPLEFORMAT_INT ? "signed" : "unsigned";
  throw unsupported("{}-bit {} samples; unsigned 1, 2, 4, 8, 16 and float 16, 32 are read", bits, kind);
}

/// A file that does not say (a few do not) is read as libtiff reads it.
std::uint16_t photometric_of(const Input& input, int samples) {
  std::uint16_t value = 0;
  if (TIFFGetField(input.handle, TIFFTAG_PHOTOMETRIC, &value)) return value;
  return samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
}

/// An unspecified extra sample is a channel of its own (near infrared in satellite images), not alpha.
Layout::Alpha alpha_of(const Input& input, int extra) {
  if (extra != 1) return Layout::Alpha::none;
  std::uint16_t count = 0;
  const std::uint16_t* kinds = nullptr;
  TIFFGetFieldDefaulted(input.handle, TIFFTAG_EXTRASAMPLES, &count, &kinds);
  if (count != 1) return Layout::Alpha::none;
  if (kinds[0] == EXTRASAMPLE_ASSOCALPHA) return Layout::Alpha::premultiplied;
  return kinds[0] == EXTRASAMPLE_UNASSALPHA ? Layout::Alpha::straight : Layout::Alpha::none;
}

void read_plain(const Input& input, Layout& layout, int colours) {
  if (layout.samples < colours) throw unsupported("{} samples a pixel in a colour image", layout.samples);
  if (layout.bits < 8 && layout.samples > 1) throw unsupported("{} samples of {} bits", layout.samples, layout.bits);
  layout.alpha = alpha_of(input, layout.samples - colours);
  layout.stored.alpha = layout.alpha != Layout::Alpha::none;
  layout.stored.channels = layout.stored.alpha ? 4 : layout.samples;
}

void read_colour(const Input& input, Layout& layout) {
  const std::uint16_t photometric = photometric_of(input, layout.samples);
  const bool jpeg = tag(input, TIFFTAG_COMPRESSION) == COMPRESSION_JPEG;
  layout.stored.channels = 3;
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
      if (layout.stored.dtype == Dtype::f32) throw unsupported("float samples with 0 as white");
      layout.inverted = true;
      return read_plain(input, layout, 1);
    case PHOTOMETRIC_MINISBLACK: return read_plain(input, layout, 1);
    case PHOTOMETRIC_RGB: return read_plain(input, layout, 3);
    case PHOTOMETRIC_PALETTE:
      if (layout.samples != 1 || layout.bits > 8)
        throw unsupported("a palette with {} samples of {} bits", layout.samples, layout.bits);
      layout.colour = Layout::Colour::palette;
      return;
    case PHOTOMETRIC_SEPARATED:
      if (tag(input, TIFFTAG_INKSET) != INKSET_CMYK || layout.samples != 4 || layout.bits < 8 ||
          layout.stored.dtype == Dtype::f32)
        throw unsupported("inks other than CMYK with 8 or 16 bits");
      layout.colour = Layout::Colour::cmyk;
      return;
    case PHOTOMETRIC_YCBCR:
      if (layout.samples != 3 || layout.bits != 8)
        throw unsupported("YCbCr with {} samples of {} bits", layout.samples, layout.bits);
      if (jpeg && !layout.separate)
        TIFFSetField(input.handle, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
      else
        layout.colour = Layout::Colour::by_libtiff;
      return;
    default: throw unsupported("photometric interpretation {}", photometric);
  }
}

void read_blocks(const Input& input, Layout& layout) {
  layout.tiled = TIFFIsTiled(input.handle) != 0;
  if (layout.tiled) {
    layout.block_width = side(input, TIFFTAG_TILEWIDTH);
    layout.block_height = side(input, TIFFTAG_TILELENGTH);
    return;
  }
  std::uint32_t rows = 0;
  TIFFGetFieldDefaulted(input.handle, TIFFTAG_ROWSPERSTRIP, &rows);
  layout.block_width = layout.stored.width;
  layout.block_height =
      static_cast<int>(std::min<std::uint32_t>(rows, static_cast<std::uint32_t>(layout.stored.height)));
  if (layout.block_height == 0) throw data_error("corrupt TIFF: strips without rows");
}

}  // namespace

Layout layout_of(const Input& input) {
  Layout layout;
  layout.stored.width = side(input, TIFFTAG_IMAGEWIDTH);
  layout.stored.height = side(input, TIFFTAG_IMAGELENGTH);
  layout.samples = tag(input, TIFFTAG_SAMPLESPERPIXEL);
  layout.bits = tag(input, TIFFTAG_BITSPERSAMPLE);
  layout.separate = tag(input, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE && layout.samples > 1;
  if (layout.samples < 1 || layout.samples > kMostChannels)
    throw unsupported("{} samples a pixel, at most {} are read", layout.samples, kMostChannels);
  if (const auto compression = tag(input, TIFFTAG_COMPRESSION); !TIFFIsCODECConfigured(compression))
    throw unsupported("compression {}", compression);
  layout.stored.dtype = dtype_of(layout.bits, tag(input, TIFFTAG_SAMPLEFORMAT));
  layout.stored.bounded = layout.stored.dtype != Dtype::f32;
  layout.stored.half = layout.stored.dtype == Dtype::f32 && layout.bits == 16;
  layout.dtype = layout.stored.half ? Dtype::u16 : layout.stored.dtype;
  read_colour(input, layout);
  read_blocks(input, layout);
  return layout;
}

}  // namespace leaven::io::tiff
