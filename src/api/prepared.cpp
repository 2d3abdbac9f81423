#include <cstdlib>
#include <nlohmann/json.hpp>
#include <span>

#include "api/bodies.hpp"
#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/recipe_files.hpp"
#include "ops/families.hpp"
#include "plan/raster/way_back.hpp"
#include "recipe/files_beside.hpp"

namespace leaven {

namespace {

static_assert(static_cast<int>(PixelType::u16) == static_cast<int>(Dtype::u16) &&
              static_cast<int>(PixelType::f32) == static_cast<int>(Dtype::f32));
static_assert(static_cast<int>(Layout::chw) == static_cast<int>(plan::Layout::chw));

RasterView of_shape(const ImageView& image, const RasterShape& wanted) {
  const RasterView view = api::checked(image, true);
  if (view.shape != wanted)
    throw usage_error("this was prepared for " + describe(wanted) + ", and the image is " + describe(view.shape));
  return view;
}

/// A whole lineage line from the steps of one.
std::string as_line(std::string_view line) {
  using Json = nlohmann::ordered_json;
  Json json = Json::parse(line, nullptr, false);
  if (!json.is_array()) return std::string(line);
  Json record = Json::parse(to_json_line({}));
  record["steps"] = std::move(json);
  return record.dump();
}

}  // namespace

namespace api {

std::string steps_text(const Program& program) {
  LineageRecord record;
  record.program = program;
  return nlohmann::ordered_json::parse(to_json_line(record)).at("steps").dump();
}

RasterView checked(const ImageView& image, bool needs_data) {
  const RasterShape shape{image.width,  image.height, image.channels, static_cast<Dtype>(image.type),
                          image.alpha,  image.bounded};
  if (image.width < 1 || image.height < 1 || image.width > 65535 || image.height > 65535)
    throw usage_error("an image must be 1 to 65,535 px a side, got " + describe(shape));
  if (image.channels < 1 || image.channels > kMostChannels || (image.channels == 2 && !image.alpha))
    throw usage_error("an image must have 1 to " + std::to_string(kMostChannels) + " channels (2 when the second is alpha), got " +
                      std::to_string(image.channels));
  if (image.channels > kGroupChannels && image.alpha)
    throw usage_error("an image of more than 4 channels has no alpha, got " + describe(shape));
  const auto packed = static_cast<std::ptrdiff_t>(shape.row_bytes());
  const std::ptrdiff_t stride = image.stride ? image.stride : packed;
  if (std::abs(stride) < packed)
    throw usage_error("stride must be at least " + std::to_string(packed) + " bytes for this image, got " +
                      std::to_string(stride));
  if (needs_data && !image.data) throw usage_error("the image has no data");
  const std::size_t size = bytes_of(shape.dtype);
  if (reinterpret_cast<std::uintptr_t>(image.data) % size != 0 || static_cast<std::size_t>(std::abs(stride)) % size != 0)
    throw usage_error("the rows of an image of " + std::string(name_of(shape.dtype)) + " must start at multiples of " +
                      std::to_string(size) + " bytes");
  return {static_cast<const std::byte*>(image.data), stride, shape, 0, 0};
}

ImageView view_of(const RasterShape& shape) {
  return {nullptr,     shape.width, shape.height, shape.channels, static_cast<PixelType>(shape.dtype),
          0,           shape.alpha, shape.bounded};
}

Image room_for(const RasterShape& shape) {
  return {std::vector<std::byte>(shape.bytes()),    shape.width, shape.height, shape.channels,
          static_cast<PixelType>(shape.dtype), shape.alpha, shape.bounded};
}

Prepared prepared(plan::DrawnProgram drawn, const RasterShape& source, bool fuse, const AnnotationRules& rules) {
  auto body = std::make_shared<Prepared::Body>(Prepared::Body{std::move(drawn), source, fuse, rules, {}});
  body->plan = plan::plan_drawn(body->drawn, source, {.fuse = fuse});
  return Prepared(std::move(body));
}

}  // namespace api

ImageView Prepared::out() const { return api::view_of(body_->plan.out); }

void Prepared::run(const ImageView& image, void* out, Layout layout) const {
  plan::run_fast(body_->plan, of_shape(image, body_->source), {static_cast<std::byte*>(out), static_cast<plan::Layout>(layout)});
}

Prepared Prepared::back(const ImageView& prediction) const {
  const RasterShape shape = api::checked(prediction, false).shape;
  const Size seen = body_->plan.out.size();
  plan::DrawnProgram drawn;
  try {
    drawn.lowered = plan::steps_back(body_->drawn.lowered, body_->source, Filter::bilinear);
  } catch (Error& error) {
    throw api::with_op(error, body_->drawn.program);
  }
  if (shape.size() != seen) {
    const Matrix3 stretch = Matrix3::scaling(static_cast<double>(shape.width) / seen.width, static_cast<double>(shape.height) / seen.height);
    drawn.lowered.insert(drawn.lowered.begin(), {"the prediction", {Geometry{stretch, seen, {}, Filter::bilinear, true}}});
  }
  drawn.mixed_in.resize(drawn.lowered.size());
  AnnotationRules rules = body_->rules;
  rules.min_visibility = rules.min_area = rules.min_side = 0;
  rules.require = AnnotationRules::Require::none;
  return api::prepared(std::move(drawn), shape, body_->fuse, rules);
}
Prepared Prepared::back() const {
  ImageView prediction = out();
  prediction.channels = 1;
  prediction.alpha = false;
  return back(prediction);
}

std::size_t Prepared::size() const { return body_->drawn.program.steps.size(); }
std::string Prepared::op(std::size_t step) const { return std::string(body_->drawn.program.steps.at(step).op.info().name); }
std::string Prepared::path(std::size_t step) const { return body_->drawn.program.steps.at(step).path; }

Image Prepared::after(const ImageView& image, std::size_t count) const {
  if (count > size()) throw usage_error("there are " + std::to_string(size()) + " steps, not " + std::to_string(count));
  const plan::RasterPlan plan =
      plan::plan_raster(std::span(body_->drawn.lowered).first(count), body_->source, plan::PlanOptions{body_->fuse});
  Image made = api::room_for(plan.out);
  plan::run_fast(plan, of_shape(image, body_->source), {made.data.data(), plan::Layout::hwc});
  return made;
}

std::string Prepared::steps() const { return api::steps_text(body_->drawn.program); }

static Prepared again(std::string_view line, const ImageView& shape_only, const std::string& recipe_file) {
  const LineageRecord record = lineage_from_json(as_line(line), ops::op_table());
  const RasterShape shape = api::checked(shape_only, false).shape;
  recipe::FilesBeside files(flow::recipe_files(), recipe_file);
  return api::prepared(plan::lower_program(record.program, shape, {}, true, {&files, nullptr}), shape, record.fuse);
}

Prepared prepare_again(std::string_view line, const ImageView& shape_only) { return again(line, shape_only, {}); }
Prepared Recipe::prepare_again(std::string_view line, const ImageView& shape_only) const { return again(line, shape_only, body_->recipe.file); }

}  // namespace leaven
