// From a recipe and a key to concrete steps: containers dissolved, every value drawn and resolved.
#pragma once

#include <string_view>
#include <vector>

#include "core/program.hpp"
#include "plan/raster/planner.hpp"
#include "recipe/recipe.hpp"

namespace leaven::plan {

/// A raster program with its nodes, so that nothing is lowered twice.
struct DrawnProgram {
  Program program{};
  std::vector<LoweredStep> lowered{};
  RasterShape out{};
};

/// The program for one image. Pure: the same arguments give the same values on every machine. Throws Error(usage) when
/// a step cannot work on this shape or is not of the raster domain, with step and place.
DrawnProgram draw_program(const recipe::Recipe& recipe, const DrawContext& context, const RasterShape& image,
                          std::string_view label);

/// Nodes of a program that is already concrete (from lineage).
DrawnProgram lower_program(const Program& program, const RasterShape& image);

/// plan_raster on what was drawn.
RasterPlan plan_drawn(const DrawnProgram& drawn, const RasterShape& image, bool fuse);

}  // namespace leaven::plan
