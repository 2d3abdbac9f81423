// Weather and dirt.
#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "core/exact_math.hpp"
#include "kernels/pointwise.hpp"
#include "ops/image/filters.hpp"
#include "ops/image/random_plane.hpp"
#include "ops/image/scattered.hpp"
#include "ops/image/segments.hpp"
#include "ops/image/shading.hpp"
#include "ops/image/weather_layers.hpp"

namespace leaven::ops {
namespace {

namespace rain {
struct Op {
  double amount = 0.4, length = 16, angle = 80, width = 0.6, brightness = 0.8;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "From none to a downpour", .lo = 0, .hi = 1, .unit = "fraction", .neutral = 0,
        .strong = 1, .draw = uniform(0.1, 0.6)}),
    field<&Op::length>("length", {.doc = "Length of a drop's streak", .lo = 1, .hi = 200, .unit = "px",
        .draw = uniform(8, 24)}),
    field<&Op::angle>("angle", {.doc = "Direction of the streaks, counter-clockwise from the x axis", .lo = 0,
        .hi = 180, .unit = "degrees", .draw = uniform(70, 110)}),
    field<&Op::width>("width", {.doc = "Deviation of the blur across a streak", .lo = 0, .hi = 8, .unit = "px"}),
    field<&Op::brightness>("brightness", {.doc = "Grey of the drops", .lo = 0, .hi = 1, .unit = "fraction",
        .draw = uniform(0.6, 0.9)})};
// clang-format on
constexpr double kMostDrops = 0.012;  ///< of all pixels, in a downpour
constexpr double kGloom = 0.3;        ///< share of the light that a downpour takes

Plane streaks_of(const Op& op, std::span<const Tap> line, int width, int height, Key key) {
  const auto share = static_cast<float>(op.amount * kMostDrops);
  std::vector<Spot> drops = uniform_spots(width, height, share, key);
  for (Spot& drop : drops) drop.value = 0.4f + 0.6f * drop.value / share;  // some are nearer than others
  const std::vector<float> profile = gaussian_taps(op.width);
  const int radius = static_cast<int>(profile.size() / 2);
  const std::vector<Tap> blur = square_of(radius, [&](int x, int y) {
    return profile[static_cast<std::size_t>(x + radius)] * profile[static_cast<std::size_t>(y + radius)];
  });
  return scattered(width, height, drops, blur, line);
}
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.amount == 0) return {};
  return {Opaque{.apply = [op, key = at.key](const RasterView& image) {
    const std::vector<Tap> line = streak(op.length, op.angle, 0);
    const Plane streaks = streaks_of(op, line, image.shape.width, image.shape.height, key);
    float most = 0;
    for (const Tap& tap : line) most = std::max(most, tap.weight);
    const auto light = static_cast<float>(1 - kGloom * op.amount), grey = static_cast<float>(op.brightness);
    return changed_in_segments(image, [&](const kernels::Planes& pixels, int x, int y, int count) {
      SegmentRow near;
      kernels::shares_of(streaks.row(y) + x, count, most, 0.7f, near.data());
      for (std::size_t c = 0; c < static_cast<std::size_t>(image.shape.colour_channels()); ++c)
        kernels::lay_over(pixels.channel[c], near.data(), count, light, grey);
    });
  }}};
}
}  // namespace rain

namespace snow {
struct Op {
  double amount = 0.4, size = 2.5, length = 8, angle = 250, whiten = 0.3;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "From none to a blizzard", .lo = 0, .hi = 1, .unit = "fraction", .neutral = 0,
        .strong = 1, .draw = uniform(0.1, 0.6)}),
    field<&Op::size>("size", {.doc = "Size of the flakes", .lo = 1, .hi = 32, .unit = "px", .draw = uniform(2, 4)}),
    field<&Op::length>("length", {.doc = "How far they fall in the picture", .lo = 0, .hi = 100, .unit = "px",
        .draw = uniform(4, 14)}),
    field<&Op::angle>("angle", {.doc = "In which direction, counter-clockwise from the x axis", .lo = 180, .hi = 360,
        .unit = "degrees", .draw = uniform(225, 315)}),
    field<&Op::whiten>("whiten", {.doc = "How much lighter and paler a blizzard makes the scene", .lo = 0, .hi = 1,
        .unit = "fraction", .draw = uniform(0.1, 0.4)})};
