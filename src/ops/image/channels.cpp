#include "ops/image/channels.hpp"

#include "core/error.hpp"

namespace leaven::ops {

bool has_colour(const Site& at) {
  const int colours = at.image.colour_channels();
  if (colours != 1 && colours != 3)
    throw usage_error("needs an image with 1 or 3 colour channels, got " + describe(at.image));
  return colours == 3;
}

void require_bounded(const Site& at) {
  if (!at.image.bounded)
    throw usage_error("needs values in [0, 1], got an image of unbounded numbers").with_hint("put it before normalize; a source's own floats must lie in [0, 1]");
}

}  // namespace leaven::ops
