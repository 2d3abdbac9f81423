// How the first page of a TIFF lays its pixels out, and what becomes of them.
#pragma once

#include "io/tiff_file.hpp"

namespace leaven::io::tiff {

struct Layout {
  enum class Colour : std::uint8_t {
    plain,    ///< samples are channels
    palette,  ///< one index a pixel
    cmyk,
    by_libtiff,  ///< YCbCr without JPEG: libtiff's own RGB reader
  };
  enum class Alpha : std::uint8_t { none, straight, premultiplied };

  RasterShape stored{};  ///< what decoding gives
  Colour colour{};
  Alpha alpha{};
  Dtype dtype{};    ///< of the samples, once bits are unpacked; u16 for the bits of float16
  int samples{1};   ///< a pixel
  int bits{8};      ///< a sample: 1, 2, 4, 8, 16 or 32
  bool inverted{};  ///< 0 is white
  bool separate{};  ///< a plane a sample
  bool tiled{};
  int block_width{}, block_height{};  ///< a tile, or a strip
};

/// Throws Error(data) for what is not read, naming it. Sets JPEG colour conversion where the file needs it.
Layout layout_of(const Input& input);

}  // namespace leaven::io::tiff
