// Series whose time is moved: every op is one piecewise straight map of time, so that several in a row are one interpolation.
// Le Guennec, Malinowski, Tavenard, "Data augmentation for time series classification using convolutional neural networks",
// AALTD 2016, for slicing and window warping; Um et al., ICMI 2017, for permutation and time warping.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "ops/series/channel.hpp"

namespace leaven::ops {
namespace {

double last_of(const Site& at) { return static_cast<double>(at.series->length) - 1; }

namespace series_reverse {
struct Op {};
constexpr std::array<FieldInfo, 0> fields{};
Nodes lower(const Op&, const Site& at) {
  return only(TimeMap{at.series->length, {{0, last_of(at), -1}}, TimeMap::Stamps::mirror});
}
}  // namespace series_reverse

namespace series_slice {
struct Op {
  double keep = 0.9;
  double start = 0.5;
  bool stretch = true;
};
constexpr auto fields = std::array{
    field<&Op::keep>("keep", {.doc = "Share of the series that stays", .lo = 0.001, .hi = 1, .unit = "fraction", .neutral = 1, .strong = 0.5}),
    field<&Op::start>("start", {.doc = "Where it is cut out: 0 at the beginning, 1 at the end", .lo = 0, .hi = 1, .unit = "fraction", .draw = uniform(0, 1)}),
    field<&Op::stretch>("stretch", {.doc = "Stretch it to the length that the series had; false: it becomes shorter"})};
Nodes lower(const Op& op, const Site& at) {
  const double length = static_cast<double>(at.series->length);
  const double kept = std::max(1.0, std::nearbyint(length * op.keep));
  if (kept == length) return {};
  const double first = std::nearbyint(op.start * (length - kept));
  if (!op.stretch) return only(TimeMap{static_cast<std::size_t>(kept), {{0, first, 1}}, TimeMap::Stamps::follow});
  return only(TimeMap{at.series->length, {{0, first, (kept - 1) / (length - 1)}}, TimeMap::Stamps::stay});
}
}  // namespace series_slice

namespace series_resize {
struct Op {
  int size = 128;
};
constexpr auto fields = std::array{field<&Op::size>("size", {.doc = "Samples that the series has afterwards", .lo = 1, .hi = 1 << 24, .unit = "samples"})};
Nodes lower(const Op& op, const Site& at) {
  const auto size = static_cast<std::size_t>(op.size);
  if (size == at.series->length) return {};
  const double slope = size > 1 ? last_of(at) / static_cast<double>(size - 1) : 0;
  return only(TimeMap{size, {{0, 0, slope}}, TimeMap::Stamps::follow});
}
}  // namespace series_resize

namespace series_window_warp {
struct Op {
  double window = 0.1;
  double speed = 2;
  double start = 0.5;
};
constexpr auto fields = std::array{
    field<&Op::window>("window", {.doc = "Share of the series whose speed changes", .lo = 0, .hi = 1, .unit = "fraction", .neutral = 0, .strong = 0.3}),
    field<&Op::speed>("speed", {.doc = "How much faster the window passes; below 1 it is slower", .lo = 0.1, .hi = 10, .unit = "factor", .draw = log_uniform(0.5, 2)}),
    field<&Op::start>("start", {.doc = "Where the window lies: 0 at the beginning, 1 at the end", .lo = 0, .hi = 1, .unit = "fraction", .draw = uniform(0, 1)})};
Nodes lower(const Op& op, const Site& at) {
  const double last = last_of(at), window = op.window * last;
  if (window == 0 || op.speed == 1) return {};
  // The window takes window/speed of the time; all is then stretched so that the series ends where it ended.
  const double rest = last - window, whole = rest + window / op.speed, scale = last / whole;
  const double first = op.start * rest;
  const double out_first = first * scale, out_last = out_first + window / op.speed * scale;
  return only(TimeMap{at.series->length,
                  {{0, 0, 1 / scale}, {out_first, first, op.speed / scale}, {out_last, first + window, 1 / scale}},
                  TimeMap::Stamps::stay});
}
}  // namespace series_window_warp

namespace series_time_warp {
struct Op {
  double sigma = 0.2;
  int knots = 4;
};
constexpr auto fields = std::array{
    field<&Op::sigma>("sigma", {.doc = "Standard deviation of the logarithm of the speed at a knot", .lo = 0, .hi = 2, .unit = "factor", .neutral = 0, .strong = 0.6}),
    field<&Op::knots>("knots", {.doc = "Knots of the speed between the two ends", .lo = 0, .hi = 1000, .unit = "1"})};
Nodes lower(const Op& op, const Site& at) {
  const std::size_t length = at.series->length;
  if (op.sigma == 0 || length < 2) return {};
  std::vector<double> speeds(static_cast<std::size_t>(op.knots) + 2);
  for (std::size_t i = 0; i < speeds.size(); ++i) speeds[i] = exact::exp(op.sigma * draw(normal(0, 1), at.key, i));
  const double step = static_cast<double>(speeds.size() - 1) / last_of(at);
  std::vector<double> times(length);
  double before = speeds[0], sum = 0;
  for (std::size_t i = 1; i < length; ++i) {
    const double where = static_cast<double>(i) * step;
    const std::size_t k = std::min(static_cast<std::size_t>(where), speeds.size() - 2);
    const double speed = speeds[k] + (speeds[k + 1] - speeds[k]) * (where - static_cast<double>(k));
    sum += (before + speed) / 2;
    before = speed;
    times[i] = sum;
  }
  const double scale = last_of(at) / sum;
  for (double& time : times) time *= scale;
  return only(TimeMap{length, pieces_through(times), TimeMap::Stamps::stay});
}
}  // namespace series_time_warp

/// Pieces of whole samples, given by where each begins in the input and how long it is.
struct Stretch {
  std::size_t begin{}, size{};
};
/// Samples stay as they are. Along stamps that are not even they could not: there they are moved by their numbers, and stamps
/// stay where they are.
Nodes joined(const std::vector<Stretch>& stretches, const SeriesShape& shape) {
  if (shape.stamped) {
    std::vector<double> from;
    for (const Stretch& stretch : stretches)
      for (std::size_t i = 0; i < stretch.size; ++i) from.push_back(static_cast<double>(stretch.begin + i));
    return only(SeriesWhole{[from](const Series&, std::span<const Series* const>) { return SeriesWhole::Result{{}, from}; }});
  }
  std::vector<TimePiece> pieces;
  std::size_t out = 0;
  for (const Stretch& stretch : stretches) {
    if (stretch.size == 0) continue;
    pieces.push_back({static_cast<double>(out), static_cast<double>(stretch.begin), 1});
    out += stretch.size;
  }
  return only(TimeMap{shape.length, std::move(pieces), TimeMap::Stamps::stay});
}

namespace series_permutation {
struct Op {
  int segments = 5;
  bool equal = false;
};
constexpr auto fields = std::array{
    field<&Op::segments>("segments", {.doc = "Pieces that change places", .lo = 1, .hi = 1000, .unit = "1", .neutral = 1, .strong = 10, .draw = integer(2, 5)}),
    field<&Op::equal>("equal", {.doc = "Cut into pieces of one length; false: at random places"})};
Nodes lower(const Op& op, const Site& at) {
  const std::size_t length = at.series->length, count = std::min(static_cast<std::size_t>(op.segments), length);
  if (count < 2) return {};
  std::vector<std::size_t> cuts{0, length};
  if (op.equal) {
    for (std::size_t i = 1; i < count; ++i) cuts.push_back(i * length / count);
  } else {
    // count − 1 different places out of length − 1 (Floyd 1987).
    for (std::size_t j = length - count; j < length - 1; ++j) {
      const std::size_t at_random = 1 + draw_below(at.key, j + 1, j);
      cuts.push_back(std::ranges::find(cuts, at_random) == cuts.end() ? at_random : j + 1);
    }
  }
  std::ranges::sort(cuts);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const Key key = channel_key(at.key, 0);
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[draw_below(key, i, i)]);
  std::vector<Stretch> stretches;
  for (const std::size_t i : order) stretches.push_back({cuts[i], cuts[i + 1] - cuts[i]});
  return joined(stretches, *at.series);
}
}  // namespace series_permutation

namespace series_block_bootstrap {
struct Op {
  int block = 0;
};
constexpr auto fields = std::array{field<&Op::block>(
    "block", {.doc = "Samples of a block; 0: the cube root of the length, times 2", .lo = 0, .hi = 1 << 20, .unit = "samples"})};
Nodes lower(const Op& op, const Site& at) {
  const std::size_t length = at.series->length;
  std::size_t usual = 1;
  while ((usual + 1) * (usual + 1) * (usual + 1) <= 8 * length) ++usual;
  const std::size_t block = std::clamp<std::size_t>(op.block > 0 ? static_cast<std::size_t>(op.block) : usual, 1, length);
  std::vector<Stretch> stretches;
  for (std::size_t done = 0; done < length; done += block)
    stretches.push_back({draw_below(at.key, length - block + 1, done), std::min(block, length - done)});
  return joined(stretches, *at.series);
}
}  // namespace series_block_bootstrap

OpDoc time_op(std::string_view name, std::string_view summary, std::string_view detail, std::string_view example, std::span<const FieldInfo> fields) {
  return {.name = name,
          .summary = summary,
          .detail = detail,
          .family = "series",
          .example = example,
          .domain = Domain::series,
          .labels = LabelRule::moves,
          .node = NodeKind::time_map,
          .fields = fields};
}

}  // namespace

