// Pictures of more than four channels, group by group, for both executors.
#include "core/channel_group.hpp"
#include "core/error.hpp"
#include "plan/raster/passes.hpp"

namespace leaven::plan {

void for_each_group(const RasterPlan& plan, const RasterView& source, const RunGroup& run) {
  const RasterShape& shape = source.shape;
  const Region& read = plan.read;
  const int x = read.x - source.origin_x, y = read.y - source.origin_y;
  const bool same_kind = shape.channels == plan.source.channels && shape.dtype == plan.source.dtype;
  if (!same_kind || x < 0 || y < 0 || x + read.width > shape.width || y + read.height > shape.height)
    throw bug("a plan for " + describe(plan.source) + " got " + describe(shape) + " without the region that it reads");
  RasterView part{source.data + source.stride * y + static_cast<std::ptrdiff_t>(shape.pixel_bytes()) * x, source.stride, shape, read.x, read.y};
  part.shape.width = read.width;
  part.shape.height = read.height;
  const std::vector<int> first = first_channels(shape.channels);
  for (std::size_t group = 0; group < plan.groups.size(); ++group)
    run(plan.groups[group], taken_group(part, first[group]).view(), first[group]);
}

}  // namespace leaven::plan
