// Uneven light: from the lens, from lamps, from the sun.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "kernels/elementary.hpp"
#include "kernels/pointwise.hpp"
#include "ops/image/filters.hpp"
#include "ops/image/segments.hpp"
#include "ops/image/shading.hpp"

namespace leaven::ops {
namespace {

constexpr float kLog2E = 1.44269504f;

// exp(−(d/reach)²) about a point, by rows and columns.
Plane glow(int width, int height, double middle_x, double middle_y, double reach) {
  const auto along = [&](int count, double middle) {
    std::vector<float> values(static_cast<std::size_t>(count) + kernels::kRunStep);
    for (int i = 0; i < count; ++i) {
      const auto d = static_cast<float>((i + 0.5 - middle) / reach);
      values[static_cast<std::size_t>(i)] = -d * d * kLog2E;
    }
    kernels::exp2_run(values.data(), static_cast<std::size_t>(count));
    return values;
  };
  const std::vector<float> across = along(width, middle_x), down = along(height, middle_y);
  Plane plane(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      plane.row(y)[x] = across[static_cast<std::size_t>(x)] * down[static_cast<std::size_t>(y)];
  return plane;
}

namespace vignette {
struct Op {
  double amount = 0.5, inner = 0.3, x = 0.5, y = 0.5;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Share of the light that the corners lose", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 1, .draw = uniform(0.1, 0.6)}),
    field<&Op::inner>("inner", {.doc = "Radius up to which nothing is lost, of half the diagonal", .lo = 0, .hi = 0.95,
        .unit = "fraction", .draw = uniform(0, 0.5)}),
    field<&Op::x>("x", {.doc = "Middle, as a share of the width", .lo = 0, .hi = 1, .unit = "fraction"}),
    field<&Op::y>("y", {.doc = "Middle, as a share of the height", .lo = 0, .hi = 1, .unit = "fraction"})};
// clang-format on
Nodes lower(const Op& op, const Site&) {
  if (op.amount == 0) return {};
  return on_planes([op](Planes& planes) {
    const double half = 0.5 * std::sqrt(static_cast<double>(planes.width()) * planes.width() +
                                        static_cast<double>(planes.height()) * planes.height());
    const auto scale = static_cast<float>(1 / half), inner = static_cast<float>(op.inner),
               rest = static_cast<float>(1 / (1 - op.inner)), amount = static_cast<float>(op.amount),
               mx = static_cast<float>(op.x * planes.width()), my = static_cast<float>(op.y * planes.height());
    const Plane light = plane_of(planes.width(), planes.height(), [=](float x, float y) {
      const float r = std::sqrt((x - mx) * (x - mx) + (y - my) * (y - my)) * scale;
      const float t = unit_clamped((r - inner) * rest);
      return 1 - amount * t * t;
    });
    shade_with(planes, light, [](float v, float by, int) { return v * by; });
  });
}
}  // namespace vignette

namespace illumination {
enum class Shape : std::uint8_t { linear, corner, gaussian };
constexpr std::array<std::string_view, 3> kShapeNames{"linear", "corner", "gaussian"};
struct Op {
  double amount = 0.3;
  Shape shape = Shape::linear;
  double angle = 0, x = 0.5, y = 0.5, size = 0.4;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Largest change of the light; below 0 it gets darker there", .lo = -1, .hi = 2,
        .unit = "fraction", .neutral = 0, .strong = 0.8, .draw = uniform(-0.4, 0.4)}),
    field<&Op::shape>("shape", {.doc = "A ramp over the picture, light from a corner, or a spot",
        .choices = kShapeNames}),
    field<&Op::angle>("angle", {.doc = "Where the ramp or the corner is brightest, counter-clockwise from the right",
        .lo = -360, .hi = 360, .unit = "degrees", .draw = uniform(0, 360)}),
    field<&Op::x>("x", {.doc = "Middle of the spot, as a share of the width", .lo = -1, .hi = 2, .unit = "fraction",
        .draw = uniform(0.1, 0.9)}),
    field<&Op::y>("y", {.doc = "Middle of the spot, as a share of the height", .lo = -1, .hi = 2, .unit = "fraction",
        .draw = uniform(0.1, 0.9)}),
    field<&Op::size>("size", {.doc = "Deviation of the spot, as a share of the longer side", .lo = 0.01, .hi = 10,
        .unit = "fraction", .draw = uniform(0.2, 0.6)})};
// clang-format on

// From −1 to 1 (ramp) or 0 to 1 (corner, spot).
Plane light_of(const Op& op, int width, int height) {
  const auto turn = op.angle * kPi / 180;
  const auto cx = static_cast<float>(exact::cos(turn)), cy = static_cast<float>(-exact::sin(turn)),
             half_w = static_cast<float>(width) / 2, half_h = static_cast<float>(height) / 2;
  switch (op.shape) {
    case Shape::linear: {
      const float reach = std::fabs(cx) * half_w + std::fabs(cy) * half_h;
      return plane_of(width, height, [=](float x, float y) { return ((x - half_w) * cx + (y - half_h) * cy) / reach; });
    }
    case Shape::corner: {
      const float corner_x = cx >= 0 ? 2 * half_w : 0, corner_y = cy >= 0 ? 2 * half_h : 0;
      const float diagonal = 2 * std::sqrt(half_w * half_w + half_h * half_h);
      return plane_of(width, height, [=](float x, float y) {
        return 1 - std::sqrt((x - corner_x) * (x - corner_x) + (y - corner_y) * (y - corner_y)) / diagonal;
      });
    }
    case Shape::gaussian: break;
  }
  return glow(width, height, op.x * width, op.y * height, op.size * std::max(width, height) * std::sqrt(2.0));
}
Nodes lower(const Op& op, const Site&) {
  if (op.amount == 0) return {};
  return on_planes([op](Planes& planes) {
    shade_with(planes, light_of(op, planes.width(), planes.height()),
               [by = static_cast<float>(op.amount)](float v, float light, int) { return v * (1 + by * light); });
  });
}
}  // namespace illumination

namespace shadow {
constexpr int kMostShadows = 16, kCorners = 5;
struct Op {
  int shadows = 1;
  double amount = 0.4, softness = 2;
  std::vector<double> corners{};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::shadows>("shadows", {.doc = "How many shadows", .lo = 1, .hi = kMostShadows, .unit = "1",
        .draw = integer(1, 2)}),
    field<&Op::amount>("amount", {.doc = "Share of the light that is lost in them", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 0.8, .draw = uniform(0.2, 0.6)}),
    field<&Op::softness>("softness", {.doc = "Deviation of the blur of their edges", .lo = 0, .hi = 32, .unit = "px"}),
    field<&Op::corners>("corners", {.doc = "Five corners of each: x and y as shares of width and height", .lo = -4,
        .hi = 5, .unit = "fraction", .min_count = 2 * kCorners, .max_count = 2 * kCorners * kMostShadows,
        .resolved = true})};
// clang-format on
void resolve(Op& op, const Site& at) {
  if (!op.corners.empty()) return;
  for (int i = 0; i < 2 * kCorners * op.shadows; ++i)
    op.corners.push_back(draw(i % 2 ? uniform(0.2, 1.1) : uniform(-0.1, 1.1), at.key, static_cast<std::uint64_t>(i)));
}

/// Rows [from, to) of a picture.
struct Band {
  int from{}, to{};
};

/// The rows that shadows reach, blurred as far as `radius`, and no row of them at a cut edge: what is mirrored there is without shadow.
Band band_of(const std::vector<double>& corners, int height, int radius) {
  double top = 1, bottom = 0;
  for (std::size_t i = 1; i < corners.size(); i += 2) top = std::min(top, corners[i]), bottom = std::max(bottom, corners[i]);
  if (top >= bottom) return {};
  const auto row = [&](double y) { return static_cast<int>(std::clamp(y, 0.0, static_cast<double>(height))); };
  return {row(std::floor(top * height) - radius - 1), row(std::ceil(bottom * height) + radius + 1)};
}

// Sets 1 inside one polygon, by the even-odd rule at the middles of pixels. `mask`: the rows of `band` of a picture so high.
void fill(Plane& mask, Band band, int height, const double* corners) {
  std::vector<double> crossings;
  for (int y = band.from; y < band.to; ++y) {
    crossings.clear();
    for (int i = 0; i < kCorners; ++i) {
      const double *a = corners + 2 * i, *b = corners + 2 * ((i + 1) % kCorners);
      const double ay = a[1] * height, by = b[1] * height, level = y + 0.5;
      if ((ay <= level) == (by <= level)) continue;
      crossings.push_back((a[0] + (level - ay) / (by - ay) * (b[0] - a[0])) * mask.width());
    }
    std::sort(crossings.begin(), crossings.end());
    for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
      const auto column = [&](double x) {
        return static_cast<int>(std::clamp(std::ceil(x - 0.5), 0.0, static_cast<double>(mask.width())));
      };
      std::fill(mask.row(y - band.from) + column(crossings[i]), mask.row(y - band.from) + column(crossings[i + 1]), 1.0f);
    }
  }
}
Nodes lower(const Op& op, const Site&) {
  if (op.corners.size() % (2 * kCorners) != 0)
    throw usage_error("corners must have ten numbers a shadow, got " + std::to_string(op.corners.size()))
        .with_field("corners");
  if (op.amount == 0) return {};
  return {Opaque{.apply = [op](const RasterView& image) {
    const Band band = band_of(op.corners, image.shape.height, static_cast<int>(gaussian_taps(op.softness).size() / 2));
    Plane mask(image.shape.width, band.to - band.from, 0);
    for (std::size_t i = 0; i < op.corners.size(); i += 2 * kCorners) fill(mask, band, image.shape.height, op.corners.data() + i);
    if (op.softness > 0 && mask.height() > 0) mask = gaussian_blurred(mask, op.softness);
    const auto by = static_cast<float>(op.amount);
    return changed_in_segments(image, band.from, band.to, [&](const kernels::Planes& pixels, int x, int y, int count) {
      SegmentRow dark;
      kernels::shares_of(mask.row(y - band.from) + x, count, 1, by, dark.data());
      for (std::size_t c = 0; c < static_cast<std::size_t>(image.shape.colour_channels()); ++c)
        kernels::lay_over(pixels.channel[c], dark.data(), count, 1, 0);
    });
  }}};
}
}  // namespace shadow

