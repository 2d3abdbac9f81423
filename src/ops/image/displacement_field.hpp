// Displacements that a formula gives, as the spline grids that the engine runs.
#pragma once

#include <functional>

#include "ops/image/canvas.hpp"

namespace leaven::ops {

/// Output point → how far from it the input point lies, px. Also asked up to three spacings outside the picture.
using DisplacementFormula = std::function<Point(Point)>;

/// How control vectors follow from the formula's values at the nodes. follow: c = f − δ²f/6 along each axis (a
/// quasi-interpolant: cubics are met exactly, others to the fourth power of the spacing; de Boor and Fix, 1973). round:
/// c = f (Schoenberg, 1946), which meets straight pieces exactly and rounds the corners between them within two
/// spacings, never overshooting.
enum class Fit : std::uint8_t { follow, round };

DisplacementGrid grid_of(const DisplacementFormula& formula, Size size, double spacing_x, double spacing_y, Fit fit);

/// The node for an op that has border, fill and filter.
template <class Op>
Nodes displace(const Op& op, const Site& at, DisplacementGrid grid) {
  return {Displacement{.grid = std::make_shared<const DisplacementGrid>(std::move(grid)),
                       .border = {op.border, fill_for(op.fill, at)},
                       .filter = op.filter}};
}

}  // namespace leaven::ops
