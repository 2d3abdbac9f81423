// The parts of ImageNet-C's corruptions (Hendrycks and Dietterich, "Benchmarking Neural Network Robustness to Common
// Corruptions and Perturbations", ICLR 2019) that no op of its own does in the same way.
#pragma once

#include <vector>

#include "core/key.hpp"
#include "ops/image/filters.hpp"

namespace leaven::ops {

/// Every value by itself black or white with probability amount/2 each.
void impulse_noise(Planes& planes, double amount, Key key);

/// A hard-edged disc, blurred by a Gaussian of 3×3 taps (5×5 for radii above 8).
std::vector<Tap> aliased_disc(int radius, double alias_blur);

/// ImageMagick's motion blur: half a Gaussian over 2·radius + 1 whole pixels along the angle (degrees, clockwise).
std::vector<Tap> half_gaussian_streak(int radius, double sigma, double angle);

/// HSV: V + by, at most 1.
void raise_value(Planes& planes, double by);
/// HSV: S·factor + offset, from 0 to 1; greys have hue 0, which is red.
void scale_saturation(Planes& planes, double factor, double offset);
/// (v − mean)·factor + mean by each channel's own mean.
void scale_contrast(Planes& planes, double factor);

/// An affine map that moves three points by up to `jitter` px, then displacements: uniform noise on ±1, blurred by
/// sigma, times alpha. Bilinear, edges mirrored.
void distort_elastically(Planes& planes, double alpha, double sigma, double jitter, Key key);

}  // namespace leaven::ops
