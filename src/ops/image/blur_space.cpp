// Blurs that are no weighted sum of fixed neighbours.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "kernels/elementary.hpp"
#include "ops/image/channels.hpp"
#include "ops/image/filters.hpp"
#include "ops/image/lens_blur.hpp"
#include "ops/image/median.hpp"

namespace leaven::ops {
namespace {

namespace median_blur {
struct Op {
  int radius = 1;
};
constexpr auto fields = std::array{field<&Op::radius>("radius", {.doc = "Pixels to each side of the window: 1 is 3×3",
                                                                 .lo = 0,
                                                                 .hi = 32,
                                                                 .unit = "px",
                                                                 .neutral = 0,
                                                                 .strong = 5,
                                                                 .draw = integer(1, 2)})};
Nodes lower(const Op& op, const Site&) {
  if (op.radius == 0) return {};
  return {Opaque{.apply = [radius = op.radius](const RasterView& image) { return median_filtered(image, radius); }}};
}
}  // namespace median_blur

namespace mode_filter {
struct Op {
  int radius = 1;
};
constexpr auto fields = std::array{field<&Op::radius>("radius", {.doc = "Pixels to each side of the window: 1 is 3×3",
                                                                 .lo = 0,
                                                                 .hi = 32,
                                                                 .unit = "px",
                                                                 .neutral = 0,
                                                                 .strong = 4,
                                                                 .draw = integer(1, 2)})};
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.radius == 0) return {};
  return {Opaque{.apply = [radius = op.radius](const RasterView& image) { return mode_filtered(image, radius); }}};
}
}  // namespace mode_filter

namespace bilateral_blur {
struct Op {
  double sigma_color = 0.1, sigma_space = 2;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::sigma_color>("sigma_color", {.doc = "How different a colour may be and still count", .lo = 0, .hi = 10,
        .unit = "fraction", .neutral = 0, .strong = 0.5, .draw = uniform(0.05, 0.3)}),
    field<&Op::sigma_space>("sigma_space", {.doc = "Standard deviation in the plane", .lo = 0.1, .hi = 10,
        .unit = "px", .draw = uniform(1, 3)})};
// clang-format on

/// A neighbour and the part of its weight, as a power of two, that its distance decides.
struct Neighbour {
  int dx, dy;
  float spatial;
};

// The sums of one row over all neighbours: of the weighted colours, then of the weights.
void sum_row(const Planes& planes, const std::vector<Plane>& wide, int margin, int y,
             const std::vector<Neighbour>& neighbours, float range, std::vector<Plane>& sums) {
  const auto width = static_cast<std::size_t>(planes.width());
  const int colours = planes.colours();
  std::vector<float> weights(width + kernels::kRunStep);
  for (Plane& sum : sums) std::fill_n(sum.row(0), width, 0.0f);
  for (const Neighbour& at : neighbours) {
    const auto there = [&](int c) {
      return wide[static_cast<std::size_t>(c)].row(y + margin + at.dy) + margin + at.dx;
    };
    std::fill_n(weights.begin(), width, 0.0f);
    for (int c = 0; c < colours; ++c) {
      const float *v = planes[c].row(y), *other = there(c);
      for (std::size_t x = 0; x < width; ++x) weights[x] += std::fabs(other[x] - v[x]);
    }
    for (std::size_t x = 0; x < width; ++x) weights[x] = at.spatial + range * weights[x] * weights[x];
    kernels::exp2_run(weights.data(), width);
    for (int c = 0; c < colours; ++c) {
      const float* other = there(c);
      float* sum = sums[static_cast<std::size_t>(c)].row(0);
      for (std::size_t x = 0; x < width; ++x) sum[x] += weights[x] * other[x];
    }
    float* total = sums.back().row(0);
    for (std::size_t x = 0; x < width; ++x) total[x] += weights[x];
  }
}

void filter(Planes& planes, double sigma_color, double sigma_space) {
  constexpr double kLog2E = 1.44269504088896341;
  const int radius = std::max(1, static_cast<int>(std::ceil(1.5 * sigma_space)));
  const auto range = static_cast<float>(-kLog2E / (2 * sigma_color * sigma_color));
  std::vector<Neighbour> neighbours;
  for (int dy = -radius; dy <= radius; ++dy)
    for (int dx = -radius; dx <= radius; ++dx)
      if (const int apart = dx * dx + dy * dy; apart <= radius * radius)
        neighbours.push_back({dx, dy, static_cast<float>(-kLog2E * apart / (2 * sigma_space * sigma_space))});
  std::vector<Plane> wide, sums;
  for (int c = 0; c < planes.colours(); ++c) wide.push_back(with_margin(planes[c], radius, radius));
  for (int c = 0; c <= planes.colours(); ++c) sums.emplace_back(planes.width(), 1);
  for (int y = 0; y < planes.height(); ++y) {
    sum_row(planes, wide, radius, y, neighbours, range, sums);
    const float* total = sums.back().row(0);
    for (int c = 0; c < planes.colours(); ++c) {
      const float* sum = sums[static_cast<std::size_t>(c)].row(0);
      for (int x = 0; x < planes.width(); ++x) planes[c].row(y)[x] = sum[x] / total[x];
    }
  }
}
Nodes lower(const Op& op, const Site&) {
  if (op.sigma_color == 0) return {};
  return on_planes([op](Planes& planes) { filter(planes, op.sigma_color, op.sigma_space); });
}
}  // namespace bilateral_blur

