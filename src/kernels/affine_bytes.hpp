// Affine warps of small pictures of bytes, from pixels to pixels: one load from the first cache for each sample of a channel.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/node.hpp"
#include "kernels/pixel_rows.hpp"

namespace leaven::kernels {

/// Where output pixels look, and what answers beyond the canvas.
struct AffineWalk {
  Matrix3 map{};                ///< output → source, last row 0 0 1
  std::optional<Size> canvas{};  ///< positions outside it get the fill colour; none: no position is
  std::array<float, 4> fill{};  ///< in [0, 1]
};

/// A picture's pixels as bilinear samples need them: for every channel and every pixel but the last of a row and of a column, the pixel,
/// its right neighbour and the two below, as the bytes of a word, lowest first.
struct Quads {
  const std::uint32_t* words{};  ///< channel by channel, row by row
  std::size_t stride{};          ///< words from row to row
  int x0{}, y0{}, x1{}, y1{};    ///< of the pixels, as in PixelRows
  int channels{};
};

/// Whether there are quads of the source: at least 2 and at most 32,767 pixels a side, bytes, 1 to 4 channels without alpha.
bool fits_quads(const PixelRows& source);
/// How many words quads_of() takes.
std::size_t quad_words(const PixelRows& source);
/// `words`: quad_words() of them, 64-byte aligned.
Quads quads_of(const PixelRows& source, std::uint32_t* words);

/// Rows [from, to) of an output `width` pixels wide, written `stride` bytes apart: bit for bit what project_row(), sample_bilinear() (or the
/// fill) and store_pixels() give one after another. Faster where calls and rows that end early cost more than pixels do.
void affine_bytes(const Quads& source, const AffineWalk& walk, int width, int from, int to, std::byte* out, std::size_t stride);

}  // namespace leaven::kernels