namespace sun_flare {
struct Op {
  double amount = 0.8, x = 0.3, y = 0.2, size = 0.25;
  int ghosts = 5;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Brightness of the sun", .lo = 0, .hi = 1, .unit = "fraction", .neutral = 0,
        .strong = 1, .draw = uniform(0.4, 0.9)}),
    field<&Op::x>("x", {.doc = "Place of the sun, as a share of the width", .lo = -1, .hi = 2, .unit = "fraction",
        .draw = uniform(0, 1)}),
    field<&Op::y>("y", {.doc = "Place of the sun, as a share of the height", .lo = -1, .hi = 2, .unit = "fraction",
        .draw = uniform(0, 0.5)}),
    field<&Op::size>("size", {.doc = "Reach of its glow, as a share of the shorter side", .lo = 0.01, .hi = 4,
        .unit = "fraction", .draw = uniform(0.15, 0.4)}),
    field<&Op::ghosts>("ghosts", {.doc = "Reflections in the lens, on the line through the middle", .lo = 0, .hi = 32,
        .unit = "1", .draw = integer(3, 8)})};
// clang-format on

// A disc with a soft rim, brightest at the rim as ghosts are.
void add_ghost(Plane& light, double mx, double my, double radius, double strength) {
  const auto clamped = [](double v, int most) {
    return static_cast<int>(std::clamp(v, 0.0, static_cast<double>(most)));
  };
  for (int y = clamped(my - radius - 1, light.height()); y < clamped(my + radius + 2, light.height()); ++y)
    for (int x = clamped(mx - radius - 1, light.width()); x < clamped(mx + radius + 2, light.width()); ++x) {
      const double dx = x + 0.5 - mx, dy = y + 0.5 - my, r = std::sqrt(dx * dx + dy * dy);
      const double edge = std::clamp(radius + 0.5 - r, 0.0, 1.0);
      light.at(x, y) += static_cast<float>(strength * edge * (0.6 + 0.4 * r / radius));
    }
}
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.amount == 0) return {};
  return on_planes([op, key = at.key](Planes& planes) {
    const int width = planes.width(), height = planes.height(), side = std::min(width, height);
    const double mx = op.x * width, my = op.y * height;
    Plane light = glow(width, height, mx, my, op.size * side);
    const Plane core = glow(width, height, mx, my, 0.3 * op.size * side);
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) light.row(y)[x] = 0.6f * light.row(y)[x] + core.row(y)[x];
    for (int i = 0; i < op.ghosts; ++i) {
      const auto number = static_cast<std::uint64_t>(3 * i);
      const double along = draw(uniform(0.4, 2.2), key, number);  // 1 is the middle of the picture, 2 opposite the sun
      const double radius = draw(uniform(0.02, 0.12), key, number + 1) * side + 0.5;
      add_ghost(light, mx + along * (width / 2.0 - mx), my + along * (height / 2.0 - my), radius,
                draw(uniform(0.05, 0.25), key, number + 2));
    }
    shade_with(planes, light, [by = static_cast<float>(op.amount)](float v, float l, int) {
      return v + (1 - v) * std::min(by * l, 1.0f);
    });
  });
}
}  // namespace sun_flare

}  // namespace

