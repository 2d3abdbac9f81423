// Blurs that both an op of their own and the corruptions of ImageNet-C use.
#pragma once

#include "core/key.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {

/// Whole numbers from, from + 1, …: `options` of them, all alike.
struct Steps {
  int from{}, options{1};
};

/// Blur, exchange of pixels with neighbours at distances drawn from `steps` along both axes, blur.
void glass_blurred(Planes& planes, double sigma, Steps steps, int iterations, Key key);

/// Mean of the plane and of its zooms by 1 + step·1 … 1 + step·zooms about the middle.
Plane zoom_blurred(const Plane& plane, double step, int zooms);

}  // namespace leaven::ops
