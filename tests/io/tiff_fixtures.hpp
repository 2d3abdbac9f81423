// TIFF files of all kinds for the codec tests, written by libtiff.
#pragma once

#include <tiffio.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "tests/io/codec_fixtures.hpp"

namespace leaven::io::testing {

/// What the writer below can vary.
struct TiffRecipe {
  int photometric{PHOTOMETRIC_RGB}, compression{COMPRESSION_NONE};
  int bits{8}, format{SAMPLEFORMAT_UINT};
  bool separate{};
  Size tile{};  ///< empty: strips
  int strip_rows{7};
  std::vector<std::uint16_t> extra{};
  std::vector<std::vector<std::uint8_t>> packed{};  ///< rows of bits, in place of the samples
  std::function<void(TIFF*)> tags{};
  const char* mode{"w"};
  int pages{1};  ///< further ones hold one black pixel
};

/// `samples` holds what is stored, a channel a sample.
Bytes write_tiff(const Raster& samples, const TiffRecipe& recipe);

}  // namespace leaven::io::testing
