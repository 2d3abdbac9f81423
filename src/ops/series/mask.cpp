// Stretches of time and whole channels that are hidden.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "ops/series/channel.hpp"

namespace leaven::ops {
namespace {

enum class Fill : std::uint8_t { zero, mean, missing };
constexpr std::array<std::string_view, 3> kFillNames{"zero", "mean", "missing"};

double filling(Fill fill, std::span<const double> values) {
  if (fill == Fill::zero) return 0;
  return fill == Fill::mean ? spread_of(values).mean : std::numeric_limits<double>::quiet_NaN();
}

namespace series_time_mask {
struct Op {
  double size = 0.1;
  double start = 0.5;
  Fill fill = Fill::zero;
};
constexpr auto fields = std::array{
    field<&Op::size>("size", {.doc = "Share of the series that is hidden", .lo = 0, .hi = 1, .unit = "fraction", .neutral = 0, .strong = 0.4, .draw = uniform(0.02, 0.15)}),
    field<&Op::start>("start", {.doc = "Where: 0 at the beginning, 1 at the end", .lo = 0, .hi = 1, .unit = "fraction", .draw = uniform(0, 1)}),
    field<&Op::fill>("fill", {.doc = "What stands there", .choices = kFillNames})};
Nodes lower(const Op& op, const Site& at) {
  const double length = static_cast<double>(at.series->length);
  const auto size = static_cast<std::size_t>(std::nearbyint(op.size * length));
  if (size == 0) return {};
  const auto first = static_cast<std::size_t>(std::nearbyint(op.start * (length - static_cast<double>(size))));
  return only(SeriesValues{[first, size, fill = op.fill](std::span<double> values, std::size_t, std::span<const double>) {
    const double value = filling(fill, values);
    std::ranges::fill(values.subspan(std::min(first, values.size()), std::min(size, values.size() - std::min(first, values.size()))), value);
  }});
}
}  // namespace series_time_mask

namespace series_channel_mask {
struct Op {
  int count = 1;
  Fill fill = Fill::zero;
};
constexpr auto fields = std::array{
    field<&Op::count>("count", {.doc = "Channels that are hidden; one is always left", .lo = 0, .hi = 65536, .unit = "1", .neutral = 0, .strong = 8}),
    field<&Op::fill>("fill", {.doc = "What stands there", .choices = kFillNames})};
Nodes lower(const Op& op, const Site& at) {
  const std::size_t channels = at.series->channels, count = std::min(static_cast<std::size_t>(op.count), channels - 1);
  std::vector<bool> hidden(channels);
  for (std::size_t j = channels - count; j < channels; ++j) {  // Floyd 1987
    const std::size_t chosen = draw_below(at.key, j + 1, j);
    hidden[hidden[chosen] ? j : chosen] = true;
  }
  if (count == 0) return {};
  return only(SeriesValues{[hidden, fill = op.fill](std::span<double> values, std::size_t channel, std::span<const double>) {
    if (!hidden[channel]) return;
    const double value = filling(fill, values);
    std::ranges::fill(values, value);
  }});
}
}  // namespace series_channel_mask

}  // namespace

void add_series_mask(OpTable& t) {
  t.add(op<series_time_mask::Op, series_time_mask::lower>(
      {.name = "series_time_mask",
       .summary = "Hide one stretch of time in all channels",
       .detail = "Values of the stretch become 0, the channel's mean, or missing; it is the same stretch in every channel.",
       .family = "series",
       .example = "series_time_mask: {size: {uniform: [0.02, 0.15]}}",
       .domain = Domain::series,
       .node = NodeKind::series_values,
       .fields = series_time_mask::fields}));
  t.add(op<series_channel_mask::Op, series_channel_mask::lower>(
      {.name = "series_channel_mask",
       .summary = "Hide whole channels",
       .detail = "As many channels as asked, chosen by chance, become 0, their mean, or missing. A series of one channel stays.",
       .family = "series",
       .example = "series_channel_mask: {count: 1}",
       .domain = Domain::series,
       .node = NodeKind::series_values,
       .fields = series_channel_mask::fields}));
}

}  // namespace leaven::ops
