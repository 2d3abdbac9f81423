#include <cmath>

#include "core/channel_group.hpp"
#include "core/error.hpp"
#include "plan/raster/mixing.hpp"
#include "plan/raster/passes.hpp"
#include "plan/raster/plan.hpp"
#include "plan/raster/reference.hpp"

namespace leaven::plan {

using reference::Input;
using reference::Pixel;

namespace reference {

Pixel Input::at(int x, int y) const {
  const int column = x - view.origin_x, row = y - view.origin_y;
  if (column < 0 || row < 0 || column >= view.shape.width || row >= view.shape.height)
    throw bug("a plan reads pixel (" + std::to_string(x) + ", " + std::to_string(y) +
              ") outside the region that it asked for");
  Pixel pixel{};
  const double scale = full_scale(shape.dtype);
  for (int c = 0; c < shape.channels; ++c) {
    const auto channel = static_cast<std::size_t>(c);
    const int i = column * shape.channels + c;
    switch (shape.dtype) {
      case Dtype::u8: pixel[channel] = view.row<std::uint8_t>(row)[i] / scale; break;
      case Dtype::u16: pixel[channel] = view.row<std::uint16_t>(row)[i] / scale; break;
      case Dtype::f32: pixel[channel] = static_cast<double>(view.row<float>(row)[i]); break;
    }
  }
  return pixel;
}

}  // namespace reference

namespace {

void clamp(Pixel& pixel) {
  for (double& v : pixel) v = reference::clamped(v);
}

template <class T>
T as_stored(double v, Dtype dtype) {
  return static_cast<T>(std::nearbyint(reference::clamped(v) * full_scale(dtype)));
}

void store(const Pixel& pixel, Raster& out, int x, int y) {
  const RasterShape& shape = out.shape();
  for (int c = 0; c < shape.channels; ++c) {
    const double v = pixel[static_cast<std::size_t>(c)];
    const int i = x * shape.channels + c;
    switch (shape.dtype) {
      case Dtype::u8: out.row<std::uint8_t>(y)[i] = as_stored<std::uint8_t>(v, shape.dtype); break;
      case Dtype::u16: out.row<std::uint16_t>(y)[i] = as_stored<std::uint16_t>(v, shape.dtype); break;
      case Dtype::f32: out.row<float>(y)[i] = static_cast<float>(v); break;
    }
  }
}

void round_to_levels(Pixel& pixel, Dtype dtype) {
  for (double& v : pixel) v = reference::to_level(v, dtype);
}

Pixel fetch(const Pass& pass, const Input& input, int x, int y) {
  if (const auto* warp = std::get_if<WarpStage>(&pass.stage)) return reference::fetch_warped(*warp, input, x, y);
  if (const auto* stencil = std::get_if<StencilStage>(&pass.stage))
    return reference::fetch_filtered(stencil->stencil, input, x, y);
  return input.at(x, y);
}

Raster run_pass(const Pass& pass, const Input& stored) {
  Raster opaque;
  Input input = stored;
  if (const auto* stage = std::get_if<OpaqueStage>(&pass.stage)) {
    opaque = stage->opaque.made_of(stored.view);
    input = {opaque.view(), pass.in};
  } else if (const auto* mix = std::get_if<MixStage>(&pass.stage)) {
    RasterShape shape = pass.in;
    shape.width = pass.out.width;
    shape.height = pass.out.height;
    opaque = mixed_reference(*mix, stored.view, shape);
    input = {opaque.view(), shape};
  }
  std::vector<PointStep> run = pass.run;
  if (pass.reduce)
    run.insert(run.begin(), PointStep{pass.reduce->tail(reference::statistics_of(input), pass.in), false});

  Raster out(pass.out);
  for (int y = 0; y < pass.out.height; ++y)
    for (int x = 0; x < pass.out.width; ++x) {
      bool bounded = pass.in.bounded;
      Pixel pixel = fetch(pass, input, x, y);
      if (bounded) clamp(pixel);
      for (const PointStep& step : run) {
        if (step.round_first) round_to_levels(pixel, pass.in.dtype);
        reference::apply(step, pass.in, x, y, pixel);
        const auto* table = std::get_if<Table>(&step.what);
        if (table && table->unbounded) bounded = false;
        if (bounded) clamp(pixel);
      }
      store(pixel, out, x, y);
    }
  return out;
}

}  // namespace

Raster run_reference(const RasterPlan& plan, const RasterView& source) {
  if (!plan.groups.empty()) {
    Raster out(plan.out);
    for_each_group(plan, source, run_reference, [&](const RasterPlan& group, const RasterView& channels, int first) {
      put_group(run_reference(group, channels).view(), first, plan.out, out.data());
    });
    return out;
  }
  Raster image = run_pass(plan.passes.front(), {source, plan.source});
  for (std::size_t i = 1; i < plan.passes.size(); ++i) image = run_pass(plan.passes[i], {image.view(), image.shape()});
  return image;
}

}  // namespace leaven::plan
