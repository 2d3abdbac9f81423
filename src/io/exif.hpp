// The one EXIF fact that pixels need, read and written.
#pragma once

#include "io/codec.hpp"

namespace leaven::io {

/// Orientation 1…8 from an EXIF block (a TIFF structure, with or without "Exif\0\0" before it); 1 when the block has
/// none or is malformed.
int exif_orientation(BytesView block);

/// The smallest block that says an orientation, "Exif\0\0" before it.
Bytes exif_block(int orientation);

}  // namespace leaven::io
