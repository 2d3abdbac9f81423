// From a TIFF's samples to pixels.
#pragma once

#include <array>

#include "io/tiff_layout.hpp"

namespace leaven::io::tiff {

/// A decoded strip or tile, and where its first pixel lies.
struct Block {
  const std::byte* bytes;
  std::size_t row_bytes;
  int x, y;
  int plane;  ///< the sample that it holds, when planes are separate
};

/// Puts the part of the block that lies in `region` at its place in `samples`, whose first pixel is the region's.
void copy_block(const Block& block, const Layout& layout, const Region& region, Raster& samples);

using Palette = std::array<std::array<std::uint8_t, 3>, 256>;
/// All black for an image without one.
Palette palette_of(const Input& input, const Layout& layout);

/// Palettes looked up, inks and premultiplied colours undone, grey with alpha spread to RGBA.
Raster to_pixels(Raster samples, const Layout& layout, const Palette& palette);

}  // namespace leaven::io::tiff
