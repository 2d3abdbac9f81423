// What stands behind the public classes, for the files of this folder.
#pragma once

#include "core/raster.hpp"
#include "leaven/leaven.hpp"
#include "plan/draw_program.hpp"
#include "recipe/recipe.hpp"

namespace leaven {

struct Recipe::Body {
  recipe::Recipe recipe{};
};

struct Prepared::Body {
  plan::DrawnProgram drawn{};
  RasterShape source{};
  bool fuse{true};
  plan::RasterPlan plan{};
};

namespace api {

/// Throws Error(usage) for an image that cannot be.
RasterView checked(const ImageView& image, bool needs_data);
/// Without data.
ImageView view_of(const RasterShape& shape);
/// Room for an image of this shape.
Image room_for(const RasterShape& shape);
Prepared prepared(plan::DrawnProgram drawn, const RasterShape& source, bool fuse);

}  // namespace api
}  // namespace leaven
