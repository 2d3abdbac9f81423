#include "plan/raster/planner.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "core/all_channels.hpp"
#include "core/channel_group.hpp"
#include "core/error.hpp"
#include "plan/raster/passes.hpp"

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

/// Nodes [from, to) of a step, of each group; the lists of all groups are of one length.
LoweredStep part_of(const LoweredStep& step, std::size_t from, std::size_t to) {
  const auto cut = [&](const Nodes& nodes) {
    return Nodes(nodes.begin() + static_cast<std::ptrdiff_t>(from), nodes.begin() + static_cast<std::ptrdiff_t>(to));
  };
  LoweredStep part{step.path, cut(step.nodes), {}};
  for (const Nodes& nodes : step.further) part.further.push_back(cut(nodes));
  return part;
}

/// What stands between two steps that need all channels, and the second of them.
struct Stretch {
  std::vector<LoweredStep> steps{};  ///< all of the program's, those of other stretches without nodes
  std::optional<Opaque> then{};
  int step{};  ///< index of that one
};

std::vector<Stretch> cut_where_joined(std::span<const LoweredStep> steps) {
  std::vector<LoweredStep> none;
  for (const LoweredStep& step : steps) none.push_back(part_of(step, 0, 0));
  std::vector<Stretch> all{{none, {}, 0}};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Nodes& nodes = steps[i].nodes;
    std::size_t from = 0;
    for (std::size_t n = 0; n < nodes.size(); ++n) {
      if (!takes_all_channels(nodes[n])) continue;
      all.back() = {std::move(all.back().steps), std::get<Opaque>(nodes[n]), static_cast<int>(i)};
      all.back().steps[i] = part_of(steps[i], from, n);
      all.push_back({none, {}, 0});
      from = n + 1;
    }
    all.back().steps[i] = part_of(steps[i], from, nodes.size());
  }
  return all;
}

RasterPlan plan_channels(std::span<const LoweredStep> steps, const RasterShape& source, const PlanOptions& options, const PlanWatcher& watcher) {
  std::vector<Stretch> stretches = cut_where_joined(steps);
  RasterPlan whole = plan_groups(stretches.front().steps, source, options, watcher);
  PlanOptions in_memory = options;
  in_memory.largest_shrink = 1;
  for (std::size_t i = 1; i < stretches.size(); ++i) {
    Stretch& before = stretches[i - 1];
    whole.passes.push_back({.in = whole.out, .out = whole.out, .stage = OpaqueStage{std::move(*before.then)}, .steps = {before.step}});
    RasterPlan next = plan_groups(stretches[i].steps, whole.out, in_memory, {});
    std::ranges::move(next.groups, std::back_inserter(whole.groups));
    whole.out = next.out;
  }
  return whole;
}

}  // namespace

RasterPlan plan_raster(std::span<const LoweredStep> steps, const RasterShape& source, const PlanOptions& options,
                       const PlanWatcher& watcher) {
  if (source.channels > kGroupChannels) return plan_channels(steps, source, options, watcher);
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
