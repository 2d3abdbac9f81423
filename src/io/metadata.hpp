// What an image file tells besides its picture: where it was taken, when, with which camera, by whom.
#pragma once

#include "io/codec.hpp"

namespace leaven::io {

/// The same picture, bit for bit, without camera data: EXIF, XMP, IPTC, comments, embedded previews, and whatever
/// follows the picture's end (a phone's video). Pixels, colour profile, resolution and orientation stay, in TIFF every
/// tag that describes pixels, places on a map (GeoTIFF) or the image (ImageDescription) too. A file that holds nothing
/// of the kind comes back byte for byte. Throws Error(data) when the file's structure cannot be followed to its end.
Bytes without_metadata(BytesView file, const ImageHeader& header);

/// One a format; `orientation` 1…8 is kept by the smallest EXIF block that can say it, 1 by none.
Bytes jpeg_without_metadata(BytesView file, int orientation);
Bytes png_without_metadata(BytesView file, int orientation);
Bytes webp_without_metadata(BytesView file, int orientation);
Bytes tiff_without_metadata(BytesView file);
Bytes gif_without_metadata(BytesView file);
/// HEIC and AVIF: what its items of EXIF and XMP hold becomes zeros, so that no other item moves.
Bytes heif_without_metadata(BytesView file);

}  // namespace leaven::io
