#include <algorithm>
#include <cmath>
#include <limits>

#include "plan/raster/passes.hpp"

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

double declared_bound(Dtype dtype) {
  switch (dtype) {
    case Dtype::u8: return 1;
    case Dtype::u16: return 16;
    case Dtype::f32: return 1e-4;
  }
  return 0;
}

/// Difference that a mix adds to what its input has, in levels.
double mix_bound(const MixStage& stage) {
  double most = 0;
  bool blends = false;
  for (std::size_t i = 0; i < stage.plans->size(); ++i) {
    const MixLayer& layer = (*stage.mix.layers)[i];
    most = std::max(most, tolerance((*stage.plans)[i]));
    blends = blends || layer.opacity < 1 || layer.mask;
  }
  return most + (blends ? declared_bound(stage.plans->empty() ? Dtype::u8 : stage.plans->front().out.dtype) : 0);
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

// How much a difference can grow on its way: the largest sum of |weights|, the steepest slope. What jumps has none and
// counts as 1, as the bound says nothing of it.

struct StageGrowth {
  double operator()(const WarpStage& stage) const {
    switch (stage.filter) {
      case Filter::bicubic: return 1.6;  // 1.25 an axis, half way between centres
      case Filter::lanczos: return 2.5;  // 1.55 an axis
      default: return 1;
    }
  }
  double operator()(const StencilStage& stage) const {
    const auto sum = [](const auto& taps) {
      double total = 0;
      for (const float tap : taps) total += std::abs(static_cast<double>(tap));
      return total;
    };
    const auto* lines = std::get_if<Separable>(&stage.stencil.what);
    return lines ? sum(lines->taps_x) * sum(lines->taps_y) : sum(std::get<Kernel3>(stage.stencil.what).taps);
  }
  double operator()(const CopyStage&) const { return 1; }
  double operator()(const OpaqueStage&) const { return 1; }
  double operator()(const MixStage&) const { return 1; }
};

struct StepGrowth {
  double level;  ///< of the pass's input: the smallest value above 0

  double operator()(const Table& table) const {
    double most = 0;
    for (const Curve& curve : table.curves) most = std::max(most, slope(curve));
    return most;
  }
  double operator()(const ColorMatrix& matrix) const {
    double most = 0;
    for (std::size_t row = 0; row < 3; ++row) {
      double sum = 0;
      for (std::size_t i = 0; i < 3; ++i) sum += std::abs(static_cast<double>(matrix.m[4 * row + i]));
      most = std::max(most, sum);
    }
    return most;
  }
  double operator()(const ColorFunction&) const { return 6; }  // value and chroma move by 1 and 2, the hue by 4 more
  double operator()(const Positional&) const { return 1; }

 private:
  double slope(const Curve& curve) const {
    if (curve.form == Curve::Form::affine) return std::abs(curve.a);
    if (curve.form != Curve::Form::power) return 1;
    return curve.a >= 1 ? curve.a : std::pow(level, curve.a - 1);  // steepest at the dark end
  }
};

double growth(const Pass& pass) {
  const double level =
      pass.in.dtype == Dtype::f32 ? std::numeric_limits<float>::epsilon() : 1 / full_scale(pass.in.dtype);
  double all = std::visit(StageGrowth{}, pass.stage);
  for (const PointStep& step : pass.run) all *= std::visit(StepGrowth{level}, step.what);
  return all;
}

/// What a difference of `bound` in what the plan reads comes to in what it makes; in units of 1.0.
double bound_after(const RasterPlan& plan, double bound) {
  for (std::size_t stretch = 0; stretch < stretches_of(plan); ++stretch) {
    double most = 0;
    for (const RasterPlan& group : groups_of(plan, stretch)) most = std::max(most, bound_after(group, bound));
    bound = most;
  }
  if (!plan.groups.empty()) return bound;
  for (const Pass& pass : plan.passes) {
    const double level = 1 / full_scale(pass.out.dtype);
    bound *= growth(pass);
    if (const auto* mix = std::get_if<MixStage>(&pass.stage)) {
      bound += mix_bound(*mix) * level;
      if (pass.run.empty()) continue;
    }
    if (!is_exact(pass))
      bound += declared_bound(pass.out.dtype) * level;
    else if (bound > 0 && !pass.run.empty())
      bound += level;  // both ends of a difference are rounded
  }
  return bound;
}

}  // namespace

double tolerance(const RasterPlan& plan) { return bound_after(plan, 0) * full_scale(plan.out.dtype); }

}  // namespace leaven::plan
