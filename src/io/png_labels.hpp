// PNG files whose numbers are labels: a palette's index is the number, never its colour.
#pragma once

#include <string>

#include "io/codec.hpp"

namespace leaven::io {

struct LabelPicture {
  Raster pixels{};        ///< as stored: indices and grey levels of 1 to 16 bits unchanged; u8 or u16, 1 to 4 channels
  std::string palette{};  ///< red, green and blue of each index as bytes; empty: none
};

/// Throws Error(data) for what is no PNG, is broken or has more pixels than the limits allow.
LabelPicture read_label_png(BytesView file, const DecodeLimits& limits = {});
/// One channel and 8 bits with a palette; else as encode() does.
Bytes write_label_png(const RasterView& pixels, const std::string& palette);

}  // namespace leaven::io
