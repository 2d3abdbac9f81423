// Values of a series that change where they stand: noise, factors, smooth curves.
// Um et al., "Data augmentation of wearable sensor data for Parkinson's disease monitoring", ICMI 2017, for jitter, scaling,
// rotation and magnitude warping; Iwana and Uchida, PLoS ONE 16(7), 2021, compare them.
#include <array>
#include <cmath>

#include "core/exact_math.hpp"
#include "kernels/channel_runs.hpp"
#include "ops/series/channel.hpp"

namespace leaven::ops {
namespace {

namespace series_jitter {
struct Op {
  double sigma = 0.03;
};
constexpr auto fields = std::array{field<&Op::sigma>("sigma", {.doc = "Standard deviation of the noise, in standard deviations of the channel",
                                                               .lo = 0,
                                                               .hi = 10,
                                                               .unit = "factor",
                                                               .neutral = 0,
                                                               .strong = 0.3,
                                                               .draw = uniform(0.01, 0.05)})};
Nodes lower(const Op& op, const Site& at) {
  if (op.sigma == 0) return {};
  return only(SeriesValues{[sigma = op.sigma, key = at.key](std::span<double> values, std::size_t channel, std::span<const double>) {
    const double size = sigma * deviation_of(values);
    if (size == 0) return;
    add_normals(key, channel, size, values);
  }});
}
}  // namespace series_jitter

namespace series_scaling {
struct Op {
  double sigma = 0.1;
  bool per_channel = true;
};
constexpr auto fields = std::array{
    field<&Op::sigma>("sigma", {.doc = "Standard deviation of the factor, which is 1 in the mean",
                                .lo = 0,
                                .hi = 2,
                                .unit = "factor",
                                .neutral = 0,
                                .strong = 0.5}),
    field<&Op::per_channel>("per_channel", {.doc = "A factor for each channel; false: one for all, which keeps them in proportion"})};
Nodes lower(const Op& op, const Site& at) {
  if (op.sigma == 0) return {};
  return only(SeriesValues{[op, key = at.key](std::span<double> values, std::size_t channel, std::span<const double>) {
    const double factor = 1 + op.sigma * draw(normal(0, 1), key, op.per_channel ? channel : 0);
    kernels::multiply(values, factor);
  }});
}
}  // namespace series_scaling

namespace series_flip {
struct Op {};
constexpr std::array<FieldInfo, 0> fields{};
Nodes lower(const Op&, const Site&) {
  return only(SeriesValues{[](std::span<double> values, std::size_t, std::span<const double>) {
    for (double& value : values) value = -value;
  }});
}
}  // namespace series_flip

namespace series_magnitude_warp {
struct Op {
  double sigma = 0.2;
  int knots = 4;
};
constexpr auto fields = std::array{
    field<&Op::sigma>("sigma", {.doc = "Standard deviation of the factor at a knot", .lo = 0, .hi = 2, .unit = "factor", .neutral = 0, .strong = 0.6}),
    field<&Op::knots>("knots", {.doc = "Knots of the smooth curve between its two ends", .lo = 0, .hi = 1000, .unit = "1"})};
Nodes lower(const Op& op, const Site& at) {
  if (op.sigma == 0) return {};
  return only(SeriesValues{[op, key = at.key](std::span<double> values, std::size_t channel, std::span<const double>) {
    std::vector<double> points(static_cast<std::size_t>(op.knots) + 2);
    const Key own = channel_key(key, channel);
    for (std::size_t i = 0; i < points.size(); ++i) points[i] = 1 + op.sigma * draw(normal(0, 1), own, i);
    const std::span<const double> curve = smooth_curve(points, values.size());
    kernels::multiply(values, curve);
  }});
}
}  // namespace series_magnitude_warp

namespace series_drift {
struct Op {
  double amount = 0.1;
  int points = 3;
};
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Farthest that values drift, as a share of the channel's range",
                                  .lo = 0,
                                  .hi = 10,
                                  .unit = "fraction",
                                  .neutral = 0,
                                  .strong = 0.5,
                                  .draw = uniform(0.02, 0.15)}),
    field<&Op::points>("points", {.doc = "Turning points of the drift", .lo = 1, .hi = 1000, .unit = "1"})};
Nodes lower(const Op& op, const Site& at) {
  if (op.amount == 0) return {};
  return only(SeriesValues{[op, key = at.key](std::span<double> values, std::size_t channel, std::span<const double>) {
    std::vector<double> walk(static_cast<std::size_t>(op.points) + 2);
    const Key own = channel_key(key, channel);
    for (std::size_t i = 1; i < walk.size(); ++i) walk[i] = walk[i - 1] + draw(normal(0, 1), own, i);
    const std::span<const double> curve = smooth_curve(walk, values.size());
    const double farthest = farthest_of(curve);
    if (farthest == 0) return;
    const double size = op.amount * range_of(values) / farthest;
    kernels::add_scaled(values, size, curve);
  }});
}
}  // namespace series_drift