namespace glass_blur {
struct Op {
  double sigma = 0.7;
  int reach = 2, iterations = 2;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::sigma>("sigma", {.doc = "Gaussian blur before and after", .lo = 0, .hi = 16, .unit = "px",
        .draw = uniform(0.4, 1)}),
    field<&Op::reach>("reach", {.doc = "How far pixels change places", .lo = 1, .hi = 32, .unit = "px",
        .draw = integer(1, 3)}),
    field<&Op::iterations>("iterations", {.doc = "How often", .lo = 1, .hi = 10, .unit = "1",
        .draw = integer(1, 2)})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  return on_planes([op, key = at.key](Planes& planes) {
    glass_blurred(planes, op.sigma, {.from = -op.reach, .options = 2 * op.reach + 1}, op.iterations, key);
  });
}
}  // namespace glass_blur

namespace zoom_blur {
struct Op {
  double zoom = 1.1, step = 0.01;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::zoom>("zoom", {.doc = "How far the lens zooms in while the shutter is open", .lo = 1, .hi = 2,
        .unit = "factor", .neutral = 1, .strong = 1.3, .draw = uniform(1.02, 1.12)}),
    field<&Op::step>("step", {.doc = "Distance of the zooms that are averaged", .lo = 0.002, .hi = 0.5,
        .unit = "factor"})};
// clang-format on
Nodes lower(const Op& op, const Site&) {
  if (op.zoom == 1) return {};
  return on_each_plane([op](Plane& plane) {
    const int zooms = static_cast<int>(std::floor((op.zoom - 1) / op.step + 1e-9));
    plane = zoom_blurred(plane, op.step, std::max(zooms, 1));
  });
}
}  // namespace zoom_blur

}  // namespace

void add_blur_space(OpTable& t) {
  t.add(op<median_blur::Op, median_blur::lower>(
      {.name = "median_blur",
       .summary = "Replace each value by the median around it",
       .detail = "The middle one of the (2·radius + 1)² values of the channel; edges are mirrored without repeating "
                 "the outermost pixel; alpha stays.",
       .family = "blur",
       .example = "median_blur: {radius: 2}",
       .node = NodeKind::opaque,
       .fields = median_blur::fields}));
  t.add(op<mode_filter::Op, mode_filter::lower>(
      {.name = "mode_filter",
       .summary = "Replace each value by the most frequent one around it",
       .detail = "Of 256 levels the one that most of the (2·radius + 1)² values of the channel have, the lowest of "
                 "equals; edges are mirrored; alpha stays.",
       .family = "style",
       .example = "mode_filter: {radius: 2}",
       .node = NodeKind::opaque,
       .fields = mode_filter::fields}));
  t.add(op<bilateral_blur::Op, bilateral_blur::lower>(
      {.name = "bilateral_blur",
       .summary = "Blur surfaces and keep edges",
       .detail = "Mean of the disc of radius ceil(1.5·sigma_space) with weights exp(−d²/(2·sigma_space²))·exp(−δ²/(2·"
                 "sigma_color²)), δ the sum over the colours of their absolute differences: Tomasi and Manduchi "
                 "(1998) with OpenCV's distances. Edges are mirrored; alpha stays.",
       .family = "blur",
       .example = "bilateral_blur: {sigma_color: 0.2, sigma_space: 3}",
       .node = NodeKind::opaque,
       .fields = bilateral_blur::fields,
       .joins_channels = true}));
  t.add(op<glass_blur::Op, glass_blur::lower>(
      {.name = "glass_blur",
       .summary = "As if seen through frosted glass",
       .detail = "A Gaussian blur; each pixel in turn, from the lower right, changes places with one at most reach px "
                 "away, iterations times; the blur again: Hendrycks and Dietterich (2019). Alpha stays.",
       .family = "blur",
       .example = "glass_blur: {sigma: 0.7, reach: 2}",
       .node = NodeKind::opaque,
       .fields = glass_blur::fields}));
  t.add(op<zoom_blur::Op, zoom_blur::lower>(
      {.name = "zoom_blur",
       .summary = "Blur away from the middle, as by a zooming lens",
       .detail = "The mean of the picture and of the picture zoomed about its middle by 1 + step, 1 + 2·step, … up to "
                 "zoom, sampled bilinearly: after Hendrycks and Dietterich (2019). Alpha stays.",
       .family = "blur",
       .example = "zoom_blur: {zoom: 1.1}",
       .node = NodeKind::opaque,
       .fields = zoom_blur::fields}));
}

}  // namespace leaven::ops
