// Images as small pictures inside a page.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/annotation.hpp"
#include "core/raster.hpp"
#include "flow/html.hpp"

namespace leaven::flow {

/// An 8-bit RGB (or RGBA) picture of any raster, no side longer than `longest` px. 16-bit and float pixels are scaled
/// to 8 bits; unbounded float ones are stretched from their least to their greatest value. Images of one or two plain
/// channels show the first one as grey.
Raster picture_of(const RasterView& image, int longest);

/// What is marked on an image, to be shown on its picture.
struct Marks {
  const Annotations* annotations{};  ///< null: nothing
  std::span<const Category> categories{};
};

/// The picture as an `img` element: JPEG, or PNG where it is small or has alpha, so that nothing is smeared. Its marks
/// are drawn over it.
void write_picture(HtmlWriter& page, const RasterView& image, int longest, std::string_view what, const Marks& marks = {});

}  // namespace leaven::flow
