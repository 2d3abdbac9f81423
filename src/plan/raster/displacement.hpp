#pragma once

#include "core/node.hpp"

namespace leaven::plan {

/// The displacement vector at `p` in double: the uniform cubic B-spline over the grid's control vectors. Beyond the
/// grid its outermost vectors go on.
Point displacement_at(const DisplacementGrid& grid, Point p);

}  // namespace leaven::plan
