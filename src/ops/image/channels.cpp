#include "ops/image/channels.hpp"

#include "core/error.hpp"

namespace leaven::ops {

std::string described_picture(const Site& at) {
  RasterShape picture = at.image;
  if (at.group.all > 0) picture.channels = at.group.all;
  return describe(picture);
}

bool has_colour(const Site& at) {
  const int colours = at.image.colour_channels();
  if (colours != 1 && colours != 3) {
    Error error = usage_error("needs an image with 1 or 3 colour channels, got " + described_picture(at));
    if (at.group.all > 0) error.with_hint("the presets multispectral and medical are for any number of channels");
    throw error;
  }
  return colours == 3;
}

void require_all_channels(const Site& at) {
  if (at.group.all > 0) throw usage_error("so set works on the channels of a picture together, on 1 to 4 of them, got " + described_picture(at));
}

void require_bounded(const Site& at) {
  if (!at.image.bounded)
    throw usage_error("needs values in [0, 1], got an image of unbounded numbers").with_hint("put it before normalize; a source's own floats must lie in [0, 1]");
}

}  // namespace leaven::ops