// clang-format on
constexpr double kMostCovered = 0.25;  ///< share of the noise that becomes flakes in a blizzard

Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.amount == 0) return {};
  return {Opaque{.apply = [op, key = at.key](const RasterView& image) {
    // Noise of mean 1/2 so wide that half a deviation is the difference between grey and white flakes.
    const Flakes flakes{.mean = 0.5 - 0.25 * exact::normal_quantile(1 - kMostCovered * op.amount),
                        .deviation = 0.25,
                        .zoom = op.size,
                        .threshold = 0.5};
    const std::vector<Tap> fall = op.length > 0 ? streak(op.length, op.angle, 0) : std::vector<Tap>{};
    const Plane layer = snow_layer(image.shape.width, image.shape.height, flakes, fall, key);
    return changed_in_segments(image, [&](const kernels::Planes& pixels, int x, int y, int count) {
      cover_with_snow(pixels, image.shape.colour_channels(), x, y, count, layer, 1 - op.amount * op.whiten);
    });
  }}};
}
}  // namespace snow

namespace fog {
struct Op {
  double amount = 0.4, patches = 0.5, depth = 0, brightness = 0.9, falloff = 2;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Share of the scene that the thickest fog hides", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 0.9, .draw = uniform(0.1, 0.6)}),
    field<&Op::patches>("patches", {.doc = "0 is even, 1 has clear holes", .lo = 0, .hi = 1, .unit = "fraction",
        .draw = uniform(0.2, 0.8)}),
    field<&Op::depth>("depth", {.doc = "1 is clear at the bottom, where things are near", .lo = 0, .hi = 1,
        .unit = "fraction", .draw = uniform(0, 0.8)}),
    field<&Op::brightness>("brightness", {.doc = "Grey of the fog", .lo = 0, .hi = 1, .unit = "fraction",
        .draw = uniform(0.75, 0.95)}),
    field<&Op::falloff>("falloff", {.doc = "How smooth the patches are", .lo = 1, .hi = 8, .unit = "factor"})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.amount == 0) return {};
  return on_planes([op, key = at.key](Planes& planes) {
    Plane density = plasma(planes.width(), planes.height(), op.falloff, key);
    const auto patches = static_cast<float>(op.patches);
    for (int y = 0; y < planes.height(); ++y) {
      const auto here = static_cast<float>(op.amount * (1 - op.depth * (y + 0.5) / planes.height()));
      for (int x = 0; x < planes.width(); ++x) density.row(y)[x] = here * (1 - patches * (1 - density.row(y)[x]));
    }
    cover_with(planes, density, {op.brightness, op.brightness, op.brightness});
  });
}
}  // namespace fog

namespace clouds {
struct Op {
  double amount = 0.7, cover = 0.5, softness = 0.3, falloff = 1.9;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Opacity of the thickest clouds", .lo = 0, .hi = 1, .unit = "fraction",
        .neutral = 0, .strong = 1, .draw = uniform(0.3, 0.9)}),
    field<&Op::cover>("cover", {.doc = "How much of the sky they take", .lo = 0, .hi = 1, .unit = "fraction",
        .draw = uniform(0.3, 0.6)}),
    field<&Op::softness>("softness", {.doc = "How gradually they end", .lo = 0.01, .hi = 1, .unit = "fraction"}),
    field<&Op::falloff>("falloff", {.doc = "How smooth they are", .lo = 1, .hi = 8, .unit = "factor",
        .draw = uniform(1.6, 2.2)})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.amount == 0) return {};
  return on_planes([op, key = at.key](Planes& planes) {
    Plane cover = plasma(planes.width(), planes.height(), op.falloff, key);
    const auto amount = static_cast<float>(op.amount), from = static_cast<float>(1 - op.cover - op.softness / 2),
               to = static_cast<float>(1 - op.cover + op.softness / 2);
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x) cover.row(y)[x] = amount * smooth_step(from, to, cover.row(y)[x]);
    cover_with(planes, cover, {1, 1, 1});
  });
}
}  // namespace clouds

