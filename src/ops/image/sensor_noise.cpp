// Noise as sensors and films have it.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/exact_math.hpp"
#include "kernels/elementary.hpp"
#include "kernels/noise.hpp"
#include "ops/image/channels.hpp"
#include "ops/image/filters.hpp"
#include "ops/image/photons.hpp"
#include "ops/image/random_plane.hpp"
#include "ops/image/segments.hpp"

namespace leaven::ops {
namespace {

// v' = change(v, noise) for all pixels of a plane.
template <class Change>
void combine(Plane& plane, const Plane& noise, const Change& change) {
  for (int y = 0; y < plane.height(); ++y) {
    float* v = plane.row(y);
    const float* n = noise.row(y);
    for (int x = 0; x < plane.width(); ++x) v[x] = change(v[x], n[x]);
  }
}

namespace shot_noise {
struct Op {
  double gain = 0.01;
};
constexpr auto fields = std::array{field<&Op::gain>("gain", {.doc = "Value of one photon: few photons are noisy",
                                                             .lo = 0,
                                                             .hi = 1,
                                                             .unit = "fraction",
                                                             .neutral = 0,
                                                             .strong = 0.3,
                                                             .draw = log_uniform(0.002, 0.05)})};
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.gain == 0) return {};
  return on_planes([gain = std::max(op.gain, 1e-6), key = at.key, first = at.group.first](Planes& planes) {
    const PoissonTable table(1 / gain);
    for (int c = 0; c < planes.colours(); ++c) count_photons(planes[c], gain, key, first + c, table);
  });
}
}  // namespace shot_noise

namespace iso_noise {
struct Op {
  double luminance = 0.05, color = 0.03;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::luminance>("luminance", {.doc = "Deviation of the grey noise where the picture is white", .lo = 0,
        .hi = 1, .unit = "fraction", .neutral = 0, .strong = 0.3, .draw = uniform(0.01, 0.08)}),
    field<&Op::color>("color", {.doc = "Deviation of the colour noise", .lo = 0, .hi = 1, .unit = "fraction",
        .neutral = 0, .strong = 0.15, .draw = uniform(0.005, 0.05)})};
// clang-format on

Nodes lower(const Op& op, const Site& at) {
  if (op.luminance == 0 && op.color == 0) return {};
  return {Opaque{.apply = [op, key = at.key](const RasterView& image) {
    const auto luminance = static_cast<float>(op.luminance), color = static_cast<float>(op.color);
    const int colours = image.shape.colour_channels();
    return changed_in_segments(image, [&](const kernels::Planes& pixels, int x, int y, int count) {
      SegmentRow grey, noise;
      grey_of(pixels, colours, count, grey.data());
      kernels::gaussian_row(key, x, y, 0, count, noise.data());
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
        grey[i] = luminance * std::sqrt(std::max(grey[i], 0.0f)) * noise[i];
      // What is taken off all three leaves colour alone: the luma of the noise is 0.
      for (std::size_t c = 0; colours == 3 && color > 0 && c < 3; ++c) {
        const auto weight = static_cast<float>(kLuma[c]);
        float* v = pixels.channel[c];
        kernels::gaussian_row(key, x, y, static_cast<int>(c) + 1, count, noise.data());
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
          grey[i] -= color * weight * noise[i];
          v[i] += color * noise[i];
        }
      }
      for (std::size_t c = 0; c < static_cast<std::size_t>(colours); ++c)
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) pixels.channel[c][i] += grey[i];
    });
  }}};
}
}  // namespace iso_noise

enum class Distribution : std::uint8_t { gaussian, uniform, laplace };

// Mean 0, deviation 1.
Plane standard_noise(Distribution distribution, int width, int height, Key key, int channel) {
  if (distribution == Distribution::gaussian) return normal_plane(width, height, key, channel);
  Plane noise = uniform_plane(width, height, key, channel);
  constexpr float kUniform = 3.46410162f, kLaplace = 0.490129072f;  // √12; ln 2/√2
  for (int y = 0; y < height; ++y) {
    float* n = noise.row(y);
    if (distribution == Distribution::uniform) {
      for (int x = 0; x < width; ++x) n[x] = (n[x] - 0.5f) * kUniform;
      continue;
    }
    std::vector<float> logs(static_cast<std::size_t>(noise.stride()));
    for (int x = 0; x < width; ++x) logs[static_cast<std::size_t>(x)] = 1 - std::fabs(2 * n[x] - 1);
    kernels::log2_run(logs.data(), static_cast<std::size_t>(width));
    for (int x = 0; x < width; ++x) {
      const float away = -kLaplace * logs[static_cast<std::size_t>(x)];
      n[x] = n[x] < 0.5f ? -away : away;
    }
  }
  return noise;
}

