// Text as a picture of its coverage.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "ops/image/planes.hpp"

namespace leaven::ops {

/// How much of each pixel the text covers, one line below the other at the font's own distance, with nothing around it but
/// what glyphs leave free: at least 1×1 px. `font`: a file that FreeType reads; `height`: px of the em square. Outlines
/// are not hinted, so that sizes change nothing but the size. Throws Error(usage) for a font that cannot be read and for
/// text that is no UTF-8; a character that the font does not have shows the font's box for it.
Plane lettering(std::span<const std::byte> font, const std::string& text, int height);

}  // namespace leaven::ops