namespace frost {
struct Op {
  double amount = 0.6;
};
constexpr auto fields = std::array{field<&Op::amount>("amount", {.doc = "Opacity of the ice",
                                                                 .lo = 0,
                                                                 .hi = 1,
                                                                 .unit = "fraction",
                                                                 .neutral = 0,
                                                                 .strong = 1,
                                                                 .draw = uniform(0.2, 0.8)})};
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.amount == 0) return {};
  return on_planes([op, key = at.key](Planes& planes) {
    Plane ice = frost_layer(planes.width(), planes.height(), key);
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x) ice.row(y)[x] *= static_cast<float>(op.amount);
    cover_with(planes, ice, {0.88, 0.94, 1});
  });
}
}  // namespace frost

namespace gravel {
struct Op {
  double amount = 0.03, size = 2;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Share of the picture that grains cover", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 0.3, .draw = uniform(0.005, 0.08)}),
    field<&Op::size>("size", {.doc = "Mean radius of a grain", .lo = 0.3, .hi = 64, .unit = "px",
        .draw = uniform(1, 3)})};
// clang-format on

// One grain: a disc with a soft rim, lit from above.
void put_grain(Planes& planes, double mx, double my, double radius, double grey) {
  const auto clamped = [](double v, int most) {
    return static_cast<int>(std::clamp(v, 0.0, static_cast<double>(most)));
  };
  for (int y = clamped(my - radius - 1, planes.height()); y < clamped(my + radius + 2, planes.height()); ++y)
    for (int x = clamped(mx - radius - 1, planes.width()); x < clamped(mx + radius + 2, planes.width()); ++x) {
      const double dx = x + 0.5 - mx, dy = y + 0.5 - my;
      const auto cover = static_cast<float>(std::clamp(radius + 0.5 - std::sqrt(dx * dx + dy * dy), 0.0, 1.0));
      const auto lit = static_cast<float>(std::clamp(grey * (1 - 0.35 * dy / radius), 0.0, 1.0));
      for (int c = 0; c < planes.colours(); ++c) planes[c].at(x, y) += cover * (lit - planes[c].at(x, y));
    }
}
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.amount == 0) return {};
  return on_planes([op, key = at.key](Planes& planes) {
    const double area = static_cast<double>(planes.width()) * planes.height();
    const auto grains = static_cast<std::uint64_t>(std::ceil(op.amount * area / (kPi * op.size * op.size)));
    for (std::uint64_t i = 0; i < grains; ++i) {
      const auto number = [&](std::uint64_t k, double low, double high) {
        return low + (high - low) * draw_unit(key, 4 * i + k);
      };
      put_grain(planes, number(0, 0, planes.width()), number(1, 0, planes.height()), number(2, 0.5, 1.5) * op.size,
                number(3, 0.15, 0.75));
    }
  });
}
}  // namespace gravel

namespace spatter {
enum class What : std::uint8_t { water, mud };
constexpr std::array<std::string_view, 2> kWhatNames{"water", "mud"};
struct Op {
  double amount = 0.4;
  What what = What::water;
  double size = 3;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Share of the lens that is wet or dirty", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 0.8, .draw = uniform(0.1, 0.5)}),
    field<&Op::what>("what", {.doc = "What splashes", .choices = kWhatNames}),
    field<&Op::size>("size", {.doc = "Size of the drops", .lo = 0.5, .hi = 32, .unit = "px", .draw = uniform(2, 5)})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.amount == 0) return {};
  return on_planes([op, key = at.key](Planes& planes) {
    // Blurred noise has 1/(2·√π·size) of its deviation left: the threshold is the quantile of what shall stay.
    const double left = 0.5 / (std::sqrt(kPi) * op.size);
    Splash splash{.mean = 0.65, .deviation = 0.3, .blur = op.size, .strength = 0.6};
    const double clear = std::clamp(1 - op.amount, 1e-6, 1 - 1e-6);
    splash.threshold = splash.mean + splash.deviation * left * exact::normal_quantile(clear);
    if (op.what == What::mud) {
      splash.strength = 1;
      cover_with(planes, mud_layer(planes.width(), planes.height(), splash, key), kMud);
    } else {
      cover_with(planes, water_layer(planes.width(), planes.height(), splash, key), kWater);
    }
  });
}
}  // namespace spatter

}  // namespace

