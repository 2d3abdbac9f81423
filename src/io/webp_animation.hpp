// Animated WebP, by libwebpdemux.
#pragma once

#include "io/codec.hpp"

namespace leaven::io::webp {

/// Of all frames alike, whose alpha is there where any of the canvas is ever empty. Throws Error(data).
ImageHeader animation_header(BytesView file);
/// The canvas after the first frame.
Raster first_frame(BytesView file);

}  // namespace leaven::io::webp
