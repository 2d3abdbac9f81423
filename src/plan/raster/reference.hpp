// The parts of the reference executor. Everything in double, one pixel at a time; nothing here is clever.
#pragma once

#include <array>
#include <cmath>

#include "plan/raster/plan.hpp"

namespace leaven::plan::reference {

/// Into [0, 1]; what is no number becomes 0.
inline double clamped(double v) { return v > 0 ? (v < 1 ? v : 1) : 0; }

/// To the nearest whole level of the dtype, half to even; float has no levels.
inline double to_level(double v, Dtype dtype) {
  return dtype == Dtype::f32 ? v : std::nearbyint(v * full_scale(dtype)) / full_scale(dtype);
}

using Pixel = std::array<double, 4>;  ///< straight channel values; only the image's channels count

/// What a pass reads: the whole image, or the part of it that a view holds. Coordinates are the whole image's.
struct Input {
  RasterView view{};
  RasterShape shape{};  ///< of the whole image

  /// Throws Error(bug) where the view does not reach.
  Pixel at(int x, int y) const;
};

Pixel fetch_warped(const WarpStage& stage, const Input& input, int x, int y);
Pixel fetch_filtered(const Stencil& stencil, const Input& input, int x, int y);
Statistics statistics_of(const Input& input);

/// `pixel` of an image `shape` at (x, y), changed by the step and not yet clamped.
void apply(const PointStep& step, const RasterShape& shape, int x, int y, Pixel& pixel);

}  // namespace leaven::plan::reference
