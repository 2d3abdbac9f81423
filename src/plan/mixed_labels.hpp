// Labels of drawn programs, mixed or not: marks of all pictures joined, and how much of a copy each picture is.
#pragma once

#include <span>
#include <vector>

#include "plan/draw_program.hpp"
#include "plan/raster/map_annotations.hpp"

namespace leaven::plan {

/// Marks of the sample, as map_annotations() maps them, then those of its partners, each through its own steps and the
/// layers that it lies in; what later opaque layers cover counts as hidden. Masks of the whole image show, pixel by pixel,
/// the topmost layer that shows there by half or more. `dropped` counts the sample's own. Throws Error(usage) when masks
/// of different kinds would be mixed.
MappedAnnotations map_annotations(const DrawnProgram& drawn, const RasterShape& source, const Annotations& annotations,
                                  std::span<const Category> categories, const AnnotationRules& rules);

/// Shares of the copy's pixels: the sample's own, then those of its partners in order of steps and places; sum 1. Exact
/// where nothing after the mix moves, cuts or hides pixels; else measured on the pixels that are left, to 1/65535.
std::vector<double> picture_shares(const DrawnProgram& drawn, const RasterShape& source);

}  // namespace leaven::plan
