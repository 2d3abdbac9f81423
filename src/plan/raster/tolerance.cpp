#include <algorithm>

#include "plan/raster/planner.hpp"

namespace leaven::plan {

namespace {

/// Fetches stored values as they are.
bool only_moves(const Stage& stage) {
  if (std::holds_alternative<CopyStage>(stage) || std::holds_alternative<OpaqueStage>(stage)) return true;
  const auto* warp = std::get_if<WarpStage>(&stage);
  return warp && warp->filter == Filter::nearest;
}

/// A table of whole levels, or values that a key or a place puts in: no arithmetic to round in one way or another.
bool only_looks_up(const PointStep& step, bool whole_levels) {
  if (std::holds_alternative<Table>(step.what)) return whole_levels || step.round_first;
  const auto* positional = std::get_if<Positional>(&step.what);
  return positional && !std::holds_alternative<GaussianNoise>(positional->what);
}

bool is_exact(const Pass& pass) {
  if (!only_moves(pass.stage)) return false;
  if (pass.run.empty() && !pass.reduce) return true;
  if (pass.out.dtype == Dtype::f32) return false;
  bool whole_levels = !pass.reduce;  // the first table reads stored levels; what it gives is none
  for (const PointStep& step : pass.run) {
    if (!only_looks_up(step, whole_levels)) return false;
    if (std::holds_alternative<Table>(step.what)) whole_levels = false;
  }
  return true;
}

}  // namespace

double tolerance(const RasterPlan& plan) {
  if (std::all_of(plan.passes.begin(), plan.passes.end(), is_exact)) return 0;
  switch (plan.out.dtype) {
    case Dtype::u8: return 1;
    case Dtype::u16: return 16;
    case Dtype::f32: return 1e-4;
  }
  return 0;
}

}  // namespace leaven::plan
