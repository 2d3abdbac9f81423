// What JPEG compression does to pixels: encoded and decoded in memory by libjpeg-turbo (accurate integer DCT, smooth
// chroma upsampling, its standard tables).
#pragma once

#include "core/raster.hpp"

namespace leaven::kernels {

/// `quality` 1…100; chroma subsampled by `horizontal` × `vertical` (1×1, 2×1, 1×2, 2×2, 4×1 …, each at most 4, at most
/// 8 in all). Three colour channels are coded as YCbCr, others each by itself as grey; alpha stays as it is. 16-bit and
/// float colour is rounded to 8 bits first, half to even (float clamped to [0, 1]), and comes back as level/255.
/// Throws Error(usage) for a side over 65,500 px, which JPEG cannot hold, and Error(environment) without memory.
Raster jpeg_round_trip(const RasterView& image, int quality, int horizontal, int vertical);

}  // namespace leaven::kernels
