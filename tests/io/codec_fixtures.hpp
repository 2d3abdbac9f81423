// Images and files for the codec tests, written by the libraries themselves and not by the code under test.
#pragma once

#include <cstdio>

#include <jpeglib.h>

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "io/codec.hpp"

namespace leaven::io::testing {

/// Smooth ramps with texture, so that every pixel and every block border matters. Alpha, where there is one, has full,
/// empty and partial places.
Raster pattern(const RasterShape& shape, std::uint32_t seed = 1);

/// A whole pixel as text, "12 34 56", for hand-worked values.
std::string pixel(const Raster& image, int x, int y);

/// `region` of `whole`, by the plainest loop.
Raster part_of(const Raster& whole, const Region& region);

Region random_region(Size size, std::mt19937& random);

/// Decodes all; the short form of the two calls.
Raster decode_all(BytesView file, Orientation orientation = Orientation::apply);

/// What Error(data) says when the file is read, "" when it is read without one.
std::string decode_error(BytesView file);
std::string decode_error(BytesView file, const Region& region);

/// A raw EXIF block with only an orientation.
Bytes exif_block(int orientation, bool big_endian = false);

Bytes bytes_of(std::string_view text);

/// CRC-32 as PNG uses it.
std::uint32_t crc_of(BytesView bytes);

/// What the JPEG writer below can vary.
struct JpegRecipe {
  J_COLOR_SPACE pixels{JCS_RGB};  ///< what `image` holds; CMYK for 4 channels
  J_COLOR_SPACE stored{JCS_YCbCr};
  std::vector<Subsampling> sampling{};  ///< factors of each component; empty: libjpeg's own
  int quality{90};
  bool progressive{};
  int restart_interval{};               ///< in MCUs
  std::vector<jpeg_scan_info> scans{};  ///< own scan script
  std::function<void(jpeg_compress_struct&)> markers{};
};
Bytes write_jpeg(const Raster& image, const JpegRecipe& recipe);

/// libjpeg with nothing but its defaults: the oracle. Gives libjpeg's own channels (CMYK stays), at 1/shrink of each side.
Raster plain_libjpeg(BytesView file, unsigned shrink = 1);

/// The file with `segment` (marker, length and data) put behind the start-of-image marker.
Bytes with_segment(const Bytes& file, int marker, BytesView data);

}  // namespace leaven::io::testing