/// Inverse of the beta law's distribution function, moved and scaled to mean 0 and deviation 1; within 1e-3.
class BetaQuantile {
 public:
  BetaQuantile(double alpha, double beta) {
    // t = sin²(πu/2) takes what is infinite at the ends out of the density: ∝ sin^(2α−1)·cos^(2β−1) of u.
    std::vector<double> share{0}, value{0};
    for (int i = 0; i < kSteps; ++i) {
      const double half = kPi / 2 * (i + 0.5) / kSteps, edge = exact::sin(kPi / 2 * (i + 1) / kSteps);
      share.push_back(share.back() + exact::pow(exact::sin(half), 2 * alpha - 1) * exact::pow(exact::cos(half), 2 * beta - 1));
      value.push_back(edge * edge);
    }
    const double both = alpha + beta, mean = alpha / both;
    const double deviation = std::sqrt(alpha * beta / (both * both * (both + 1)));
    std::size_t at = 0;
    for (int i = 0; i <= kSteps; ++i) {
      const double wanted = share.back() * i / kSteps;
      while (at + 1 < kSteps && share[at + 1] < wanted) ++at;
      const double width = share[at + 1] - share[at], part = width > 0 ? (wanted - share[at]) / width : 0;
      const double t = value[at] + std::clamp(part, 0.0, 1.0) * (value[at + 1] - value[at]);
      table_.push_back(static_cast<float>((t - mean) / deviation));
    }
  }
  float operator()(float u) const {
    const float place = u * kSteps;
    const auto i = std::min(static_cast<std::size_t>(place), static_cast<std::size_t>(kSteps - 1));
    return table_[i] + (place - static_cast<float>(i)) * (table_[i + 1] - table_[i]);
  }

 private:
  static constexpr int kSteps = 4096;
  std::vector<float> table_{};
};

namespace additive_noise {
enum class Law : std::uint8_t { uniform, laplace, beta };
constexpr std::array<std::string_view, 3> kLawNames{"uniform", "laplace", "beta"};
struct Op {
  double sigma = 0.05;
  Law law = Law::uniform;
  double alpha = 2, beta = 5;
  bool per_channel = true;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::sigma>("sigma", {.doc = "Standard deviation, as a share of full scale", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 0.2, .draw = uniform(0.005, 0.05)}),
    field<&Op::law>("law", {.doc = "Which law the noise follows", .choices = kLawNames}),
    field<&Op::alpha>("alpha", {.doc = "Of the beta law: its first parameter", .lo = 0.5, .hi = 100, .unit = "1"}),
    field<&Op::beta>("beta", {.doc = "Of the beta law: its second parameter", .lo = 0.5, .hi = 100, .unit = "1"}),
    field<&Op::per_channel>("per_channel", {.doc = "Draw for each channel; false makes grey noise"})};
// clang-format on

Plane noise(const Op& op, Size size, Key key, int channel) {
  if (op.law == Law::uniform) return standard_noise(Distribution::uniform, size.width, size.height, key, channel);
  if (op.law == Law::laplace) return standard_noise(Distribution::laplace, size.width, size.height, key, channel);
  Plane plane = uniform_plane(size.width, size.height, key, channel);
  const BetaQuantile quantile(op.alpha, op.beta);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) plane.at(x, y) = quantile(plane.at(x, y));
  return plane;
}

Nodes lower(const Op& op, const Site& at) {
  if (op.sigma == 0) return {};
  return on_planes([op, key = at.key, first = at.group.first](Planes& planes) {
    for (int c = 0; c < planes.colours(); ++c)
      combine(planes[c], noise(op, planes.shape().size(), key, op.per_channel ? first + c : 0),
              [sigma = static_cast<float>(op.sigma)](float v, float n) { return v + sigma * n; });
  });
}
}  // namespace additive_noise

namespace speckle_noise {
enum class Law : std::uint8_t { gaussian, uniform };
constexpr std::array<std::string_view, 2> kLawNames{"gaussian", "uniform"};
struct Op {
  double sigma = 0.15;
  Law law = Law::gaussian;
  bool per_channel = true;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::sigma>("sigma", {.doc = "Standard deviation of the factor", .lo = 0, .hi = 2, .unit = "factor",
        .neutral = 0, .strong = 0.6, .draw = uniform(0.03, 0.2)}),
    field<&Op::law>("law", {.doc = "Which law the factor follows", .choices = kLawNames}),
    field<&Op::per_channel>("per_channel", {.doc = "Draw for each channel; false makes grey noise"})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  if (op.sigma == 0) return {};
  return {Opaque{.apply = [op, key = at.key, first = at.group.first](const RasterView& image) {
    const int colours = image.shape.colour_channels();
    const auto channel = [&](int c) { return op.per_channel ? first + c : 0; };
    std::vector<Plane> even;
    for (int c = 0; op.law == Law::uniform && c < (op.per_channel ? colours : 1); ++c)
      even.push_back(standard_noise(Distribution::uniform, image.shape.width, image.shape.height, key, channel(c)));
    return changed_in_segments(image, [&, sigma = static_cast<float>(op.sigma)](const kernels::Planes& pixels, int x, int y, int count) {
      SegmentRow drawn;
      for (int c = 0; c < colours; ++c) {
        if (even.empty() && (c == 0 || op.per_channel)) kernels::gaussian_row(key, x, y, channel(c), count, drawn.data());
        const float* n = even.empty() ? drawn.data() : even[op.per_channel ? static_cast<std::size_t>(c) : 0].row(y) + x;
        float* v = pixels.channel[static_cast<std::size_t>(c)];
        for (int i = 0; i < count; ++i) v[i] += v[i] * (sigma * n[i]);
      }
    });
  }}};
}
}  // namespace speckle_noise

