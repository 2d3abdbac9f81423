// Planes in another size, for ops that go down in size and up again within one step.
#pragma once

#include "core/node.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {

/// Separable, edges repeated, filters widened where the plane shrinks. bicubic has a = −1/2.
Plane resampled(const Plane& in, int width, int height, Filter filter);

/// The middle of the plane enlarged by `zoom` to width × height, bilinearly, edges repeated.
Plane enlarged(const Plane& in, int width, int height, double zoom);

}  // namespace leaven::ops
