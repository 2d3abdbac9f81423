// Colours moved to their modes.
#pragma once

#include "ops/image/planes.hpp"

namespace leaven::ops {

/// Every pixel's colour and place move, `rounds` times, to the mean of the pixels in the square of `radius` around the
/// place whose colour lies within `reach` of it; it stops where nothing moves.
void shift_to_means(Planes& planes, int radius, float reach, int rounds);

}  // namespace leaven::ops
