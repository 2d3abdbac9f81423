#pragma once

#include "core/node.hpp"

namespace leaven::plan {

/// The displacement vector at `p` in double: the uniform cubic B-spline over the grid's control vectors. Beyond the
/// grid its outermost vectors go on.
Point displacement_at(const DisplacementGrid& grid, Point p);

/// The point q with q + d(q) = p, within 1e-9 px: where the output shows input point p. Fixed-point iteration finds it
/// where the slope of d is below 1, Newton's method also where it is not but nothing folds. Where the field folds several
/// answers exist, and one of them stands.
Point undisplaced(const DisplacementGrid& grid, Point p);

}  // namespace leaven::plan
