#include <algorithm>

#include "plan/raster/passes.hpp"

namespace leaven::plan {

void shrink_decode(RasterPlan& plan, int largest) {
  Pass& pass = plan.passes.front();
  auto* warp = std::get_if<WarpStage>(&pass.stage);
  if (!warp) return;
  const double shrinks = std::min(warp->footprint_x, warp->footprint_y);
  int by = largest;
  while (by > 1 && by > shrinks * (1 + 1e-9)) by /= 2;
  if (by <= 1) return;

  // One more map, from the source's frame to that of what is decoded. The source's own canvas still answers outside of
  // it, so that borders lie where they did; a last column or row may hold less than `by` of the source's.
  const RasterShape& whole = plan.source;
  RasterShape small = whole;
  small.width = shrunk(whole.size(), by).width;
  small.height = shrunk(whole.size(), by).height;
  Matrix3 to_small = Matrix3::identity();
  to_small.m[0] = to_small.m[4] = 1.0 / by;
  warp->steps.insert(warp->steps.begin(), {to_small, small.size(), Border{BorderKind::edge}});
  settle(pass, {warp->filter, true});
  pass.in = plan.source = small;
  plan.read = Region::whole(small.size());
  plan.shrink = by;
}

}  // namespace leaven::plan
