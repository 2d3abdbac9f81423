// Blurs whose kernel has a shape: a streak, a disc, a turned ellipse, a ringing low pass, or one given by its numbers.
#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "core/op.hpp"
#include "ops/image/filters.hpp"

namespace leaven::ops {
namespace {

// Colours count as far as they show: each pixel by its weight times its alpha, which itself stays. Where nothing around
// shows, the colour stays too.
void filter_shown(Planes& planes, std::span<const Tap> taps) {
  const Plane& alpha = planes[planes.colours()];
  const Plane shown = weighted_sum(alpha, taps);
  for (int c = 0; c < planes.colours(); ++c) {
    Plane weighted = planes[c].clone();
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x) weighted.at(x, y) *= alpha.at(x, y);
    const Plane sum = weighted_sum(weighted, taps);
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x)
        if (shown.at(x, y) > 0) planes[c].at(x, y) = sum.at(x, y) / shown.at(x, y);
  }
}

Nodes filtered(std::vector<Tap> taps, const Site& at) {
  // With weights below 0 the sum of what shows may be none; then each channel goes by itself.
  const bool mean = std::ranges::all_of(taps, [](const Tap& tap) { return tap.weight >= 0; });
  if (!mean || !at.image.alpha) return filtered_channels(std::move(taps));
  return on_planes([taps = std::move(taps)](Planes& planes) { filter_shown(planes, taps); });
}

namespace motion_blur {
struct Op {
  double length = 7, angle = 0, direction = 0;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::length>("length", {.doc = "How far things move while the shutter is open", .lo = 0, .hi = 200,
        .unit = "px", .neutral = 0, .strong = 25, .draw = uniform(2, 9)}),
    field<&Op::angle>("angle", {.doc = "Direction of the streak, counter-clockwise from the x axis", .lo = -360,
        .hi = 360, .unit = "degrees", .draw = uniform(0, 360)}),
    field<&Op::direction>("direction", {.doc = "0 is even; 1 and -1 fade out towards one end", .lo = -1, .hi = 1,
        .unit = "1", .draw = uniform(-1, 1)})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  if (op.length == 0) return {};
  return filtered(streak(op.length, op.angle, op.direction), at);
}
}  // namespace motion_blur

namespace defocus {
struct Op {
  double radius = 3, softness = 0.5;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::radius>("radius", {.doc = "Radius of the disc that a point becomes", .lo = 0, .hi = 64, .unit = "px",
        .neutral = 0, .strong = 10, .draw = uniform(1, 4)}),
    field<&Op::softness>("softness", {.doc = "Half the width of the disc's soft edge", .lo = 0, .hi = 8,
        .unit = "px"})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  if (op.radius == 0) return {};
  return filtered(square_of(static_cast<int>(std::ceil(op.radius + op.softness)), [&](int x, int y) {
    const double beyond = std::sqrt(static_cast<double>(x) * x + static_cast<double>(y) * y) - op.radius;
    if (op.softness == 0) return beyond <= 0 ? 1.0 : 0.0;
    return std::min(1.0, std::max(0.0, 0.5 - beyond / (2 * op.softness)));
  }), at);
}
}  // namespace defocus

namespace anisotropic_blur {
struct Op {
  double sigma_x = 2, sigma_y = 1, angle = 0, beta = 1, noise = 0;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::sigma_x>("sigma_x", {.doc = "Standard deviation along the turned x axis", .lo = 0.1, .hi = 16,
        .unit = "px", .draw = uniform(0.3, 2.5)}),
    field<&Op::sigma_y>("sigma_y", {.doc = "Standard deviation along the turned y axis", .lo = 0.1, .hi = 16,
        .unit = "px", .draw = uniform(0.3, 2.5)}),
    field<&Op::angle>("angle", {.doc = "Turn of the axes, counter-clockwise", .lo = -360, .hi = 360,
        .unit = "degrees", .draw = uniform(-90, 90)}),
    field<&Op::beta>("beta", {.doc = "1 is Gaussian, above it flatter, below it more peaked", .lo = 0.1, .hi = 8,
        .unit = "1", .draw = log_uniform(0.5, 4)}),
    field<&Op::noise>("noise", {.doc = "Each weight is multiplied by a number within 1 ± noise", .lo = 0, .hi = 1,
        .unit = "fraction"})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  const double turn = op.angle * kPi / 180, c = exact::cos(turn), s = -exact::sin(turn);
  const int radius = static_cast<int>(std::ceil(3 * std::max(op.sigma_x, op.sigma_y)));
  return filtered(square_of(radius, [&](int x, int y) {
    const double along = (c * x + s * y) / op.sigma_x, across = (-s * x + c * y) / op.sigma_y;
    const double q = along * along + across * across;
    const auto element = static_cast<std::uint64_t>((y + radius) * (2 * radius + 1) + x + radius);
    return exact::exp(-0.5 * exact::pow(q, op.beta)) * (1 + op.noise * (2 * draw_unit(at.key, element) - 1));
  }), at);
}
}  // namespace anisotropic_blur

