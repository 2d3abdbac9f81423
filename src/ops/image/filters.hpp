// Linear filters on planes, for ops that lower to Opaque. Outside the picture is its mirror image, the edge not
// repeated.
#pragma once

#include <span>
#include <vector>

#include "ops/image/planes.hpp"

namespace leaven::ops {

/// A neighbour at (x + dx, y + dy) and what it counts.
struct Tap {
  int dx{}, dy{};
  float weight{};
};

/// Σ weight·neighbour for every pixel.
Plane weighted_sum(const Plane& in, std::span<const Tap> taps);

/// exp(−i²/(2·sigma²)) for |i| ≤ ceil(3·sigma), normalised; the single tap 1 for sigma 0.
std::vector<float> gaussian_taps(double sigma);
Plane gaussian_blurred(const Plane& in, double sigma);

/// Scales the weights to the sum 1, and leaves out the zeros. Throws Error(bug) where they sum to nothing.
std::vector<Tap> normalized(std::vector<Tap> taps);

}  // namespace leaven::ops
