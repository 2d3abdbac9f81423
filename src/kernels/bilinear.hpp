// Bilinear samples of 2×2 pixels: what sample_points() gives for a footprint of 1, faster.
#pragma once

#include "kernels/coordinates.hpp"
#include "kernels/pixel_rows.hpp"
#include "kernels/pixels.hpp"

namespace leaven::kernels {

/// Whether sample_bilinear() can read the source: at least 2 pixels a side, at most 32,767.
bool fits_bilinear(const PixelRows& source);

/// Whether sample_bilinear() gives nothing outside [0, 1] and no NaN: a mixture of whole levels lies between them, also as
/// rounded, since shares end 2^−16 below 1. What is divided by alpha may lie a rounding above.
bool bilinear_stays_in_range(const PixelRows& source);

/// As sample_points() with a bilinear filter of footprint 1; positions count in steps of 2^−16 px.
void sample_bilinear(const PixelRows& source, const Points& points, int count, const Planes& out);

}  // namespace leaven::kernels
