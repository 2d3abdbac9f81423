// Linear filters on planes, for ops that lower to Opaque. Outside the picture is its mirror image, the edge not
// repeated.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "ops/image/planes.hpp"

namespace leaven::ops {

inline constexpr double kPi = 3.14159265358979323846;

/// A neighbour at (x + dx, y + dy) and what it counts.
struct Tap {
  int dx{}, dy{};
  float weight{};
};

/// The plane with a mirrored margin on all sides, and a few columns more on the right that do not matter.
Plane with_margin(const Plane& in, int margin_x, int margin_y);

/// Σ weight·neighbour for every pixel.
Plane weighted_sum(const Plane& in, std::span<const Tap> taps);

/// The same + bias for every channel of a picture as it is stored, rounded as Planes are: no channel is taken for alpha.
Raster weighted_sum(const RasterView& image, std::span<const Tap> taps, float bias = 0);
/// An Opaque that gives every colour channel by itself its weighted sum + bias; an alpha stays.
Nodes filtered_channels(std::vector<Tap> taps, float bias = 0);

/// exp(−i²/(2·sigma²)) for |i| ≤ ceil(3·sigma), normalised; the single tap 1 for sigma 0.
std::vector<float> gaussian_taps(double sigma);
Plane gaussian_blurred(const Plane& in, double sigma);

/// Scales the weights to the sum 1, and leaves out the zeros. Throws Error(bug) where they sum to nothing.
std::vector<Tap> normalized(std::vector<Tap> taps);

/// A normalised tap for each pixel of a square about the middle.
template <class Weight>
std::vector<Tap> square_of(int radius, const Weight& weight) {
  std::vector<Tap> taps;
  for (int y = -radius; y <= radius; ++y)
    for (int x = -radius; x <= radius; ++x) taps.push_back({x, y, static_cast<float>(weight(x, y))});
  return normalized(std::move(taps));
}

/// An even line through the middle, `length` px long, `angle` degrees counter-clockwise from the x axis, weighted
/// 1 + direction·t from t = −1 to 1 along it. Points between pixels are shared bilinearly.
std::vector<Tap> streak(double length, double angle, double direction);

}  // namespace leaven::ops