void add_weather(OpTable& t) {
  t.add(op<rain::Op, rain::lower>(
      {.name = "rain",
       .summary = "Streaks of falling drops and a darker sky",
       .detail = "Up to 1.2 % of the pixels become drops, drawn out along angle; v' = l·v + 0.7·d·(brightness − l·v), "
                 "l = 1 − 0.3·amount, d a drop's nearness from 0 to 1. Alpha stays.",
       .family = "weather",
       .example = "rain: {amount: 0.5, angle: 75}",
       .node = NodeKind::opaque,
       .fields = rain::fields}));
  t.add(op<snow::Op, snow::lower>(
      {.name = "snow",
       .summary = "Falling flakes in pale light",
       .detail = "v' = (1 − w)·v + w·max(v, 1.5·Y + 0.5), w = amount·whiten, plus flakes s and s turned by half a "
                 "circle: normal noise enlarged by size, cut off below, blurred along angle (Hendrycks and Dietterich "
                 "2019). Alpha stays.",
       .family = "weather",
       .example = "snow: {amount: 0.5}",
       .node = NodeKind::opaque,
       .fields = snow::fields,
       .joins_channels = true}));
  t.add(op<fog::Op, fog::lower>(
      {.name = "fog",
       .summary = "Fog in patches, thicker in the distance if asked",
       .detail = "v' = v + d·(brightness − v), d = amount·(1 − depth·y/height)·(1 − patches·(1 − p)), p the cloud of "
                 "plasma_brightness. Alpha stays.",
       .family = "weather",
       .example = "fog: {amount: 0.5, depth: 0.7}",
       .node = NodeKind::opaque,
       .fields = fog::fields}));
  t.add(op<clouds::Op, clouds::lower>(
      {.name = "clouds",
       .summary = "White clouds between camera and scene",
       .detail = "v' = v + amount·s·(1 − v), s rising smoothly from 0 to 1 where the cloud p of plasma_brightness is "
                 "about 1 − cover. Alpha stays.",
       .family = "weather",
       .example = "clouds: {cover: 0.4}",
       .node = NodeKind::opaque,
       .fields = clouds::fields}));
  t.add(op<frost::Op, frost::lower>(
      {.name = "frost",
       .summary = "Ice on the window, growing in from the edges",
       .detail = "v' = v + amount·i·(ice − v), ice (0.88, 0.94, 1), i the ridges of fractal clouds, thinner away from "
                 "the edges: made from noise, not from photographs as in ImageNet-C. Alpha stays.",
       .family = "weather",
       .example = "frost: {amount: 0.7}",
       .node = NodeKind::opaque,
       .fields = frost::fields,
       .tints = true}));
  t.add(op<gravel::Op, gravel::lower>({.name = "gravel",
                                       .summary = "Grains of stone lie on the picture",
                                       .detail = "Grey discs at random places, radius 0.5 to 1.5 of size, grey 0.15 "
                                                 "to 0.75, lighter at the top. Alpha stays.",
                                       .family = "weather",
                                       .example = "gravel: {amount: 0.05}",
                                       .node = NodeKind::opaque,
                                       .fields = gravel::fields}));
  t.add(op<spatter::Op, spatter::lower>(
      {.name = "spatter",
       .summary = "Drops of water or mud on the lens",
       .detail = "v' = v + m·(colour − v), m cut out of blurred normal noise (Hendrycks and Dietterich 2019); water is "
                 "lit by its own relief instead of the distance to its edges. Grey images take the luma of the colour. "
                 "Alpha stays.",
       .family = "weather",
       .example = "spatter: {amount: 0.3, what: mud}",
       .node = NodeKind::opaque,
       .fields = spatter::fields,
       .tints = true}));
}

}  // namespace leaven::ops
