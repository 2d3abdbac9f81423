// Distortions about a centre and by waves: lenses, a glass ball, water.
#include <algorithm>
#include <cmath>

#include "core/exact_math.hpp"
#include "ops/image/displacement_field.hpp"

namespace leaven::ops {
namespace {

constexpr double kPi = 3.14159265358979323846;

template <class Op>
consteval FieldInfo center_x_field() {
  return field<&Op::center_x>("center_x",
                              {.doc = "Centre, as a share of the width", .lo = -1, .hi = 2, .unit = "fraction"});
}
template <class Op>
consteval FieldInfo center_y_field() {
  return field<&Op::center_y>("center_y",
                              {.doc = "Centre, as a share of the height", .lo = -1, .hi = 2, .unit = "fraction"});
}

template <class Op>
Point centre_of(const Op& op, Size size) {
  return {op.center_x * size.width, op.center_y * size.height};
}

namespace optical_distortion {
struct Op {
  double k1 = 0.1, k2 = 0;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::k1>("k1", {.doc = "Weight of r²: above 0 barrel, below 0 pincushion", .lo = -0.15, .hi = 1,
        .unit = "factor", .neutral = 0, .strong = 0.5, .draw = uniform(-0.1, 0.2)}),
    field<&Op::k2>("k2", {.doc = "Weight of r⁴", .lo = -0.1, .hi = 1, .unit = "factor", .neutral = 0,
        .strong = 0.2, .draw = uniform(-0.05, 0.05)}),
    border_field<Op>(),
    fill_field<Op>(),
    filter_field<Op>()};
// clang-format on

// d(r·(1 + k1·r² + k2·r⁴))/dr = 1 + 3·k1·r² + 5·k2·r⁴ stays above 0 for r ≤ 1 within the fields' limits: nothing folds.
Nodes lower(const Op& op, const Site& at) {
  if (op.k1 == 0 && op.k2 == 0) return {};
  const Size size = at.image.size();
  const Point c{size.width / 2.0, size.height / 2.0};
  const double corner = c.x * c.x + c.y * c.y;
  const auto shift = [&](Point p) {
    const double x = p.x - c.x, y = p.y - c.y, squared = (x * x + y * y) / corner;
    const double by = op.k1 * squared + op.k2 * squared * squared;
    return Point{by * x, by * y};
  };
  constexpr double kSpacings = 24;  // across the picture: k1 is met exactly, k2 within 0.0001 sides
  return displace(op, at, grid_of(shift, size, size.width / kSpacings, size.height / kSpacings, Fit::follow));
}
}  // namespace optical_distortion

namespace sphere {
struct Op {
  double strength = 0.5, radius = 1, center_x = 0.5, center_y = 0.5;
  BorderKind border = BorderKind::reflect;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::strength>("strength", {.doc = "Above 0 the middle bulges, below 0 it is pinched", .lo = -0.5, .hi = 0.8,
        .unit = "fraction", .neutral = 0, .strong = 0.7, .draw = uniform(-0.3, 0.5)}),
    field<&Op::radius>("radius", {.doc = "Radius of the ball, as a share of half the shorter side", .lo = 0.05, .hi = 4,
        .unit = "fraction"}),
    center_x_field<Op>(),
    center_y_field<Op>(),
    border_field<Op>(),
    fill_field<Op>(),
    filter_field<Op>()};
// clang-format on

Nodes lower(const Op& op, const Site& at) {
  if (op.strength == 0) return {};
  const Size size = at.image.size();
  const Point c = centre_of(op, size);
  const double radius = op.radius * std::min(size.width, size.height) / 2;
  const auto shift = [&](Point p) {
    const double x = p.x - c.x, y = p.y - c.y, t = (x * x + y * y) / (radius * radius);
    const double by = t < 1 ? -op.strength * (1 - t) * (1 - t) : 0;
    return Point{by * x, by * y};
  };
  constexpr double kSpacings = 32;  // in a radius: met within radius/2000
  const double spacing = std::max(1.0, radius / kSpacings);
  return displace(op, at, grid_of(shift, size, spacing, spacing, Fit::follow));
}
}  // namespace sphere

// A wave of slope up to 2/3 folds nothing; where the amplitude asks for more, the wave becomes longer.
constexpr double kShortest = 3 * kPi;  // wavelength over amplitude
constexpr double kSpacingsPerWave = 16;

template <class Op>
double wavelength_of(const Op& op) {
  return std::max(op.wavelength, kShortest * op.amplitude);
}
template <class Op>
consteval FieldInfo amplitude_field() {
  return field<&Op::amplitude>("amplitude", {.doc = "Largest shift along each axis",
                                             .lo = 0,
                                             .hi = 200,
                                             .unit = "px",
                                             .neutral = 0,
                                             .strong = 10,
                                             .draw = uniform(1, 3)});
}
template <class Op>
consteval FieldInfo wavelength_field() {
  return field<&Op::wavelength>(
      "wavelength", {.doc = "From crest to crest", .lo = 16, .hi = 10000, .unit = "px", .draw = log_uniform(64, 160)});
}

namespace water {
struct Op {
  double amplitude = 3, wavelength = 48, phase_x = 0, phase_y = 0;
  BorderKind border = BorderKind::reflect;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
};
// clang-format off
constexpr auto fields = std::array{
    amplitude_field<Op>(),
    wavelength_field<Op>(),
    field<&Op::phase_x>("phase_x", {.doc = "Phase of the wave that shifts rows", .lo = 0, .hi = 1, .unit = "turns",
        .draw = uniform(0, 1)}),
    field<&Op::phase_y>("phase_y", {.doc = "Phase of the wave that shifts columns", .lo = 0, .hi = 1, .unit = "turns",
        .draw = uniform(0, 1)}),
    border_field<Op>(),
    fill_field<Op>(),
    filter_field<Op>()};
// clang-format on

Nodes lower(const Op& op, const Site& at) {
  if (op.amplitude == 0) return {};
  const double length = wavelength_of(op), spacing = length / kSpacingsPerWave;
  const auto shift = [&](Point p) {
    return Point{op.amplitude * exact::sin(2 * kPi * (p.y / length + op.phase_x)),
                 op.amplitude * exact::sin(2 * kPi * (p.x / length + op.phase_y))};
  };
  return displace(op, at, grid_of(shift, at.image.size(), spacing, spacing, Fit::follow));
}
}  // namespace water

namespace ripple {
struct Op {
  double amplitude = 3, wavelength = 48, center_x = 0.5, center_y = 0.5;
  BorderKind border = BorderKind::reflect;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
};
constexpr auto fields =
    std::array{amplitude_field<Op>(), wavelength_field<Op>(), center_x_field<Op>(), center_y_field<Op>(),
               border_field<Op>(),    fill_field<Op>(),       filter_field<Op>()};

Nodes lower(const Op& op, const Site& at) {
  if (op.amplitude == 0) return {};
  const double length = wavelength_of(op), spacing = length / kSpacingsPerWave;
  const Point c = centre_of(op, at.image.size());
  const auto shift = [&](Point p) {
    const double x = p.x - c.x, y = p.y - c.y, r = std::sqrt(x * x + y * y);
    const double by = r == 0 ? 0 : op.amplitude * exact::sin(2 * kPi * r / length) / r;
    return Point{by * x, by * y};
  };
  return displace(op, at, grid_of(shift, at.image.size(), spacing, spacing, Fit::follow));
}
}  // namespace ripple

void add_lenses(OpTable& t) {
  t.add(op<optical_distortion::Op, optical_distortion::lower>(
      {.name = "optical_distortion",
       .summary = "See the picture through a lens: barrel or pincushion",
       .detail = "Output point p shows C + (p − C)·(1 + k1·r² + k2·r⁴), C the centre and r = 1 at the corners: the "
                 "radial part of Brown (1971) and Conrady (1919).",
       .family = "geometry",
       .example = "optical_distortion: {k1: 0.2}",
       .labels = LabelRule::moves,
       .node = NodeKind::displacement,
       .fields = optical_distortion::fields}));
  t.add(op<sphere::Op, sphere::lower>(
      {.name = "sphere",
       .summary = "See part of the picture through a glass ball",
       .detail =
           "Within the radius, output point p shows C + (p − C)·(1 − strength·(1 − r²)²), r = 1 at the rim, where "
           "the map joins the rest without a crease. The middle is magnified by 1/(1 − strength).",
       .family = "geometry",
       .example = "sphere: {strength: 0.5, radius: 0.8}",
       .labels = LabelRule::moves,
       .node = NodeKind::displacement,
       .fields = sphere::fields}));
}

void add_waves(OpTable& t) {
  t.add(op<water::Op, water::lower>(
      {.name = "water",
       .summary = "See the picture under waves that cross",
       .detail =
           "Output point (x, y) shows (x + a·sin 2π(y/λ + phase_x), y + a·sin 2π(x/λ + phase_y)), a the amplitude, "
           "λ = max(wavelength, 3π·amplitude), so that nothing folds over.",
       .family = "geometry",
       .example = "water: {amplitude: 3, wavelength: 60}",
       .labels = LabelRule::moves,
       .node = NodeKind::displacement,
       .fields = water::fields}));
  t.add(op<ripple::Op, ripple::lower>(
      {.name = "ripple",
       .summary = "See the picture under rings of waves, as after a drop",
       .detail =
           "Output point p shows p + a·sin(2πr/λ)·(p − C)/r, r its distance from the centre C, a the amplitude, λ = "
           "max(wavelength, 3π·amplitude), so that nothing folds over.",
       .family = "geometry",
       .example = "ripple: {amplitude: 3, center_x: 0.3}",
       .labels = LabelRule::moves,
       .node = NodeKind::displacement,
       .fields = ripple::fields}));
}

}  // namespace

void add_lens(OpTable& t) {
  add_lenses(t);
  add_waves(t);
}

}  // namespace leaven::ops
