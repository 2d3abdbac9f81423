#include "plan/series/series_plan.hpp"

#include <utility>

#include "core/error.hpp"

namespace leaven::plan {

namespace {

class Planner {
 public:
  explicit Planner(bool fuse) : fuse_(fuse) {}

  void add(const LoweredSeriesStep& step, const Node& node) {
    if (const auto* map = std::get_if<TimeMap>(&node)) {
      require_all_channels(step);
      last_or_new<TimePass>().maps.push_back(*map);
    } else if (const auto* values = std::get_if<SeriesValues>(&node)) {
      last_or_new<ValuesPass>().items.push_back({*values, step.channels});
    } else if (const auto* whole = std::get_if<SeriesWhole>(&node)) {
      require_all_channels(step);
      plan_.passes.emplace_back(WholePass{*whole, step.partners});
    } else {
      throw bug("a node of images or tables among the steps of a series");
    }
  }

  SeriesPlan take() { return std::move(plan_); }

 private:
  static void require_all_channels(const LoweredSeriesStep& step) {
    if (!step.channels.empty())
      throw usage_error("on: it moves or joins all channels together, and cannot be restricted to some")
          .with_hint("channels of one series stay aligned in time");
  }

  template <class Pass>
  Pass& last_or_new() {
    if (!fuse_ || plan_.passes.empty() || !std::holds_alternative<Pass>(plan_.passes.back())) plan_.passes.emplace_back(Pass{});
    return std::get<Pass>(plan_.passes.back());
  }

  bool fuse_;
  SeriesPlan plan_;
};

}  // namespace

SeriesShape shape_after(const Node& node, SeriesShape shape) {
  const auto* map = std::get_if<TimeMap>(&node);
  if (!map) return shape;
  if (map->length == 0) throw usage_error("a series must keep at least one sample");
  if (map->length > kMostSeriesValues / shape.channels)
    throw usage_error("a series must have at most " + std::to_string(kMostSeriesValues) + " values in all, and this one would have " +
                      std::to_string(map->length) + " × " + std::to_string(shape.channels));
  shape.length = map->length;
  return shape;
}

SeriesPlan plan_series(std::span<const LoweredSeriesStep> steps, bool fuse) {
  Planner planner(fuse);
  for (const LoweredSeriesStep& step : steps) {
    try {
      for (const Node& node : step.nodes) planner.add(step, node);
    } catch (Error& error) {
      error.with_step(step.path);
      throw;
    }
  }
  return planner.take();
}

}  // namespace leaven::plan
