// What stands behind the public classes, for the files of this folder.
#pragma once

#include "core/annotation.hpp"
#include "core/raster.hpp"
#include "io/dataset.hpp"
#include "leaven/dataset.hpp"
#include "plan/draw_program.hpp"
#include "plan/mixed_labels.hpp"
#include "recipe/recipe.hpp"

namespace leaven {

struct Recipe::Body {
  recipe::Recipe recipe{};
};

struct Prepared::Body {
  plan::DrawnProgram drawn{};
  RasterShape source{};
  bool fuse{true};
  AnnotationRules rules{};
  plan::RasterPlan plan{};
};

struct Dataset::Body {
  std::unique_ptr<io::DatasetReader> reader{};
};

namespace api {

/// Throws Error(usage) for an image that cannot be.
RasterView checked(const ImageView& image, bool needs_data);
/// Names of classes as people number them: bytewise, or by value where all are natural numbers; the index has them so. No label
/// is no class.
std::vector<std::string> classes_of(const io::DatasetIndex& index);
/// Without data.
ImageView view_of(const RasterShape& shape);
/// Applied::steps.
std::string steps_text(const Program& program);
/// Room for an image of this shape.
Image room_for(const RasterShape& shape);
Prepared prepared(plan::DrawnProgram drawn, const RasterShape& source, bool fuse, const AnnotationRules& rules = {});

/// Marks as the engine has them: things as instances, masks copied.
struct TakenMarks {
  Annotations annotations{};
  std::vector<Category> categories{};
};
/// Throws Error(usage) for marks that cannot be those of an image of this shape.
TakenMarks taken(const Marks& marks, const RasterShape& image);
/// Box, outlines and keypoints of an instance.
MarkedThing thing_of(const Instance& instance);
/// A copy of the pixels.
Image image_of(const RasterView& pixels);
/// The error with the name of the op whose step it came from.
Error& with_op(Error& error, const Program& program);
/// plan::map_annotations, whose errors name the op.
plan::MappedAnnotations moved(const plan::DrawnProgram& drawn, const RasterShape& source, const TakenMarks& taken, const AnnotationRules& rules);

}  // namespace api
}  // namespace leaven
