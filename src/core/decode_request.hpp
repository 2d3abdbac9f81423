// What the plan asks of a decoder.
#pragma once

#include <cstdint>

#include "core/geometry.hpp"

namespace leaven {

enum class Orientation : std::uint8_t { apply, ignore };

/// Coordinates are those of the image as the caller sees it (after orientation, unless ignored).
struct DecodeRequest {
  Region region{};  ///< empty: everything. Reading only a region gives exactly those pixels of the full decode.
  Orientation orientation{Orientation::apply};
};

}  // namespace leaven