void add_light(OpTable& t) {
  t.add(op<vignette::Op, vignette::lower>(
      {.name = "vignette",
       .summary = "Darken towards the corners",
       .detail = "v' = v·(1 − amount·t²), t = (r − inner)/(1 − inner) from 0 to 1, r the distance from the middle over "
                 "half the diagonal; alpha stays.",
       .family = "light",
       .example = "vignette: {amount: 0.6}",
       .node = NodeKind::opaque,
       .fields = vignette::fields}));
  t.add(op<illumination::Op, illumination::lower>(
      {.name = "illumination",
       .summary = "Light the scene unevenly",
       .detail = "v' = v·(1 + amount·g). linear: g from −1 to 1 across the picture along angle; corner: g = 1 − "
                 "distance/diagonal from the corner that angle points to; gaussian: g = exp(−d²/(2·size²)) about (x, "
                 "y). Alpha stays.",
       .family = "light",
       .example = "illumination: {amount: 0.4, shape: corner, angle: 45}",
       .node = NodeKind::opaque,
       .fields = illumination::fields}));
  t.add(op<shadow::Op, shadow::lower, shadow::resolve>(
      {.name = "shadow",
       .summary = "Cast shadows with straight edges",
       .detail = "v' = v·(1 − amount·m), m = 1 inside pentagons with random corners, blurred by a Gaussian of "
                 "deviation softness; alpha stays.",
       .family = "light",
       .example = "shadow: {shadows: 2, amount: 0.5}",
       .node = NodeKind::opaque,
       .fields = shadow::fields}));
  t.add(op<sun_flare::Op, sun_flare::lower>(
      {.name = "sun_flare",
       .summary = "The sun in the picture and its reflections in the lens",
       .detail = "v' = v + (1 − v)·min(1, amount·l), l the sum of two Gaussian glows about the sun and of faint discs "
                 "at random places of the line from it through the middle; alpha stays.",
       .family = "light",
       .example = "sun_flare: {x: 0.7, y: 0.2}",
       .node = NodeKind::opaque,
       .fields = sun_flare::fields}));
}

}  // namespace leaven::ops
