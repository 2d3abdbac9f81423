// Annotations follow the pixels: the same geometry, step by step, in double, unclipped until the end.
#pragma once

#include <span>
#include <vector>

#include "core/annotation.hpp"
#include "plan/raster/mixing.hpp"
#include "plan/raster/planner.hpp"

namespace leaven::plan {

struct MappedAnnotations {
  Annotations annotations{};
  std::vector<std::size_t> kept{};  ///< of each instance left its number in the source's
  std::size_t dropped{};            ///< instances that were there and of which nothing is left
};
/// Whether nothing is lost that the rules require.
bool keeps_required(const MappedAnnotations& mapped, const AnnotationRules& rules);

/// Points of `annotations` lie in the source's frame. Instances below the rules are dropped, boxes end at what is seen of
/// them, polygons and lines are cut at the canvas, keypoints outside every later canvas become unmarked and those under a
/// hole hidden; in a mirrored picture keypoints change places as their category says. Masks take the nearest pixel by the
/// whole map at once, those of floats (heat maps) interpolate, outside is 0. Throws Error(usage) for a step that labels cannot follow.
MappedAnnotations map_annotations(std::span<const LoweredStep> steps, const RasterShape& source, const Annotations& annotations,
                                  std::span<const Category> categories, const AnnotationRules& rules);
/// The instances alone, by the ways that their picture takes: one that is seen on several becomes several.
MappedAnnotations map_annotations(std::span<const Strand> ways, const RasterShape& source, const Annotations& annotations,
                                  std::span<const Category> categories, const AnnotationRules& rules);
/// The same steps for a mask: nearest pixel, 0 outside, nothing but geometry and mixes.
std::vector<LoweredStep> steps_of_masks(std::span<const LoweredStep> steps);

}  // namespace leaven::plan