void add_series_time(OpTable& t) {
  t.add(op<series_reverse::Op, series_reverse::lower>(
      time_op("series_reverse", "Play the series backwards",
              "The last sample comes first; with time stamps, the distances between them are reversed along.", "series_reverse", series_reverse::fields)));
  t.add(op<series_slice::Op, series_slice::lower>(
      time_op("series_slice", "Keep one stretch of the series",
              "A window of keep·length samples, stretched back to the old length or left short. Marks outside it are lost.",
              "series_slice: {keep: 0.9}", series_slice::fields)));
  t.add(op<series_resize::Op, series_resize::lower>(
      time_op("series_resize", "Sample the series anew with so many samples",
              "The first and the last sample stay where they are, values between are linear. Time stamps are sampled along.",
              "series_resize: {size: 128}", series_resize::fields)));
  t.add(op<series_window_warp::Op, series_window_warp::lower>(
      time_op("series_window_warp", "Let one window of the series pass faster or slower",
              "The window passes `speed` times as fast, and the whole is stretched to the old length: time stays continuous and "
              "never runs backwards.",
              "series_window_warp: {window: 0.1, speed: {choice: [0.5, 2]}}", series_window_warp::fields)));
  t.add(op<series_time_warp::Op, series_time_warp::lower>(
      time_op("series_time_warp", "Let time pass at a smoothly changing speed",
              "The speed is exp(sigma·n) at knots + 2 even points and straight between them; time is its integral, scaled to the old "
              "length. Speed is above zero, so time never runs backwards, and it never jumps.",
              "series_time_warp: {sigma: 0.2, knots: 4}", series_time_warp::fields)));
  t.add(op<series_permutation::Op, series_permutation::lower>(
      time_op("series_permutation", "Cut the series into pieces and shuffle them",
              "Pieces of whole samples, of one length or cut at random places, in random order. Samples stay as they are.",
              "series_permutation: {segments: {int: [2, 5]}}", series_permutation::fields)));
  t.add(op<series_block_bootstrap::Op, series_block_bootstrap::lower>(
      time_op("series_block_bootstrap", "Put a series together from random blocks of it",
              "Moving-block bootstrap (Künsch, Annals of Statistics 17(3), 1989): blocks of whole samples, drawn with repetition. "
              "For series whose order at large means nothing.",
              "series_block_bootstrap: {block: 10}", series_block_bootstrap::fields)));
}

}  // namespace leaven::ops
