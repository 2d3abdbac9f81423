// Where points can be: bounds carried back through the steps of a warp.
#pragma once

#include "plan/raster/plan.hpp"

namespace leaven::plan {

/// A closed rectangle of points; empty when left > right; unbounded sides are infinite.
struct Extent {
  double left{}, top{}, right{}, bottom{};

  bool empty() const { return left > right || top > bottom; }
  /// No point falls outside the canvas, so that its border never answers.
  bool inside(Size canvas) const {
    return empty() || (left >= 0 && top >= 0 && right <= canvas.width && bottom <= canvas.height);
  }
  static Extent of_centres(Size canvas) { return {0.5, 0.5, canvas.width - 0.5, canvas.height - 0.5}; }
};

/// All points to which the step can map a point of `from`, before its border answers.
Extent mapped(const WarpStep& step, const Extent& from);
/// All points of the step's input canvas that go on after its border has answered for those outside.
Extent folded(const WarpStep& step, const Extent& points);

}  // namespace leaven::plan
