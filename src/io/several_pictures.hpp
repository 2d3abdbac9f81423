// Files that hold several pictures: frames of an animation, pages of a document.
#pragma once

#include <cstddef>
#include <functional>

#include "io/codec.hpp"

namespace leaven::io {

/// How many pictures the file holds: frames of a GIF, PNG or WebP, pages of a TIFF (reduced copies and masks of a page are
/// none); 1 for every other file. Throws Error(data) where it is broken.
std::size_t picture_count(BytesView file);

/// Each picture in order, counted from 0, as a file of its own without loss, as long as `take` says true: what is seen once
/// the frame is drawn, as PNG; a page of a TIFF, as TIFF. Throws Error(data).
void each_picture(BytesView file, const std::function<bool(std::size_t number, Bytes picture)>& take);
/// One of them; the frames before it must be drawn, pages must not.
Bytes picture_of(BytesView file, std::size_t number);

/// Behind "name.gif" in the id of its first picture: ".0001.png".
std::string picture_suffix(ImageFormat format, std::size_t number);

namespace gif {
std::size_t frame_count(BytesView file);
/// The canvas after each frame.
void each_frame(BytesView file, const std::function<bool(const Raster& canvas)>& take);
}  // namespace gif

namespace png {
/// Of an animated PNG, its still picture left out where that is none of them.
std::size_t frame_count(BytesView file);
void each_frame(BytesView file, const std::function<bool(const Raster& canvas)>& take);
}  // namespace png

namespace webp {
std::size_t frame_count(BytesView file);
void each_frame(BytesView file, const std::function<bool(const Raster& canvas)>& take);
}  // namespace webp

namespace tiff {
/// Where the directories of its pages lie.
std::vector<std::uint64_t> page_offsets(BytesView file);
/// Of the first page, whatever comes behind it.
ImageHeader first_page_header(BytesView file);
}  // namespace tiff

}  // namespace leaven::io
