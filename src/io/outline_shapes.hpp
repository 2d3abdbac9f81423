// One kind of area into another: masks to outlines and back, several outlines to one, the box around anything.
#pragma once

#include <optional>
#include <vector>

#include "core/annotation.hpp"

namespace leaven::io {

/// Outlines that run along the edges of the mask's pixels, exactly: one for each part that hangs together by sides (not
/// by corners). A hole is joined to its outline by a cut without width. In order from the top left.
std::vector<Outline> traced(const RunLengths& mask);
/// The pixels whose centres lie in one of the outlines (nonzero winding).
RunLengths filled(const std::vector<Outline>& outlines, Size image);
/// One outline that goes around all of them, over cuts without width between nearest corners. Not for none.
Outline joined(std::vector<Outline> outlines);

/// The box that is given, or the one around the rest; nothing where nothing is marked.
std::optional<Box> box_of(const Instance& instance);
/// Around the pixels that are set; nothing for an empty mask.
std::optional<Box> box_of(const RunLengths& mask);
Outline corners_of(const Box& box);
/// Outlines of an area in any way that it is given: outlines, the mask traced, else the box's corners.
std::vector<Outline> area_outlines(const Instance& instance);

}  // namespace leaven::io
