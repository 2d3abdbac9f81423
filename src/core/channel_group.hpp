// Pictures of more than four channels (satellites, microscopes, spectrometers): they go through the engine in groups of four
// plain channels, with equal draws, so that nothing of it need know of more.
#pragma once

#include <vector>

#include "core/raster.hpp"

namespace leaven {

/// Which channels of a picture an image holds.
struct ChannelGroup {
  int first{};  ///< of the picture's channels, from 0
  int all{};    ///< how many the picture has; 0: the image holds all
};

/// The first channels of a picture's groups: 0, 4, 8, …, and of the last what leaves it four; {0} up to four channels.
std::vector<int> first_channels(int channels);
/// Four plain channels of a picture of this shape, or the shape itself where it has no more.
RasterShape group_shape(RasterShape shape);

/// The four channels from `first` on of what the view holds.
Raster taken_group(const RasterView& image, int first);
/// The other way: writes the image's channels into those from `first` on of pixels of `shape` at `out`, rows packed.
void put_group(const RasterView& group, int first, const RasterShape& shape, std::byte* out);

}  // namespace leaven
