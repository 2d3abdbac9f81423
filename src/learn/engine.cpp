#include "learn/engine.hpp"

#include <array>
#include <utility>

#include "flow/recipe_files.hpp"
#include "ops/families.hpp"

namespace leaven::learn {

namespace {

bool standardises(const recipe::Step& step) { return step.op && (step.op->name == "normalize" || step.op->name == "normalize_per_image"); }

void leave_out(std::vector<recipe::Step>& steps, std::vector<std::string>& names) {
  for (const recipe::Step& step : steps)
    if (standardises(step)) names.emplace_back(step.op->name);
  std::erase_if(steps, standardises);
  for (recipe::Step& step : steps)
    if (step.container == recipe::Container::sequence) leave_out(step.steps, names);
}

Raster run(const recipe::Recipe& recipe, const RasterView& picture, const plan::DrawnProgram& drawn) {
  return plan::run_fast(plan::plan_drawn(drawn, picture.shape, {.fuse = recipe.fuse}), picture);
}

template <class T>
void to_planes(const RasterView& picture, const Standard& standard, const InputShape& shape, float* out) {
  const int channels = picture.shape.channels, colours = picture.shape.colour_channels() >= 3 ? 3 : 1;
  const auto full = static_cast<float>(full_scale(picture.shape.dtype));
  const std::size_t plane = static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(shape.height);
  std::array<float, 3> scale{}, shift{};
  for (std::size_t c = 0; c < 3; ++c) {
    scale[c] = 1 / (full * standard.deviation[c]);
    shift[c] = -standard.mean[c] / standard.deviation[c];
  }
  if (shape.channels == 1 && channels == 1 && picture.stride == static_cast<std::ptrdiff_t>(picture.shape.row_bytes())) {
    // Small grey pictures are what training sees most of: one run of values, which becomes vectors.
    const T* in = picture.row<T>(0);
    const float by = scale[0], plus = shift[0];
    for (std::size_t i = 0; i < plane; ++i) out[i] = static_cast<float>(in[i]) * by + plus;
    return;
  }
  for (int y = 0; y < shape.height; ++y) {
    const T* in = picture.row<T>(y);
    for (int x = 0; x < shape.width; ++x, in += channels, ++out) {
      if (shape.channels == 1) {
        const float value = colours == 1 ? static_cast<float>(in[0]) : (static_cast<float>(in[0]) + static_cast<float>(in[1]) + static_cast<float>(in[2])) / 3;
        *out = value * scale[0] + shift[0];
        continue;
      }
      for (std::size_t c = 0; c < 3; ++c) out[c * plane] = static_cast<float>(in[colours == 3 ? c : 0]) * scale[c] + shift[c];
    }
  }
}

}  // namespace

PictureRecipe::PictureRecipe(std::string name, recipe::Recipe recipe) : name_(std::move(name)), recipe_(std::move(recipe)) {
  leave_out(recipe_.steps, left_out_);
  recipe::Recipe bare;
  bare.fuse = recipe_.fuse;
  bare.steps = recipe_.steps;
  digest_ = recipe::digest(bare);
}

PictureRecipe::PictureRecipe(std::string name, const std::string& text)
    : PictureRecipe(std::move(name), recipe::parse(text, ops::op_table())) {}

void PictureRecipe::end_in(int width, int height) {
  width_ = width, height_ = height;
  const recipe::Recipe resizing =
      recipe::parse("leaven: 1\nsteps: [resize: {width: " + std::to_string(width) + ", height: " + std::to_string(height) + "}]", ops::op_table());
  sized_ = recipe_;
  sized_.steps.push_back(resizing.steps.front());
}

Raster PictureRecipe::made(const RasterView& picture, const DrawContext& draw, std::string_view label, const plan::ChoosePartner& choose) const {
  const plan::DrawnProgram drawn = plan::draw_program(recipe_, draw, picture.shape, label, choose, {&flow::recipe_files(), nullptr});
  if (width_ == 0 || (drawn.out.width == width_ && drawn.out.height == height_)) return run(recipe_, picture, drawn);
  return run(sized_, picture, plan::draw_program(sized_, draw, picture.shape, label, choose, {&flow::recipe_files(), nullptr}));
}

void standardise(const RasterView& picture, const Standard& standard, const InputShape& shape, std::span<float> out) {
  switch (picture.shape.dtype) {
    case Dtype::u8: return to_planes<std::uint8_t>(picture, standard, shape, out.data());
    case Dtype::u16: return to_planes<std::uint16_t>(picture, standard, shape, out.data());
    case Dtype::f32: return to_planes<float>(picture, standard, shape, out.data());
  }
}

}  // namespace leaven::learn
