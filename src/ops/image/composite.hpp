// Laying one picture over another.
#pragma once

#include "ops/image/planes.hpp"

namespace leaven::ops {

/// A picture to lay over others: colours straight (not premultiplied), alpha always there and last.
struct Layer {
  std::vector<Plane> colours{};  ///< 1 or 3
  Plane alpha{};
  int width() const { return alpha.width(); }
  int height() const { return alpha.height(); }
};

/// `image` as a layer for pictures of `colours` channels: grey is repeated, three colours become their luma. Throws
/// Error(usage) unless it has 1 or 3 colour channels and lies in [0, 1].
Layer layer_of(const RasterView& image, int colours);

/// The same layer with `size`: a triangle filter, widened where it shrinks, colours premultiplied on the way.
Layer resized(const Layer& layer, Size size);

/// The layer with its left top pixel at (x, y), as far as it lies in the picture (Porter and Duff, "Compositing digital
/// images", 1984: over). Where the picture has an alpha, it grows.
void lay_over(Planes& picture, const Layer& layer, int x, int y, float opacity);

}  // namespace leaven::ops
