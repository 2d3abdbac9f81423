#include "ops/image/composite.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "ops/image/channels.hpp"
#include "ops/image/resample.hpp"

namespace leaven::ops {

namespace {

// Each colour value times (or over) the alpha there; over nothing it is 0.
template <class Change>
void by_alpha(Layer& layer, const Change& change) {
  for (Plane& colour : layer.colours)
    for (int y = 0; y < layer.height(); ++y)
      for (int x = 0; x < layer.width(); ++x) colour.at(x, y) = change(colour.at(x, y), layer.alpha.at(x, y));
}

}  // namespace

Layer layer_of(const RasterView& image, int colours) {
  Planes planes(image);
  if ((planes.colours() != 1 && planes.colours() != 3) || !image.shape.bounded)
    throw usage_error("needs an overlay with 1 or 3 colour channels in [0, 1], got " + describe(image.shape));
  Layer layer;
  for (int c = 0; c < colours; ++c)
    layer.colours.push_back(colours == planes.colours() ? std::move(planes[c])
                            : colours == 1              ? grey_of(planes)
                                                        : planes[0].clone());
  layer.alpha = image.shape.alpha ? std::move(planes[planes.colours()]) : Plane(image.shape.width, image.shape.height, 1);
  return layer;
}

Layer resized(const Layer& layer, Size size) {
  Layer premultiplied;
  for (const Plane& colour : layer.colours) premultiplied.colours.push_back(colour.clone());
  premultiplied.alpha = layer.alpha.clone();
  by_alpha(premultiplied, [](float v, float a) { return v * a; });
  Layer out;
  for (const Plane& colour : premultiplied.colours)
    out.colours.push_back(resampled(colour, size.width, size.height, Filter::bilinear));
  out.alpha = resampled(premultiplied.alpha, size.width, size.height, Filter::bilinear);
  by_alpha(out, [](float v, float a) { return a > 0 ? v / a : 0; });
  return out;
}

void lay_over(Planes& picture, const Layer& layer, int x, int y, float opacity) {
  Plane* under = picture.shape().alpha ? &picture[picture.colours()] : nullptr;
  const int left = std::max(0, -x), right = std::min(layer.width(), picture.width() - x);
  for (int j = std::max(0, -y); j < std::min(layer.height(), picture.height() - y); ++j)
    for (int i = left; i < right; ++i) {
      const float a = opacity * layer.alpha.at(i, j), below = under ? under->at(x + i, y + j) : 1;
      const float alpha = a + below * (1 - a);
      if (a == 0) continue;
      for (int c = 0; c < picture.colours(); ++c) {
        float& v = picture[c].at(x + i, y + j);
        const float over = layer.colours[static_cast<std::size_t>(c)].at(i, j);
        v = (a * over + below * (1 - a) * v) / alpha;
      }
      if (under) under->at(x + i, y + j) = alpha;
    }
}

}  // namespace leaven::ops
