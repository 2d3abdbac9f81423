// The other way round: from what was made back onto the picture it was made of, for what a model says of the result
// (test-time augmentation).
#pragma once

#include <span>
#include <vector>

#include "plan/raster/planner.hpp"

namespace leaven::plan {

/// Steps that bring a picture of the result's size back into the frame of `source`: each node's map the other way round,
/// the last one first; nodes that move nothing are left out. A pixel that a canvas cut off has nothing to come back: there
/// it is 0. What a border folded in from elsewhere is cut off as well. Between them pixels are taken by `filter`, shrunk
/// ones averaged. Throws Error(usage) naming the step: an Opaque that does not keep geometry, a singular map, a mix.
std::vector<LoweredStep> steps_back(std::span<const LoweredStep> steps, const RasterShape& source, Filter filter);

}  // namespace leaven::plan
