#include "plan/series/series_plan.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace leaven::plan {

namespace {

/// Puts one more at the end of `all`, which has room for it, and lengthens the last pass by it or begins a new one.
template <class Pass, class One>
void append(SeriesPlan& plan, bool fuse, std::span<const One> Pass::*list, std::vector<One>& all, One one) {
  all.push_back(one);
  if (!fuse || plan.passes.empty() || !std::holds_alternative<Pass>(plan.passes.back())) plan.passes.emplace_back(Pass{});
  auto& pass = std::get<Pass>(plan.passes.back());
  const std::size_t count = (pass.*list).size() + 1;
  pass.*list = std::span<const One>(all).last(count);
}

}  // namespace

bool ValuesPass::Item::touches(std::size_t channel) const {
  return step->channels.empty() || std::ranges::binary_search(step->channels, channel);
}

void require_runnable(const LoweredSeriesStep& step) {
  for (const Node& node : step.nodes) {
    const NodeKind kind = kind_of(node);
    if (kind == NodeKind::series_values) continue;
    if (kind != NodeKind::time_map && kind != NodeKind::series_whole) throw bug("a node of images or tables among the steps of a series");
    if (!step.channels.empty())
      throw usage_error("on: it moves or joins all channels together, and cannot be restricted to some")
          .with_hint("channels of one series stay aligned in time")
          .with_step(step.path);
  }
}

void pass_shape(const Node& node, SeriesShape& shape) {
  const auto* map = std::get_if<TimeMap>(&node);
  if (!map) return;
  if (map->length == 0) throw usage_error("a series must keep at least one sample");
  if (map->length > kMostSeriesValues / shape.channels)
    throw usage_error("a series must have at most " + std::to_string(kMostSeriesValues) + " values in all, and this one would have " +
                      std::to_string(map->length) + " × " + std::to_string(shape.channels));
  shape.length = map->length;
}

void plan_series(std::span<const LoweredSeriesStep> steps, bool fuse, SeriesPlan& plan) {
  std::size_t nodes = 0;
  for (const LoweredSeriesStep& step : steps) nodes += step.nodes.size();
  plan.passes.clear();
  plan.maps.clear();
  plan.items.clear();
  plan.maps.reserve(nodes);  // passes point into both
  plan.items.reserve(nodes);
  for (const LoweredSeriesStep& step : steps)
    for (const Node& node : step.nodes) {
      if (const auto* map = std::get_if<TimeMap>(&node)) append(plan, fuse, &TimePass::maps, plan.maps, map);
      else if (const auto* values = std::get_if<SeriesValues>(&node)) append(plan, fuse, &ValuesPass::items, plan.items, {values, &step});
      else plan.passes.emplace_back(WholePass{&std::get<SeriesWhole>(node), &step});
    }
}

SeriesPlan plan_series(std::span<const LoweredSeriesStep> steps, bool fuse) {
  SeriesPlan plan;
  plan_series(steps, fuse, plan);
  return plan;
}

}  // namespace leaven::plan
