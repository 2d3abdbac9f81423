// The corruptions of ImageNet-C at their published severities.
#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/jpeg_round_trip.hpp"
#include "ops/image/channels.hpp"
#include "ops/image/imagenet_c.hpp"
#include "ops/image/lens_blur.hpp"
#include "ops/image/photons.hpp"
#include "ops/image/random_plane.hpp"
#include "ops/image/resample.hpp"
#include "ops/image/shading.hpp"
#include "ops/image/weather_layers.hpp"

namespace leaven::ops {
namespace {

namespace corruption {
enum class Name : std::uint8_t {
  gaussian_noise,
  shot_noise,
  impulse_noise,
  defocus_blur,
  glass_blur,
  motion_blur,
  zoom_blur,
  snow,
  frost,
  fog,
  brightness,
  contrast,
  elastic_transform,
  pixelate,
  jpeg_compression,
  speckle_noise,
  gaussian_blur,
  spatter,
  saturate
};
constexpr std::array<std::string_view, 19> kNames{"gaussian_noise",
                                                  "shot_noise",
                                                  "impulse_noise",
                                                  "defocus_blur",
                                                  "glass_blur",
                                                  "motion_blur",
                                                  "zoom_blur",
                                                  "snow",
                                                  "frost",
                                                  "fog",
                                                  "brightness",
                                                  "contrast",
                                                  "elastic_transform",
                                                  "pixelate",
                                                  "jpeg_compression",
                                                  "speckle_noise",
                                                  "gaussian_blur",
                                                  "spatter",
                                                  "saturate"};
struct Op {
  Name name = Name::gaussian_noise;
  int severity = 3;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::name>("name", {.doc = "Which of the 15 corruptions of the benchmark, or of the 4 extra ones",
        .choices = kNames}),
    field<&Op::severity>("severity", {.doc = "From mild to severe", .lo = 1, .hi = 5, .unit = "1",
        .draw = integer(1, 5)})};

// All constants: create_c/make_imagenet_c.py of the authors' repository hendrycks/robustness, for pictures of 224×224.
constexpr std::array<double, 5> kGaussianNoise{0.08, 0.12, 0.18, 0.26, 0.38};   // deviation
constexpr std::array<double, 5> kShotNoise{60, 25, 12, 5, 3};                   // photons of white
constexpr std::array<double, 5> kImpulseNoise{0.03, 0.06, 0.09, 0.17, 0.27};    // share
constexpr std::array<double, 5> kSpeckleNoise{0.15, 0.2, 0.35, 0.45, 0.6};      // deviation
constexpr std::array<double, 5> kGaussianBlur{1, 2, 3, 4, 6};                   // deviation, px
struct Glass { double sigma; int reach, iterations; };
constexpr std::array<Glass, 5> kGlassBlur{{{0.7, 1, 2}, {0.9, 2, 1}, {1, 2, 3}, {1.1, 3, 2}, {1.5, 4, 2}}};
struct Disc { int radius; double alias_blur; };
constexpr std::array<Disc, 5> kDefocusBlur{{{3, 0.1}, {4, 0.5}, {6, 0.5}, {8, 0.5}, {10, 0.5}}};
struct Motion { int radius; double sigma; };
constexpr std::array<Motion, 5> kMotionBlur{{{10, 3}, {15, 5}, {15, 8}, {15, 12}, {20, 15}}};
struct Zoom { double step; int zooms; };                                        // np.arange's steps beyond 1
constexpr std::array<Zoom, 5> kZoomBlur{{{0.01, 10}, {0.01, 15}, {0.02, 10}, {0.02, 12}, {0.03, 10}}};
struct Fog { double amount, decay; };
constexpr std::array<Fog, 5> kFog{{{1.5, 2}, {2, 2}, {2.5, 1.7}, {2.5, 1.5}, {3, 1.4}}};
struct Frost { double picture, ice; };
constexpr std::array<Frost, 5> kFrost{{{1, 0.4}, {0.8, 0.6}, {0.7, 0.7}, {0.65, 0.7}, {0.6, 0.75}}};
struct Snow { double mean, deviation, zoom, threshold; int radius; double sigma, keep; };
constexpr std::array<Snow, 5> kSnow{{{0.1, 0.3, 3, 0.5, 10, 4, 0.8}, {0.2, 0.3, 2, 0.5, 12, 4, 0.7},
    {0.55, 0.3, 4, 0.9, 12, 8, 0.7}, {0.55, 0.3, 4.5, 0.85, 12, 8, 0.65}, {0.55, 0.3, 2.5, 0.85, 12, 12, 0.55}}};
struct Spatter { Splash splash; bool mud; };
constexpr std::array<Spatter, 5> kSpatter{{{{0.65, 0.3, 4, 0.69, 0.6}, false}, {{0.65, 0.3, 3, 0.68, 0.6}, false},
    {{0.65, 0.3, 2, 0.68, 0.5}, false}, {{0.65, 0.3, 1, 0.65, 1.5}, true}, {{0.67, 0.4, 1, 0.65, 1.5}, true}}};
constexpr std::array<double, 5> kContrast{0.4, 0.3, 0.2, 0.1, 0.05};            // factor
constexpr std::array<double, 5> kBrightness{0.1, 0.2, 0.3, 0.4, 0.5};           // added to V
struct Saturation { double factor, offset; };
constexpr std::array<Saturation, 5> kSaturate{{{0.3, 0}, {0.1, 0}, {2, 0}, {5, 0.1}, {20, 0.2}}};
constexpr std::array<int, 5> kJpeg{25, 18, 15, 10, 7};                          // quality
constexpr std::array<double, 5> kPixelate{0.6, 0.5, 0.4, 0.3, 0.25};            // size in between
struct Elastic { double alpha, sigma, jitter; };
constexpr std::array<Elastic, 5> kElastic{{{488, 170.8, 24.4}, {488, 19.52, 48.8}, {12.2, 2.44, 4.88},
    {17.08, 2.44, 4.88}, {29.28, 2.44, 4.88}}};
// clang-format on

void blur_by_zooms(Planes& planes, const Zoom& zoom) {
  for (int c = 0; c < planes.colours(); ++c) {
    // The picture itself counts twice.
    const Plane mean = zoom_blurred(planes[c], zoom.step, zoom.zooms);
    const auto share = 1 / static_cast<float>(zoom.zooms + 2);
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x) {
        float& v = planes[c].row(y)[x];
        v = mean.row(y)[x] + share * (v - mean.row(y)[x]);
      }
  }
}

void freeze(Planes& planes, const Frost& frost, Key key) {
  const Plane ice = frost_layer(planes.width(), planes.height(), key);
  const std::array<double, 3> colour{0.88, 0.94, 1};
  shade_with(planes, ice, [&](float v, float i, int c) {
    return static_cast<float>(frost.picture) * v +
           static_cast<float>(frost.ice) * i * shade(colour, c, planes.colours());
  });
}

void snow_on(Planes& planes, const Snow& snow, Key key) {
  const Flakes flakes{snow.mean, snow.deviation, snow.zoom, snow.threshold};
  const double angle = draw(uniform(-135, -45), key, 0);
  const Plane layer = snow_layer(planes.width(), planes.height(), flakes, half_gaussian_streak(snow.radius, snow.sigma, angle), stream(key, 1));
  for (int y = 0; y < planes.height(); ++y)
    for (int x = 0; x < planes.width(); x += kernels::kSegment) {
      kernels::Planes pixels;
      for (int c = 0; c < planes.colours(); ++c) pixels.channel[static_cast<std::size_t>(c)] = planes[c].row(y) + x;
      cover_with_snow(pixels, planes.colours(), x, y, std::min(kernels::kSegment, planes.width() - x), layer, snow.keep);
    }
}

void splash_on(Planes& planes, const Spatter& spatter, Key key) {
  if (spatter.mud) return cover_with(planes, mud_layer(planes.width(), planes.height(), spatter.splash, key), kMud);
  const Plane water = water_layer(planes.width(), planes.height(), spatter.splash, key);
  shade_with(planes, water, [&](float v, float m, int c) { return v + m * shade(kWater, c, planes.colours()); });
}

void multiply_noise(Planes& planes, double sigma, Key key) {
  for (int c = 0; c < planes.colours(); ++c) {
    const Plane noise = normal_plane(planes.width(), planes.height(), key, c);
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x)
        planes[c].row(y)[x] += planes[c].row(y)[x] * (static_cast<float>(sigma) * noise.row(y)[x]);
  }
}

void lose_pixels(Planes& planes, double scale) {
  const auto side = [&](int full) { return std::max(1, static_cast<int>(full * scale)); };
  for (int c = 0; c < planes.colours(); ++c)
    planes[c] = resampled(resampled(planes[c], side(planes.width()), side(planes.height()), Filter::area),
                          planes.width(), planes.height(), Filter::nearest);
}

void filter_all(Planes& planes, const std::vector<Tap>& taps) {
  for (int c = 0; c < planes.colours(); ++c) planes[c] = weighted_sum(planes[c], taps);
}

void count_all_photons(Planes& planes, double photons, Key key) {
  const PoissonTable table(photons);
  for (int c = 0; c < planes.colours(); ++c) count_photons(planes[c], 1 / photons, key, c, table);
}

void corrupt(Planes& planes, Name name, std::size_t level, Key key) {
  switch (name) {
    case Name::shot_noise: return count_all_photons(planes, kShotNoise[level], key);
    case Name::impulse_noise: return impulse_noise(planes, kImpulseNoise[level], key);
    case Name::speckle_noise: return multiply_noise(planes, kSpeckleNoise[level], key);
    case Name::defocus_blur:
      return filter_all(planes, aliased_disc(kDefocusBlur[level].radius, kDefocusBlur[level].alias_blur));
    case Name::motion_blur:
      return filter_all(planes, half_gaussian_streak(kMotionBlur[level].radius, kMotionBlur[level].sigma,
                                                     draw(uniform(-45, 45), key, 0)));
    case Name::glass_blur: {
      const Glass& glass = kGlassBlur[level];  // distances −reach … reach − 1, as published
      return glass_blurred(planes, glass.sigma, {-glass.reach, 2 * glass.reach}, glass.iterations, key);
    }
    case Name::zoom_blur: return blur_by_zooms(planes, kZoomBlur[level]);
    case Name::snow: return snow_on(planes, kSnow[level], key);
    case Name::frost: return freeze(planes, kFrost[level], key);
    case Name::fog: {
      // Published: the random part is a factor times a range, and both are divided by the decay.
      const Fog& fog = kFog[level];
      return fill_with_fog(planes, plasma(planes.width(), planes.height(), fog.decay * fog.decay, key), fog.amount);
    }
    case Name::brightness: return raise_value(planes, kBrightness[level]);
    case Name::contrast: return scale_contrast(planes, kContrast[level]);
    case Name::pixelate: return lose_pixels(planes, kPixelate[level]);
    case Name::spatter: return splash_on(planes, kSpatter[level], key);
    case Name::saturate: return scale_saturation(planes, kSaturate[level].factor, kSaturate[level].offset);
    case Name::elastic_transform: {
      const Elastic& elastic = kElastic[level];
      return distort_elastically(planes, elastic.alpha, elastic.sigma, elastic.jitter, key);
    }
    case Name::gaussian_noise:
    case Name::gaussian_blur:
    case Name::jpeg_compression: break;  // lowered to kernels of their own
  }
}

Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  const auto level = static_cast<std::size_t>(op.severity - 1);
  if (op.name == Name::gaussian_noise)
    return {Positional{GaussianNoise{.sigma = kGaussianNoise[level], .per_channel = true, .key = at.key}}};
  if (op.name == Name::gaussian_blur) {
    const std::vector<float> line = gaussian_taps(kGaussianBlur[level]);
    return {Stencil{Separable{line, line}}};
  }
  if (op.name == Name::jpeg_compression)
    return {Opaque{.apply = [quality = kJpeg[level]](const RasterView& image) {
      return kernels::jpeg_round_trip(image, quality, 2, 2);
    }}};
  if (op.name == Name::saturate) has_colour(at);
  Nodes nodes = on_planes([name = op.name, level, key = at.key](Planes& planes) { corrupt(planes, name, level, key); });
  std::get<Opaque>(nodes[0]).keeps_geometry = op.name != Name::elastic_transform;
  return nodes;
}
}  // namespace corruption

}  // namespace

void add_corruption(OpTable& t) {
  t.add(op<corruption::Op, corruption::lower>(
      {.name = "corruption",
       .summary = "One of the 19 corruptions of ImageNet-C at one of its 5 severities",
       .detail =
           "Names, formulas and constants of Hendrycks and Dietterich (2019), which were chosen for pictures of "
           "224×224 px. What differs: frost is made from noise in place of photographs; the water of spatter is lit "
           "by its relief in place of the distance to Canny's edges; elastic_transform is refused for data "
           "whose labels have positions. Alpha stays, except under gaussian_blur.",
       .family = "quality",
       .example = "corruption: {name: fog, severity: 3}",
       .node = NodeKind::opaque,
       .fields = corruption::fields,
       .tints = true,
       .joins_channels = true}));
}

}  // namespace leaven::ops
