// One small shape at many places: what filters would make of single bright pixels, without a look at the dark ones between.
#pragma once

#include <span>

#include "ops/image/filters.hpp"
#include "ops/image/random_plane.hpp"

namespace leaven::ops {

/// weighted_sum(weighted_sum(in, first), second) of an `in` that is 0 but at the spots, where it is their value; but for the order
/// in which sums are added up. `first` is the same to the left and to the right, up and down. Each place at most once.
Plane scattered(int width, int height, std::span<const Spot> spots, std::span<const Tap> first, std::span<const Tap> second);

}  // namespace leaven::ops
