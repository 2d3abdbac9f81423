// Images as small pictures inside a page.
#pragma once

#include <string>
#include <string_view>

#include "core/raster.hpp"
#include "flow/html.hpp"

namespace leaven::flow {

/// An 8-bit RGB (or RGBA) picture of any raster, no side longer than `longest` px. 16-bit and float pixels are scaled
/// to 8 bits; unbounded float ones are stretched from their least to their greatest value. Images of one or two plain
/// channels show the first one as grey.
Raster picture_of(const RasterView& image, int longest);

/// The picture as an `img` element: JPEG, or PNG where it is small or has alpha, so that nothing is smeared.
void write_picture(HtmlWriter& page, const RasterView& image, int longest, std::string_view what);

}  // namespace leaven::flow
