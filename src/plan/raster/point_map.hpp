// What the nodes of a chain do to points.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "plan/raster/outline.hpp"
#include "plan/raster/planner.hpp"

namespace leaven::plan {

/// One node that moves points or hides some; others are left out of a chain's maps.
class PointMap {
 public:
  /// Throws Error(usage) for a singular map.
  explicit PointMap(const Geometry& node);
  PointMap(const Displacement& node, Size canvas) : grid_(node.grid), canvas_(canvas) {}
  PointMap(std::span<const Region> holes, Size canvas);

  /// Input point → output point. Behind the horizon: NaN.
  Point map(Point p) const;
  /// The part of an input outline before the horizon, mapped; edges that bend are cut in pieces first.
  Outline map_outline(const Outline& outline) const;
  Outline map_line(const Outline& line) const;
  /// The way back: where in the input the part of an output outline lies that shows something of it.
  Outline map_back(const Outline& outline) const;
  /// −1 where the picture is mirrored.
  double direction() const { return direction_; }
  Size canvas() const { return canvas_; }  ///< of the output
  const std::vector<Outline>& holes() const { return holes_; }
  bool moves() const { return forward_ || grid_; }

 private:
  Outline pieces(const Outline& outline, bool closed) const;

  std::optional<Matrix3> forward_{};
  Matrix3 back_{};
  HalfPlane view_{};       ///< positive for points in view, where the map is projective
  HalfPlane back_view_{};  ///< the same for points of the output
  std::shared_ptr<const DisplacementGrid> grid_{};
  Size canvas_{};
  double direction_{1};
  std::vector<Outline> holes_{};
};

/// Throws Error(usage) naming the step: an Opaque that does not keep geometry, a singular map.
std::vector<PointMap> point_maps(std::span<const LoweredStep> steps, const RasterShape& source);

}  // namespace leaven::plan
