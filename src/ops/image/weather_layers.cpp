#include "ops/image/weather_layers.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/pointwise.hpp"
#include "ops/image/random_plane.hpp"
#include "ops/image/resample.hpp"
#include "ops/image/segments.hpp"
#include "ops/image/shading.hpp"

namespace leaven::ops {
namespace {

template <class Change>
void change_all(Plane& plane, const Change& change) {
  for (int y = 0; y < plane.height(); ++y)
    for (int x = 0; x < plane.width(); ++x) plane.row(y)[x] = change(plane.row(y)[x]);
}

float largest_of(const Plane& plane) {
  float most = plane.at(0, 0);
  for (int y = 0; y < plane.height(); ++y)
    most = std::max(most, *std::max_element(plane.row(y), plane.row(y) + plane.width()));
  return most;
}

// Blurred noise, 0 below the threshold.
Plane liquid(int width, int height, const Splash& splash, Key key) {
  Plane noise = normal_plane(width, height, key);
  const auto mean = static_cast<float>(splash.mean), deviation = static_cast<float>(splash.deviation);
  change_all(noise, [=](float n) { return mean + deviation * n; });
  Plane drops = gaussian_blurred(noise, splash.blur);
  change_all(drops, [from = static_cast<float>(splash.threshold)](float v) { return v < from ? 0.0f : v; });
  return drops;
}

}  // namespace

Plane snow_layer(int width, int height, const Flakes& flakes, std::span<const Tap> fall, Key key) {
  Plane noise = normal_plane(static_cast<int>(std::ceil(width / flakes.zoom)) + 1,
                             static_cast<int>(std::ceil(height / flakes.zoom)) + 1, key);
  const auto mean = static_cast<float>(flakes.mean), deviation = static_cast<float>(flakes.deviation);
  change_all(noise, [=](float n) { return mean + deviation * n; });
  Plane layer = flakes.zoom == 1 ? std::move(noise) : enlarged(noise, width, height, flakes.zoom);
  change_all(layer, [from = static_cast<float>(flakes.threshold)](float v) { return v < from ? 0.0f : unit_clamped(v); });
  Plane fitting(width, height);
  for (int y = 0; y < height; ++y) std::copy_n(layer.row(y), width, fitting.row(y));
  return fall.empty() ? std::move(fitting) : weighted_sum(fitting, fall);
}

void cover_with_snow(const kernels::Planes& pixels, int colours, int x, int y, int count, const Plane& layer, double keep) {
  SegmentRow grey, flakes;
  grey_of(pixels, colours, count, grey.data());
  const float *here = layer.row(y) + x, *turned = layer.row(layer.height() - 1 - y) + layer.width() - 1 - x;
  for (int i = 0; i < count; ++i) flakes[static_cast<std::size_t>(i)] = here[i] + turned[-i];
  kernels::affine(grey.data(), count, 1.5, 0.5, false);
  for (std::size_t c = 0; c < static_cast<std::size_t>(colours); ++c)
    kernels::lighten(pixels.channel[c], grey.data(), flakes.data(), count, static_cast<float>(keep));
}

void fill_with_fog(Planes& planes, const Plane& cloud, double amount) {
  float top = 0;
  for (int c = 0; c < planes.colours(); ++c) top = std::max(top, largest_of(planes[c]));
  const auto by = static_cast<float>(amount);
  const float scale = top / (top + by);
  shade_with(planes, cloud, [=](float v, float p, int) { return (v + by * p) * scale; });
}

Plane frost_layer(int width, int height, Key key) {
  // Ridges of two fractals look like needles; a third decides how far the ice has grown from the edges.
  const Plane fine = plasma(width, height, 1.45, key), coarse = plasma(width, height, 1.9, stream(key, 1)),
              growth = plasma(width, height, 2, stream(key, 2));
  const auto half = static_cast<float>(std::min(width, height)) / 2;
  Plane ice(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const auto ridge = [](float p) {
        const float r = 1 - std::fabs(2 * p - 1);
        return r * r * r * r;
      };
      const int edge = std::min(std::min(x, width - 1 - x), std::min(y, height - 1 - y));
      const float inwards = static_cast<float>(edge) / half;
      const float grown = smooth_step(0.35f, 0.75f, growth.at(x, y) + 0.45f - 0.6f * inwards);
      const float needles = std::max(ridge(fine.at(x, y)), 0.8f * ridge(coarse.at(x, y)));
      ice.row(y)[x] = grown * (0.25f + 0.75f * needles);
    }
  return ice;
}

Plane water_layer(int width, int height, const Splash& splash, Key key) {
  const Plane drops = liquid(width, height, splash, key);
  const std::array<float, 9> relief{-2, -1, 0, -1, 1, 1, 0, 1, 2};
  std::vector<Tap> taps;
  for (int i = 0; i < 9; ++i) taps.push_back({i % 3 - 1, i / 3 - 1, relief[static_cast<std::size_t>(i)]});
  Plane surface = gaussian_blurred(weighted_sum(drops, taps), 0.8);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      surface.row(y)[x] = drops.row(y)[x] > 0 ? std::max(0.0f, surface.row(y)[x]) * drops.row(y)[x] : 0.0f;
  const float most = largest_of(surface);
  const float scale = most > 0 ? static_cast<float>(splash.strength) / most : 0;
  change_all(surface, [=](float v) { return v * scale; });
  return surface;
}

Plane mud_layer(int width, int height, const Splash& splash, Key key) {
  Plane mud = liquid(width, height, splash, key);
  change_all(mud, [](float v) { return v > 0 ? 1.0f : 0.0f; });
  mud = gaussian_blurred(mud, splash.strength);
  change_all(mud, [](float v) { return v < 0.8f ? 0.0f : v; });
  return mud;
}

}  // namespace leaven::ops
