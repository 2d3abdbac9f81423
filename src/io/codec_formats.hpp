// What each format provides. codec.cpp adds what does not depend on the format: the choice by magic bytes, the size
// limit, orientation, and the checks of what can be encoded.
//
// read_header: everything but `shape`; allocates nothing that grows with the claimed size.
// decode:      exactly the pixels of `region`, which lies inside the stored frame; `header` is of the same file.
// decode_shrunk: the same of a picture of 1/shrink (2, 4 or 8) of each side, rounded up.
// encode:      the shape and the general options are already checked; `options.icc` fits the pixels or is empty.
//              JPEG's takes the rows as they come.
#pragma once

#include "io/codec.hpp"

namespace leaven::io {

namespace jpeg {
ImageHeader read_header(BytesView file);
Raster decode(BytesView file, const ImageHeader& header, const Region& region);
Raster decode_shrunk(BytesView file, const ImageHeader& header, const Region& region, int shrink);
Bytes encode(const RasterShape& shape, const EncodeOptions& options, const MakeRows& make);
}  // namespace jpeg

namespace png {
ImageHeader read_header(BytesView file);
Raster decode(BytesView file, const ImageHeader& header, const Region& region);
Bytes encode(const RasterView& image, const EncodeOptions& options);
}  // namespace png

namespace webp {
ImageHeader read_header(BytesView file);
Raster decode(BytesView file, const ImageHeader& header, const Region& region);
Bytes encode(const RasterView& image, const EncodeOptions& options);
}  // namespace webp

namespace tiff {
ImageHeader read_header(BytesView file);
Raster decode(BytesView file, const ImageHeader& header, const Region& region);
Bytes encode(const RasterView& image, const EncodeOptions& options);
}  // namespace tiff

namespace bmp {
ImageHeader read_header(BytesView file);
Raster decode(BytesView file, const ImageHeader& header, const Region& region);
}  // namespace bmp

namespace gif {
ImageHeader read_header(BytesView file);
Raster decode(BytesView file, const ImageHeader& header, const Region& region);
}  // namespace gif

namespace heif {
ImageHeader read_heic_header(BytesView file);
ImageHeader read_avif_header(BytesView file);
Raster decode(BytesView file, const ImageHeader& header, const Region& region);
}  // namespace heif

}  // namespace leaven::io
