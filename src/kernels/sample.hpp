// Samples of an image at scattered points, filtered as the plan defines it: weights over source pixels that exist,
// divided by their sum; colour premultiplied where there is alpha.
#pragma once

#include <cstddef>

#include "core/node.hpp"
#include "kernels/coordinates.hpp"
#include "kernels/pixel_rows.hpp"
#include "kernels/pixels.hpp"

namespace leaven::kernels {

/// A filter widened by a footprint of ≥ 1 source pixels along each axis.
struct SampleFilter {
  Filter filter{Filter::bilinear};  ///< not nearest
  double footprint_x{1}, footprint_y{1};

  /// Source pixels that a sample can touch along an axis.
  int taps_x() const;
  int taps_y() const;
  /// Pixels that rows must hold: PixelRows narrower than this must be padded with zeros, which get no weight.
  int columns() const;
  /// Floats of scratch memory for sample_points().
  std::size_t scratch() const;
};

/// Radius of a filter's kernel.
double radius_of(Filter filter);

/// `count` ≤ kPoints points in source coordinates (inside, or out of it by rounding) → the first
/// `count` values of the planes, straight colours in [0, 1], unclamped.
void sample_points(const PixelRows& source, const SampleFilter& filter, const Points& points, int count, float* scratch,
                   const Planes& out);

/// The stored pixels that hold the points, one after another.
void pick_points(const PixelRows& source, const Points& points, int count, std::byte* out);

}  // namespace leaven::kernels
