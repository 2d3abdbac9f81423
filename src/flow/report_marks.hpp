// Annotations as they lie on a picture: boxes, outlines and keypoints drawn over it, masks blended into it.
#pragma once

#include <span>
#include <string>

#include "core/annotation.hpp"
#include "flow/html.hpp"

namespace leaven::flow {

/// Colours the masks into an 8-bit picture of 3 or 4 channels, which has the annotations' size or a smaller one.
void blend_masks(Raster& picture, const Annotations& annotations);

/// An svg element that lies over its parent, for an image of this size; like the picture it keeps its sides' ratio.
void write_marks(HtmlWriter& page, const Annotations& annotations, std::span<const Category> categories, Size image);

}  // namespace leaven::flow
