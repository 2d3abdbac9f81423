// Rows of stored pixels as filters read them.
#pragma once

#include <cstddef>

#include "core/raster.hpp"

namespace leaven::kernels {

/// Bytes behind the last pixel of a row that vector loads may touch (their values do not matter).
inline constexpr std::size_t kRowSlack = 64;

/// The part [x0, x1) × [y0, y1) of an image that is in memory. rows[y − y0] points at pixel x0 of row y, with kRowSlack
/// readable bytes behind pixel x1 − 1.
struct PixelRows {
  const std::byte* const* rows{};
  int x0{}, y0{}, x1{}, y1{};
  int channels{};
  Dtype dtype{Dtype::u8};
  bool alpha{};  ///< the last channel is alpha: colour is weighted by it
  /// The first `even_rows` rows lie `stride` bytes apart.
  int even_rows{1};
  std::ptrdiff_t stride{};
  /// How many bytes behind what a row of samples reads that lies which a later row will read: it is fetched into the cache then, as a
  /// walk askew through the rows is not foreseen by the CPU. 0: nothing is. Where it lies outside the image nothing comes of it.
  std::ptrdiff_t ahead{};
};

}  // namespace leaven::kernels
