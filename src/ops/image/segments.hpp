// Pictures changed stretch by stretch of their rows, while a stretch lies in the first-level cache: for what needs of the whole
// picture no more than layers that are made before.
#pragma once

#include <array>
#include <functional>

#include "kernels/pixels.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {

/// Changes the pixels [x, x + count) of row y in place, all channels with values as Planes have them.
using SegmentChange = std::function<void(const kernels::Planes& pixels, int x, int y, int count)>;

/// A value for each pixel of a stretch.
struct alignas(64) SegmentRow : std::array<float, kernels::kSegment> {};

/// Rounded and clamped as by Planes::to_raster().
Raster changed_in_segments(const RasterView& image, const SegmentChange& change);
/// The same of rows [from, to); the others stay as they are.
Raster changed_in_segments(const RasterView& image, int from, int to, const SegmentChange& change);

/// The grey of Planes, of a picture as it is stored.
Plane grey_of(const RasterView& image);
/// The same of `count` pixels, one row of values a colour.
using ColourRows = std::array<const float*, 4>;
void grey_of(const ColourRows& colours, int used, int count, float* grey);
inline void grey_of(const kernels::Planes& pixels, int used, int count, float* grey) {
  grey_of(ColourRows{pixels.channel[0], pixels.channel[1], pixels.channel[2], pixels.channel[3]}, used, count, grey);
}

}  // namespace leaven::ops
