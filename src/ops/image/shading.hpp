// Layers of light and colour over a picture.
#pragma once

#include <array>

#include "ops/image/channels.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {

/// Red, green and blue as a picture of `colours` channels has them: by themselves, or their luma.
inline float shade(const std::array<double, 3>& rgb, int channel, int colours) {
  if (colours == 3) return static_cast<float>(rgb[static_cast<std::size_t>(channel)]);
  return static_cast<float>(kLuma[0] * rgb[0] + kLuma[1] * rgb[1] + kLuma[2] * rgb[2]);
}

/// v' = change(v, layer, channel) on all colour channels.
template <class Change>
void shade_with(Planes& planes, const Plane& layer, const Change& change) {
  for (int c = 0; c < planes.colours(); ++c)
    for (int y = 0; y < planes.height(); ++y) {
      float* v = planes[c].row(y);
      const float* by = layer.row(y);
      for (int x = 0; x < planes.width(); ++x) v[x] = change(v[x], by[x], c);
    }
}

/// v' = v + cover·(colour − v).
inline void cover_with(Planes& planes, const Plane& cover, const std::array<double, 3>& rgb) {
  std::array<float, 4> colour{};
  for (int c = 0; c < planes.colours(); ++c) colour[static_cast<std::size_t>(c)] = shade(rgb, c, planes.colours());
  shade_with(planes, cover,
             [&](float v, float by, int c) { return v + by * (colour[static_cast<std::size_t>(c)] - v); });
}

/// A value for every pixel: f(x, y) with the middles of pixels at halves.
template <class F>
Plane plane_of(int width, int height, const F& f) {
  Plane plane(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) plane.row(y)[x] = f(static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f);
  return plane;
}

inline float unit_clamped(float v) { return v < 0 ? 0.0f : v > 1 ? 1.0f : v; }

/// 0 below `from`, 1 above `to`, and between them 3t² − 2t³.
inline float smooth_step(float from, float to, float v) {
  const float t = unit_clamped((v - from) / (to - from));
  return t * t * (3 - 2 * t);
}

}  // namespace leaven::ops