namespace series_rotation {
struct Op {
  double flips = 0.5;
  bool shuffle = true;
};
constexpr auto fields = std::array{
    field<&Op::flips>("flips", {.doc = "Chance of each channel to change its sign", .lo = 0, .hi = 1, .unit = "fraction"}),
    field<&Op::shuffle>("shuffle", {.doc = "Channels change places with each other as well"})};
Nodes lower(const Op& op, const Site& at) {
  return only(SeriesWhole{[op, key = at.key](const Series& own, std::span<const Series* const>) {
    std::vector<std::size_t> order(own.channels);
    for (std::size_t c = 0; c < order.size(); ++c) order[c] = c;
    for (std::size_t c = order.size(); c > 1 && op.shuffle; --c) std::swap(order[c - 1], order[draw_below(key, c, c)]);
    SeriesWhole::Result result;
    const Key signs = channel_key(key, 0);
    for (std::size_t c = 0; c < order.size(); ++c) {
      const double sign = draw_unit(signs, c) < op.flips ? -1 : 1;
      for (const double value : own.channel(order[c])) result.values.push_back(sign * value);
    }
    return result;
  }});
}
}  // namespace series_rotation

}  // namespace

void add_series_values(OpTable& t) {
  t.add(op<series_jitter::Op, series_jitter::lower>(
      {.name = "series_jitter",
       .summary = "Add Gaussian noise to every value",
       .detail = "x' = x + sigma·s·n, s the standard deviation of the series' channel, n standard normal: the unit follows the "
                 "series, so that neither a change of unit nor a series that is not normalised changes what the noise means. "
                 "Missing values stay missing.",
       .family = "series",
       .example = "series_jitter: {sigma: {uniform: [0.01, 0.05]}}",
       .domain = Domain::series,
       .node = NodeKind::series_values,
       .fields = series_jitter::fields}));
  t.add(op<series_scaling::Op, series_scaling::lower>(
      {.name = "series_scaling",
       .summary = "Multiply the series by a factor near 1",
       .detail = "x' = x·(1 + sigma·n), n standard normal, one for each channel or one for all.",
       .family = "series",
       .example = "series_scaling: {sigma: 0.1}",
       .domain = Domain::series,
       .node = NodeKind::series_values,
       .fields = series_scaling::fields}));
  t.add(op<series_flip::Op, series_flip::lower>(
      {.name = "series_flip",
       .summary = "Change the sign of every value",
       .detail = "x' = −x. Upside down means something else in most series (an ECG, a price): use it where sign is a matter of how "
                 "a sensor was put on.",
       .family = "series",
       .example = "series_flip",
       .domain = Domain::series,
       .node = NodeKind::series_values,
       .fields = series_flip::fields}));
  t.add(op<series_rotation::Op, series_rotation::lower>(
      {.name = "series_rotation",
       .summary = "Change signs of channels and let channels change places",
       .detail = "Each channel changes its sign with the chance `flips`, then channels are shuffled: a sensor that was put on another "
                 "way round. What a channel is called does not move with it.",
       .family = "series",
       .example = "series_rotation: {flips: 0.5, shuffle: true}",
       .domain = Domain::series,
       .node = NodeKind::series_whole,
       .fields = series_rotation::fields}));
  t.add(op<series_magnitude_warp::Op, series_magnitude_warp::lower>(
      {.name = "series_magnitude_warp",
       .summary = "Multiply the series by a smooth random curve",
       .detail = "The curve is a natural cubic spline through knots + 2 points that stand evenly from the first sample to the last, "
                 "each 1 + sigma·n; every channel has its own.",
       .family = "series",
       .example = "series_magnitude_warp: {sigma: 0.2, knots: 4}",
       .domain = Domain::series,
       .node = NodeKind::series_values,
       .fields = series_magnitude_warp::fields}));
  t.add(op<series_drift::Op, series_drift::lower>(
      {.name = "series_drift",
       .summary = "Add a smooth drift that begins at nothing",
       .detail = "A random walk over the turning points, made smooth by a natural cubic spline and scaled so that its farthest point "
                 "is `amount` times the channel's range away.",
       .family = "series",
       .example = "series_drift: {amount: {uniform: [0.02, 0.15]}}",
       .domain = Domain::series,
       .node = NodeKind::series_values,
       .fields = series_drift::fields}));
}

}  // namespace leaven::ops
