// What the plan asks of a decoder.
#pragma once

#include <cstdint>

#include "core/geometry.hpp"

namespace leaven {

enum class Orientation : std::uint8_t { apply, ignore };

/// Coordinates are those of the image as the caller sees it (after orientation, unless ignored; shrunk where asked).
struct DecodeRequest {
  Region region{};  ///< empty: everything. Reading only a region gives exactly those pixels of the full decode.
  Orientation orientation{Orientation::apply};
  /// 2, 4 or 8: the decoder makes a picture of 1/shrink of each side, rounded up, and `region` is one of that picture.
  int shrink{1};
};

}  // namespace leaven
