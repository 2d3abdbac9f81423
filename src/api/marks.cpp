// Public marks into the engine's annotations and back.
#include "leaven/marks.hpp"

#include <cmath>
#include <cstring>

#include "api/bodies.hpp"
#include "core/error.hpp"

namespace leaven {

namespace {

void require_finite(double value) {
  if (!std::isfinite(value)) throw usage_error("the coordinates of marks must be finite numbers");
}

Instance instance_of(const MarkedThing& thing) {
  Instance instance;
  if (thing.box) {
    for (const double side : {thing.box->left, thing.box->top, thing.box->right, thing.box->bottom}) require_finite(side);
    instance.box = Box{thing.box->left, thing.box->top, thing.box->right, thing.box->bottom};
  }
  for (const std::vector<MarkedPoint>& polygon : thing.polygons) {
    if (polygon.size() < 3) throw usage_error("a polygon must have at least 3 points, got " + std::to_string(polygon.size()));
    Outline& outline = instance.outlines.emplace_back();
    for (const MarkedPoint& p : polygon) {
      require_finite(p.x), require_finite(p.y);
      outline.push_back({p.x, p.y});
    }
  }
  for (const MarkedKeypoint& k : thing.keypoints) {
    if (k.visibility < 0 || k.visibility > 2)
      throw usage_error("the visibility of a keypoint must be 0, 1 or 2, got " + std::to_string(k.visibility));
    if (k.visibility > 0) require_finite(k.x), require_finite(k.y);
    Keypoint& keypoint = instance.keypoints.emplace_back();
    keypoint.visibility = k.visibility;
    if (k.visibility == 0) continue;
    keypoint.at = {k.x, k.y};
    keypoint.angle = k.angle;
    keypoint.size = k.size;
    require_finite(k.angle.value_or(0)), require_finite(k.size.value_or(0));
  }
  return instance;
}

Raster mask_of(const ImageView& mask, Size image) {
  RasterView view = api::checked(mask, true);
  if (view.shape.width != image.width || view.shape.height != image.height)
    throw usage_error("a mask must be of the image's size, " + std::to_string(image.width) + "×" + std::to_string(image.height) +
                      " px, got " + describe(view.shape));
  // Each channel is labels or heat, none is alpha, and heat has any range.
  view.shape.alpha = false;
  if (view.shape.dtype == Dtype::f32) view.shape.bounded = false;
  Raster pixels(view.shape);
  for (int y = 0; y < view.shape.height; ++y) std::memcpy(pixels.row<std::byte>(y), view.row<std::byte>(y), view.shape.row_bytes());
  return pixels;
}

}  // namespace

namespace api {

MarkedThing thing_of(const Instance& instance) {
  MarkedThing thing;
  if (instance.box) thing.box = MarkedBox{instance.box->left, instance.box->top, instance.box->right, instance.box->bottom};
  for (const Outline& outline : instance.outlines) {
    std::vector<MarkedPoint>& polygon = thing.polygons.emplace_back();
    for (const Point& p : outline) polygon.push_back({p.x, p.y});
  }
  for (const Keypoint& k : instance.keypoints) thing.keypoints.push_back({k.at.x, k.at.y, k.visibility, k.angle, k.size});
  return thing;
}

Image image_of(const RasterView& pixels) {
  Image made = room_for(pixels.shape);
  const std::size_t row = pixels.shape.row_bytes();
  for (int y = 0; y < pixels.shape.height; ++y) std::memcpy(made.data.data() + row * static_cast<std::size_t>(y), pixels.row<std::byte>(y), row);
  return made;
}

TakenMarks taken(const Marks& marks, const RasterShape& image) {
  TakenMarks taken;
  Category& category = taken.categories.emplace_back();
  for (const MarkedThing& thing : marks.things) {
    taken.annotations.instances.push_back(instance_of(thing));
    if (!marks.mirrored.empty() && !thing.keypoints.empty() && thing.keypoints.size() != marks.mirrored.size())
      throw usage_error("each thing must have " + std::to_string(marks.mirrored.size()) + " keypoints, as many as have names, got " +
                        std::to_string(thing.keypoints.size()));
  }
  for (const std::uint32_t partner : marks.mirrored)
    if (partner >= marks.mirrored.size())
      throw usage_error("there is no keypoint " + std::to_string(partner) + " among " + std::to_string(marks.mirrored.size()));
  category.mirrored = marks.mirrored;
  for (const ImageView& mask : marks.masks) taken.annotations.masks.push_back({"mask", mask_of(mask, image.size())});
  return taken;
}

plan::MappedAnnotations moved(const plan::DrawnProgram& drawn, const RasterShape& source, const TakenMarks& taken, const AnnotationRules& rules) {
  try {
    return plan::map_annotations(drawn, source, taken.annotations, taken.categories, rules);
  } catch (Error& error) {
    throw with_op(error, drawn.program);
  }
}

Error& with_op(Error& error, const Program& program) {
  for (const ProgramStep& step : program.steps)
    if (step.path == error.step()) error.with_op(step.op.info().name);
  return error;
}

}  // namespace api

MovedMarks Prepared::move(const Marks& marks) const {
  const api::TakenMarks taken = api::taken(marks, body_->source);
  plan::MappedAnnotations mapped = api::moved(body_->drawn, body_->source, taken, body_->rules);
  MovedMarks moved;
  for (const Instance& instance : mapped.annotations.instances) moved.things.push_back(api::thing_of(instance));
  moved.kept = std::move(mapped.kept);
  for (const MaskField& mask : mapped.annotations.masks) moved.masks.push_back(api::image_of(mask.pixels.view()));
  return moved;
}

std::vector<std::uint32_t> mirrored_keypoints(const std::vector<std::string>& names) { return mirrored_by_name(names); }

}  // namespace leaven