namespace ringing {
struct Op {
  double cutoff = 1.2;
  int radius = 7;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::cutoff>("cutoff", {.doc = "Highest frequency that passes, in radians a pixel", .lo = 0.1, .hi = kPi,
        .unit = "1", .draw = uniform(kPi / 4, kPi / 2)}),
    field<&Op::radius>("radius", {.doc = "Half the width of the kernel", .lo = 1, .hi = 32, .unit = "px",
        .draw = integer(3, 10)})};
// clang-format on

// Bessel's integral J₁(x) = (1/π)·∫₀^π cos(τ − x·sin τ) dτ: the integrand is periodic, so equal steps are exact here.
double bessel_j1(double x) {
  const int steps = 24 + static_cast<int>(x);
  double sum = 0;
  for (int i = 0; i < steps; ++i) {
    const double tau = 2 * kPi * i / steps;
    sum += exact::cos(tau - x * exact::sin(tau));
  }
  return sum / steps;
}
Nodes lower(const Op& op, const Site& at) {
  // By the square of the distance; few of a square's pixels lie at distances of their own.
  std::vector<double> weights(2 * static_cast<std::size_t>(op.radius * op.radius) + 1, kUnset);
  return filtered(square_of(op.radius, [&](int x, int y) {
    const int square = x * x + y * y;
    double& weight = weights[static_cast<std::size_t>(square)];
    const double r = std::sqrt(static_cast<double>(square));
    if (std::isnan(weight))
      weight = r == 0 ? op.cutoff * op.cutoff / (4 * kPi) : op.cutoff * bessel_j1(op.cutoff * r) / (2 * kPi * r);
    return weight;
  }), at);
}
}  // namespace ringing

namespace convolution {
struct Op {
  std::vector<double> kernel{0, -1, 0, -1, 5, -1, 0, -1, 0};
  double bias = 0;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::kernel>("kernel", {.doc = "Weights row by row of a square with an odd side", .lo = -1e6, .hi = 1e6,
        .unit = "1", .min_count = 1, .max_count = 441}),
    field<&Op::bias>("bias", {.doc = "What is added to every sum", .lo = -10, .hi = 10, .unit = "fraction"})};
// clang-format on
Nodes lower(const Op& op, const Site&) {
  int side = 1;
  while (side * side < static_cast<int>(op.kernel.size())) side += 2;
  if (side * side != static_cast<int>(op.kernel.size()))
    throw usage_error("kernel must have 1, 9, 25, 49 … numbers, got " + std::to_string(op.kernel.size()))
        .with_field("kernel");
  std::vector<Tap> taps;
  for (int i = 0; i < side * side; ++i)
    taps.push_back(
        {i % side - side / 2, i / side - side / 2, static_cast<float>(op.kernel[static_cast<std::size_t>(i)])});
  return filtered_channels(std::move(taps), static_cast<float>(op.bias));
}
}  // namespace convolution

}  // namespace

void add_blur_shapes(OpTable& t) {
  t.add(op<motion_blur::Op, motion_blur::lower>(
      {.name = "motion_blur",
       .summary = "Blur along a straight streak",
       .detail = "The mean over a line of the given length through the pixel, weighted 1 + direction·t from t = −1 to "
                 "1 along it; points between pixels are shared bilinearly. Edges are mirrored; alpha stays.",
       .family = "blur",
       .example = "motion_blur: {length: 9, angle: 30}",
       .node = NodeKind::opaque,
       .fields = motion_blur::fields}));
  t.add(op<defocus::Op, defocus::lower>(
      {.name = "defocus",
       .summary = "Blur as a lens out of focus",
       .detail = "Every point becomes an even disc, whose edge falls from 1 to 0 over 2·softness px. Edges are "
                 "mirrored; alpha stays.",
       .family = "blur",
       .example = "defocus: {radius: 4}",
       .node = NodeKind::opaque,
       .fields = defocus::fields}));
  t.add(op<anisotropic_blur::Op, anisotropic_blur::lower>(
      {.name = "anisotropic_blur",
       .summary = "Blur by a turned generalised Gaussian",
       .detail = "Weights exp(−q^beta/2)·(1 ± noise), q = (x/sigma_x)² + (y/sigma_y)² on turned axes, |x|, |y| ≤ "
                 "ceil(3·max sigma): the degradation of Real-ESRGAN (Wang et al. 2021). Edges are mirrored; alpha "
                 "stays.",
       .family = "blur",
       .example = "anisotropic_blur: {sigma_x: 3, sigma_y: 1, angle: 30}",
       .node = NodeKind::opaque,
       .fields = anisotropic_blur::fields}));
  t.add(op<ringing::Op, ringing::lower>(
      {.name = "ringing",
       .summary = "Cut high frequencies off sharply, so that edges ring and overshoot",
       .detail = "Weights c·J₁(c·r)/(2π·r), c the cutoff: the circular sinc filter of Real-ESRGAN (Wang et al. 2021), "
                 "normalised. Edges are mirrored; alpha stays.",
       .family = "blur",
       .example = "ringing: {cutoff: 1, radius: 10}",
       .node = NodeKind::opaque,
       .fields = ringing::fields}));
  t.add(op<convolution::Op, convolution::lower>(
      {.name = "convolution",
       .summary = "Any square kernel",
       .detail = "v' = bias + Σ kernel(i, j)·v(x + i, y + j), the kernel neither turned nor normalised. Edges are "
                 "mirrored; alpha stays.",
       .family = "blur",
       .example = "convolution: {kernel: [1, 0, -1, 2, 0, -2, 1, 0, -1], bias: 0.5}",
       .node = NodeKind::opaque,
       .fields = convolution::fields}));
}

}  // namespace leaven::ops
