// Pixels grouped by colour, and by colour and place.
#pragma once

#include <cstdint>
#include <vector>

#include "core/key.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {

/// Every pixel takes the nearest of `colours` means.
void to_few_colours(Planes& planes, int colours, Key key);

/// The patch of every pixel, row by row, from 0 (SLIC without its last step: patches may lie apart).
std::vector<std::int32_t> slic_patches(const Planes& planes, int segments, double compactness);

/// A share of the patches, drawn by the key, takes its mean colour.
void flatten_patches(Planes& planes, const std::vector<std::int32_t>& patches, double share, Key key);

}  // namespace leaven::ops
