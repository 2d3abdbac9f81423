#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "plan/raster/mixing.hpp"
#include "plan/raster/passes.hpp"

namespace leaven::plan {

namespace {

constexpr int kLargestSide = 1 << 16;

void check_canvas(const RasterShape& shape) {
  if (shape.width >= 1 && shape.height >= 1 && shape.width <= kLargestSide && shape.height <= kLargestSide) return;
  throw usage_error("a canvas must have 1 to " + std::to_string(kLargestSide) + " px a side, got " +
                    std::to_string(shape.width) + "×" + std::to_string(shape.height));
}

void check_colours(const char* what, const RasterShape& in) {
  if (in.colour_channels() != 3)
    throw usage_error(std::string(what) + " needs 3 colour channels, got " + std::to_string(in.colour_channels()));
}

/// The same map with w = 1 at the origin where it is affine, and w > 0 at the canvas centre where it is not: M and −M
/// are one map, but the sign of w says what lies behind the horizon.
Matrix3 normalised(Matrix3 map, Size canvas) {
  for (const double v : map.m)
    if (!std::isfinite(v)) throw usage_error("a map must have finite entries");
  if (map.is_affine()) {
    if (map.m[8] == 0) throw usage_error("a map must not send every point to infinity");
    if (map.m[8] != 1) {
      const double w = map.m[8];
      for (double& v : map.m) v /= w;
    }
  } else if (map.m[6] * canvas.width / 2 + map.m[7] * canvas.height / 2 + map.m[8] < 0) {
    for (double& v : map.m) v = -v;
  }
  return map;
}

/// Fill colours are stored colours.
Border settled(Border border, const RasterShape& in) {
  if (in.dtype == Dtype::f32) return border;
  const double scale = full_scale(in.dtype);
  for (float& v : border.fill)
    v = static_cast<float>(std::nearbyint(std::clamp(static_cast<double>(v), 0.0, 1.0) * scale) / scale);
  return border;
}

/// Turns one node into the stage and run of its pass.
struct NodeLowering {
  Pass& pass;
  WarpWish& wish;
  const PlanOptions& options;

  void operator()(const Geometry& node) {
    check_canvas(pass.out);
    wish = {node.filter, node.antialias};
    warp({normalised(node.to_input, node.canvas), pass.in.size(), settled(node.border, pass.in)});
  }
  void operator()(const Displacement& node) {
    if (!node.grid) throw bug("a displacement without a grid");
    wish = {node.filter, true};
    warp({node.grid, pass.in.size(), settled(node.border, pass.in)});
  }
  void operator()(const Table& node) { pass.run.push_back({node, false}); }
  void operator()(const ColorMatrix& node) {
    check_colours("a colour matrix", pass.in);
    pass.run.push_back({node, false});
  }
  void operator()(const ColorFunction& node) {
    check_colours("a colour function", pass.in);
    pass.run.push_back({node, false});
  }
  void operator()(const Positional& node) { pass.run.push_back({node, false}); }
  void operator()(const Stencil& node) {
    if (const auto* taps = std::get_if<Separable>(&node.what))
      if (taps->taps_x.size() % 2 == 0 || taps->taps_y.size() % 2 == 0)
        throw bug("a separable stencil must have an odd number of taps");
    pass.stage = StencilStage{node};
  }
  void operator()(const Reduce& node) {
    if (!node.tail) throw bug("a reduction without a tail");
    pass.reduce = node;
  }
  void operator()(const Opaque& node) {
    if (!node.apply && !node.apply_beside) throw bug("an opaque node without a function");
    pass.stage = OpaqueStage{node};
  }
  void operator()(const Mix& node) {
    check_canvas(pass.out);
    if (!node.layers) throw bug("a mix without layers");
    std::vector<RasterPlan> plans;
    for (const MixLayer& layer : *node.layers) {
      MixLayer untouched = layer;
      untouched.nodes.clear();
      plans.push_back(plan_raster(std::vector<LoweredStep>{{{}, layer.nodes}}, shape_of(untouched, node, pass.in), options));
      const RasterShape& made = plans.back().out;
      if (conformed(made, pass.in) != made)
        throw bug("a layer of " + describe(made) + " on an image of " + describe(pass.in));
      if (layer.mask && layer.mask->shape() != RasterShape{made.width, made.height, 1, Dtype::u8})
        throw bug("a mask of " + describe(layer.mask->shape()) + " on a layer of " + describe(made));
    }
    pass.stage = MixStage{node, std::make_shared<const std::vector<RasterPlan>>(std::move(plans))};
  }
  void operator()(const ColumnFunction&) { throw bug("a column function among raster steps"); }
  void operator()(const TimeMap&) { throw bug("a time map among raster steps"); }
  void operator()(const SeriesValues&) { throw bug("a function of a series among raster steps"); }
  void operator()(const SeriesWhole&) { throw bug("a function of a series among raster steps"); }

 private:
  void warp(WarpStep step) {
    WarpStage stage;
    stage.steps.push_back(std::move(step));
    settle_sampling(stage, wish, pass.out.size());
    pass.stage = std::move(stage);
  }
};

}  // namespace

Draft lower(std::span<const LoweredStep> steps, const RasterShape& source, const PlanOptions& options) {
  check_canvas(source);
  if (source.channels < 1 || source.channels > kGroupChannels) throw bug("a plan of one group for " + describe(source));
  Draft draft;
  RasterPlan& plan = draft.plan;
  std::size_t nodes = 0;
  for (const LoweredStep& step : steps) nodes += step.nodes.size();
  plan.passes.reserve(nodes + 1);
  draft.wishes.reserve(nodes + 1);
  plan.source = source;
  plan.read = Region::whole(source.size());

  RasterShape shape = source;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (const Node& node : steps[i].nodes) {
      Pass& pass = plan.passes.emplace_back();
      WarpWish& wish = draft.wishes.emplace_back();
      pass.in = shape;
      pass.out = shape = shape_after(node, shape);
      pass.steps.push_back(static_cast<int>(i));
      try {
        std::visit(NodeLowering{pass, wish, options}, node);
      } catch (Error& error) {
        throw error.with_step(steps[i].path);
      }
    }
  }
  if (plan.passes.empty()) {
    Pass& copy = plan.passes.emplace_back();
    draft.wishes.emplace_back();
    copy.in = copy.out = shape;
  }
  plan.out = shape;
  return draft;
}

}  // namespace leaven::plan
