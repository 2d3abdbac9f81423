// Contrast limited adaptive histogram equalisation of one plane.
#pragma once

#include "ops/image/planes.hpp"

namespace leaven::ops {

/// What every pixel of a light plane (values in [0, 1]) gains: tiles × tiles histograms of `bins` levels, each clipped
/// at clip_limit times its mean height, what was clipped spread over all bins; the curves of the four nearest tiles
/// blended bilinearly (Zuiderveld 1994, in the steps of OpenCV's CLAHE).
Plane clahe_gain(const Plane& light, double clip_limit, int tiles, int bins);

}  // namespace leaven::ops
