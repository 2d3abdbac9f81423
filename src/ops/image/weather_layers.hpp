// What falls, freezes or splashes, as layers that both weather ops and the corruptions of ImageNet-C lay over pictures.
#pragma once

#include <array>
#include <span>

#include "kernels/pixels.hpp"
#include "ops/image/filters.hpp"

namespace leaven::ops {

/// Flakes of snow, as Hendrycks and Dietterich (2019) draw them.
struct Flakes {
  double mean{}, deviation{};  ///< of the noise from which they are cut
  double zoom{1};              ///< how much the noise is enlarged
  double threshold{};          ///< what is below vanishes
};
/// `fall` are the taps of the blur by their falling; none for flakes that stand still.
Plane snow_layer(int width, int height, const Flakes& flakes, std::span<const Tap> fall, Key key);

/// v' = keep·v + (1 − keep)·max(v, 1.5·Y + 0.5), then the layer and the layer turned by half a circle are added: to the
/// pixels [x, x + count) of row y, count ≤ kSegment, of a picture of the layer's size.
void cover_with_snow(const kernels::Planes& pixels, int colours, int x, int y, int count, const Plane& layer, double keep);

/// v' = (v + amount·cloud)·top/(top + amount), top the largest value of the picture.
void fill_with_fog(Planes& planes, const Plane& cloud, double amount);

/// Ice crystals that grow in from the edges of a window: 0 is clear, 1 is ice.
Plane frost_layer(int width, int height, Key key);

/// Liquid on the lens, as Hendrycks and Dietterich (2019) draw it.
struct Splash {
  double mean{}, deviation{};  ///< of the noise from which it is cut
  double blur{};               ///< size of the drops: Gaussian deviation, px
  double threshold{};          ///< what is below stays clear
  double strength{};           ///< of water: opacity; of mud: deviation of the blur of its edges, px
};
/// Opacity of water: brightest where the drop's surface leans towards the upper left.
Plane water_layer(int width, int height, const Splash& splash, Key key);
/// Opacity of mud, nothing below 0.8.
Plane mud_layer(int width, int height, const Splash& splash, Key key);

inline constexpr std::array<double, 3> kWater{175 / 255.0, 238 / 255.0, 238 / 255.0};
inline constexpr std::array<double, 3> kMud{63 / 255.0, 42 / 255.0, 20 / 255.0};

}  // namespace leaven::ops
