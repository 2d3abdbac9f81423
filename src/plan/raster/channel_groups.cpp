// Pictures of more than four channels, group by group, for both executors.
#include "core/channel_group.hpp"
#include "core/error.hpp"
#include "plan/raster/passes.hpp"

namespace leaven::plan {

namespace {

/// Calls run for the groups of a stretch, on what `source` holds of their channels.
void in_groups(std::span<const RasterPlan> groups, int channels, const RasterView& source, const RunGroup& run) {
  const RasterPlan& one = groups.front();
  const RasterShape& shape = source.shape;
  const Region& read = one.read;
  const int x = read.x - source.origin_x, y = read.y - source.origin_y;
  const bool same_kind = shape.channels == channels && shape.dtype == one.source.dtype;
  if (!same_kind || x < 0 || y < 0 || x + read.width > shape.width || y + read.height > shape.height)
    throw bug("a plan for " + describe(one.source) + " got " + describe(shape) + " without the region that it reads");
  RasterView part{source.data + source.stride * y + static_cast<std::ptrdiff_t>(shape.pixel_bytes()) * x, source.stride, shape, read.x, read.y};
  part.shape.width = read.width;
  part.shape.height = read.height;
  const std::vector<int> first = first_channels(channels);
  for (std::size_t group = 0; group < groups.size(); ++group) run(groups[group], taken_group(part, first[group]).view(), first[group]);
}

}  // namespace

std::size_t stretches_of(const RasterPlan& plan) { return plan.groups.empty() ? 0 : plan.passes.size() + 1; }

std::span<const RasterPlan> groups_of(const RasterPlan& plan, std::size_t stretch) {
  const std::size_t count = plan.groups.size() / (plan.passes.size() + 1);
  return std::span(plan.groups).subspan(stretch * count, count);
}

void for_each_group(const RasterPlan& plan, const RasterView& source, const std::function<Raster(const RasterPlan& group, const RasterView& channels)>& run,
                    const RunGroup& last) {
  Raster made;
  RasterView in = source;
  for (std::size_t stretch = 0; stretch < plan.passes.size(); ++stretch) {
    const Pass& joined = plan.passes[stretch];
    Raster stored(joined.in);
    in_groups(groups_of(plan, stretch), plan.source.channels, in, [&](const RasterPlan& group, const RasterView& channels, int first) {
      put_group(run(group, channels).view(), first, stored.shape(), stored.data());
    });
    made = std::get<OpaqueStage>(joined.stage).opaque.made_of(stored.view());
    if (made.shape() != joined.out) throw bug("an opaque function made " + describe(made.shape()) + " of " + describe(joined.in));
    in = made.view();
  }
  in_groups(groups_of(plan, plan.passes.size()), plan.source.channels, in, last);
}

}  // namespace leaven::plan
