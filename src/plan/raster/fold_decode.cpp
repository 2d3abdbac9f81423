#include <algorithm>
#include <cmath>

#include "plan/raster/extent.hpp"
#include "plan/raster/passes.hpp"

namespace leaven::plan {

namespace {

double radius_of(Filter filter) {
  switch (filter) {
    case Filter::nearest: return 0;
    case Filter::area: return 0.5;
    case Filter::bilinear: return 1;
    case Filter::bicubic: return 2;
    case Filter::lanczos: return 3;
  }
  return 0;
}

/// Whole pixels that samples in [lo, hi] can touch: those that lie in it where all samples are centres of pixels, else by the
/// filter's radius further. `slack` covers coordinates that an executor rounds otherwise.
void touched(double lo, double hi, double radius, double slack, int size, int& first, int& count) {
  const double reach = radius + slack;
  const double a = std::floor(lo - reach), b = reach == 0 ? std::ceil(hi) : std::floor(hi + reach) + 1;
  const double from = std::clamp(a, 0.0, static_cast<double>(size - 1));
  const double to = std::clamp(b, from + 1, static_cast<double>(size));
  first = static_cast<int>(from);
  count = static_cast<int>(to) - first;
}

}  // namespace

Region region_read(const Pass& pass) {
  const auto* warp = std::get_if<WarpStage>(&pass.stage);
  if (!warp) return Region::whole(pass.in.size());
  Extent points = Extent::of_centres(pass.out.size());
  bool moves = warp->filter == Filter::nearest;
  for (std::size_t i = warp->steps.size(); i-- > 0;) {
    const WarpStep& step = warp->steps[i];
    points = folded(step, mapped(step, points));
    moves = moves && moves_whole_pixels(step);
  }
  if (points.empty()) return {0, 0, 1, 1};  // fill colours answer everywhere
  const double radius = radius_of(warp->filter), slack = moves ? 0 : 1;
  Region region;
  touched(points.left, points.right, radius * warp->footprint_x, slack, pass.in.width, region.x, region.width);
  touched(points.top, points.bottom, radius * warp->footprint_y, slack, pass.in.height, region.y, region.height);
  return region;
}

void fold_into_decode(RasterPlan& plan) { plan.read = region_read(plan.passes.front()); }

}  // namespace leaven::plan
