#include "plan/raster/planner.hpp"

#include "plan/raster/passes.hpp"

namespace leaven::plan {

RasterPlan plan_raster(std::span<const LoweredStep> steps, const RasterShape& source, const PlanOptions& options,
                       const PlanWatcher& watcher) {
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
