#include "plan/raster/planner.hpp"

#include "plan/raster/passes.hpp"

#include "core/channel_group.hpp"
#include "core/error.hpp"

namespace leaven::plan {

namespace {

/// One plan a group of channels. The watcher sees the first: the others differ in what they do to values alone.
RasterPlan plan_groups(std::span<const LoweredStep> steps, const RasterShape& source, const PlanOptions& options, const PlanWatcher& watcher) {
  if (source.channels > kMostChannels)
    throw usage_error("an image must have 1 to " + std::to_string(kMostChannels) + " channels, got " + std::to_string(source.channels));
  if (source.alpha) throw bug("an image of more than four channels with alpha");
  RasterPlan whole;
  const std::size_t groups = first_channels(source.channels).size();
  for (std::size_t group = 0; group < groups; ++group) {
    std::vector<LoweredStep> own;
    for (const LoweredStep& step : steps) own.push_back({step.path, step.of_group(group)});
    whole.groups.push_back(plan_raster(own, group_shape(source), options, group == 0 ? watcher : PlanWatcher()));
    const RasterPlan &first = whole.groups.front(), &last = whole.groups.back();
    if (last.out != first.out || last.read != first.read || last.shrink != first.shrink) throw bug("groups of channels do not go one way");
  }
  const RasterPlan& first = whole.groups.front();
  whole.shrink = first.shrink;
  whole.read = first.read;
  whole.source = first.source;
  whole.out = first.out;
  whole.source.channels = whole.out.channels = source.channels;
  return whole;
}

}  // namespace

RasterPlan plan_raster(std::span<const LoweredStep> steps, const RasterShape& source, const PlanOptions& options,
                       const PlanWatcher& watcher) {
  if (source.channels > kGroupChannels) return plan_groups(steps, source, options, watcher);
  Draft draft = lower(steps, source, options);
  RasterPlan& plan = draft.plan;
  const auto tell = [&](std::string_view pass) {
    if (watcher) watcher(pass, plan);
  };
  tell("lower");
  if (options.fuse) {
    fuse_geometry(draft);
    tell("fuse geometry");
    fuse_pointwise(plan);
    tell("fuse pointwise");
  }
  if (options.largest_shrink > 1) {
    shrink_decode(plan, options.largest_shrink);
    tell("shrink decode");
  }
  fold_into_decode(plan);
  tell("fold into decode");
  choose_tiles(plan);
  tell("tile");
  return std::move(plan);
}

}  // namespace leaven::plan
