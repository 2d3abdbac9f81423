#include "plan/raster/passes.hpp"

namespace leaven::plan {

namespace {

bool is_pointwise(const Pass& pass) { return std::holds_alternative<CopyStage>(pass.stage) && !pass.reduce; }
bool is_plain_copy(const Pass& pass) { return is_pointwise(pass) && pass.run.empty(); }

/// Values inside a run are no whole levels, but those that a pass reads are; float has none.
bool needs_rounding(const PointStep& step, const Pass& pass) {
  const auto* table = std::get_if<Table>(&step.what);
  return table && table->whole_levels && pass.out.dtype != Dtype::f32 && !is_plain_copy(pass);
}

void append(Pass& pass, Pass& next) {
  for (PointStep& step : next.run) {
    step.round_first = needs_rounding(step, pass);
    pass.run.push_back(std::move(step));
  }
  pass.steps.insert(pass.steps.end(), next.steps.begin(), next.steps.end());
  pass.out = next.out;
}

}  // namespace

void fuse_pointwise(RasterPlan& plan) {
  auto& passes = plan.passes;
  std::size_t kept = 0;
  for (std::size_t i = 1; i < passes.size(); ++i) {
    if (is_pointwise(passes[i])) {
      append(passes[kept], passes[i]);
    } else if (is_plain_copy(passes[kept])) {  // what dissolved needs no trip of its own
      passes[i].steps.insert(passes[i].steps.begin(), passes[kept].steps.begin(), passes[kept].steps.end());
      passes[kept] = std::move(passes[i]);
    } else if (++kept != i) {
      passes[kept] = std::move(passes[i]);
    }
  }
  passes.resize(kept + 1);
}

}  // namespace leaven::plan
