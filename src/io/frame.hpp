// Two frames of one image: stored, as the file has its rows, and seen, after EXIF orientation.
#pragma once

#include "core/annotation.hpp"
#include "core/raster.hpp"

namespace leaven::io {

/// The seen size of an image stored with `stored`; 5…8 swap the sides.
Size seen_size(Size stored, int orientation);

/// The stored pixels that are seen as `seen`, which lies inside the image.
Region stored_region(const Region& seen, Size stored, int orientation);

/// The pixels as they are seen. The origin is left at 0.
Raster oriented(const Raster& stored, int orientation);

/// Marks of the stored image, of this size, as they lie on the seen one; masks of the whole image stay as they are.
Annotations oriented(Annotations stored, Size size, int orientation);

/// A copy of `region`, which lies inside `whole` and is counted from its first pixel.
Raster cut(const Raster& whole, const Region& region);

}  // namespace leaven::io