namespace film_grain {
struct Op {
  double amount = 0.06, size = 0.8;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Deviation of the grain in the middle tones", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 0.25, .draw = uniform(0.02, 0.1)}),
    field<&Op::size>("size", {.doc = "Size of the grain: deviation of the blur that noise is given", .lo = 0, .hi = 8,
        .unit = "px", .draw = uniform(0.4, 1.2)})};
// clang-format on
void add_grain(Planes& planes, double amount, double size, Key key) {
  Plane grain = gaussian_blurred(normal_plane(planes.width(), planes.height(), key), size);
  double squares = 0;  // the blur leaves this deviation along each axis, squared
  for (const float tap : gaussian_taps(size)) squares += static_cast<double>(tap) * static_cast<double>(tap);
  const auto scale = static_cast<float>(2 * amount / squares);
  combine(grain, grey_of(planes), [=](float n, float light) {
    const float bounded = std::min(std::max(light, 0.0f), 1.0f);
    return n * scale * std::sqrt(bounded * (1 - bounded));
  });
  for (int c = 0; c < planes.colours(); ++c) combine(planes[c], grain, [](float v, float n) { return v + n; });
}
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.amount == 0) return {};
  return on_planes([op, key = at.key](Planes& planes) { add_grain(planes, op.amount, op.size, key); });
}
}  // namespace film_grain

}  // namespace

void add_sensor_noise(OpTable& t) {
  t.add(op<shot_noise::Op, shot_noise::lower>(
      {.name = "shot_noise",
       .summary = "Count photons",
       .detail = "v' = gain·Poisson(v/gain) for every channel of every pixel, exactly up to 512 photons; alpha stays.",
       .family = "noise",
       .example = "shot_noise: {gain: 0.02}",
       .node = NodeKind::opaque,
       .fields = shot_noise::fields,
       .tints = true}));
  t.add(op<iso_noise::Op, iso_noise::lower>(
      {.name = "iso_noise",
       .summary = "Noise of a camera at high sensitivity: grey in the lights, and colour",
       .detail = "v' = v + luminance·√Y·n0 + color·(n − luma(n)), Y and luma 0.299 R + 0.587 G + 0.114 B, n0 and n "
                 "from the standard normal law; grey images get the first part alone. Alpha stays.",
       .family = "noise",
       .example = "iso_noise: {luminance: 0.1, color: 0.05}",
       .node = NodeKind::opaque,
       .fields = iso_noise::fields,
       .tints = true,
       .joins_channels = true}));
  t.add(op<additive_noise::Op, additive_noise::lower>(
      {.name = "additive_noise",
       .summary = "Add noise of a law that is not normal",
       .detail =
           "v' = v + sigma·n, n of mean 0 and deviation 1: uniform on ±√3, Laplace's (two exponentials back to back), or a "
           "beta law's (moved and scaled, lopsided where alpha and beta differ); the picture's alpha stays.",
       .family = "noise",
       .example = "additive_noise: {sigma: 0.05, law: laplace}",
       .node = NodeKind::opaque,
       .fields = additive_noise::fields}));
  t.add(op<speckle_noise::Op, speckle_noise::lower>(
      {.name = "speckle_noise",
       .summary = "Multiply with noise",
       .detail = "v' = v·(1 + sigma·n), n of mean 0 and deviation 1: standard normal, or uniform on ±√3; alpha stays.",
       .family = "noise",
       .example = "speckle_noise: {sigma: 0.2}",
       .node = NodeKind::opaque,
       .fields = speckle_noise::fields}));
  t.add(op<film_grain::Op, film_grain::lower>(
      {.name = "film_grain",
       .summary = "Grain of a photographic film",
       .detail = "v' = v + 2·amount·√(Y(1 − Y))·g, Y the luma, g standard normal noise, one a pixel, blurred by a "
                 "Gaussian of deviation size and scaled back to deviation 1; alpha stays.",
       .family = "noise",
       .example = "film_grain: {amount: 0.08, size: 1}",
       .node = NodeKind::opaque,
       .fields = film_grain::fields,
       .joins_channels = true}));
}

}  // namespace leaven::ops
