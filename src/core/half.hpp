// IEEE 754 binary16, of which pixels are read and written but never computed in.
#pragma once

#include <cstdint>

#include "core/raster.hpp"

namespace leaven {

/// Exactly.
float from_half(std::uint16_t half);
/// To the nearest, half to even; what is too large becomes infinite.
std::uint16_t to_half(float value);

/// The values of an image that is `half` become those that a float16 has; of all others none.
Raster rounded_to_half(Raster image);

}  // namespace leaven
