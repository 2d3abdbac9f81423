// Order filters on a square window; outside the picture is its mirror image, the edge not repeated.
#pragma once

#include "core/raster.hpp"

namespace leaven::ops {

/// The middle one of the (2·radius + 1)² values around each pixel, for every colour channel by itself; alpha stays.
Raster median_filtered(const RasterView& image, int radius);

/// The most frequent byte level around each pixel, the lowest of equally frequent ones; values that are no bytes are
/// rounded to 256 levels first.
Raster mode_filtered(const RasterView& image, int radius);

}  // namespace leaven::ops
