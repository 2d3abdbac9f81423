// A channel's values from those around them, or as fewer different ones. tsaug's augmenters of these names are the model.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/exact_math.hpp"
#include "kernels/channel_runs.hpp"
#include "ops/series/channel.hpp"

namespace leaven::ops {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

bool nothing_missing(std::span<const double> values) {
  int missing = 0;
  for (const double value : values) missing |= value == value ? 0 : 1;
  return missing == 0;
}

namespace series_quantize {
enum class How : std::uint8_t { uniform, quantile };
constexpr std::array<std::string_view, 2> kHowNames{"uniform", "quantile"};
struct Op {
  int levels = 20;
  How how = How::uniform;
};
constexpr auto fields = std::array{
    field<&Op::levels>("levels", {.doc = "Different values that are left", .lo = 1, .hi = 65536, .unit = "1"}),
    field<&Op::how>("how", {.doc = "Levels at equal distances over the range, or with equally many values each", .choices = kHowNames})};

void by_quantile(std::span<double> values, std::size_t levels) {
  std::vector<double> sorted;
  for (const double value : values)
    if (!std::isnan(value)) sorted.push_back(value);
  std::ranges::sort(sorted);
  for (double& value : values) {
    if (std::isnan(value)) continue;
    const auto rank = static_cast<std::size_t>(std::ranges::lower_bound(sorted, value) - sorted.begin());
    const std::size_t level = std::min(rank * levels / sorted.size(), levels - 1);
    // The middle of those of one level stands for them.
    const std::size_t first = (level * sorted.size() + levels - 1) / levels, end = ((level + 1) * sorted.size() + levels - 1) / levels;
    value = sorted[(first + std::max(end, first + 1) - 1) / 2];
  }
}

Nodes lower(const Op& op, const Site&) {
  return only(SeriesValues{[op](std::span<double> values, std::size_t, std::span<const double>) {
    const kernels::RunRange range = kernels::range_of(values);
    if (!(range.lowest < range.highest)) return;
    if (op.how == How::quantile) return by_quantile(values, static_cast<std::size_t>(op.levels));
    kernels::round_to_levels(values, range.lowest, (range.highest - range.lowest) / op.levels, op.levels);
  }});
}
}  // namespace series_quantize

namespace series_pool {
enum class Of : std::uint8_t { mean, max, min };
constexpr std::array<std::string_view, 3> kOfNames{"mean", "max", "min"};
struct Op {
  int size = 2;
  Of of = Of::mean;
};
constexpr auto fields = std::array{
    field<&Op::size>("size", {.doc = "Samples that become one value", .lo = 1, .hi = 1 << 20, .unit = "samples", .neutral = 1, .strong = 8}),
    field<&Op::of>("of", {.doc = "What that value is", .choices = kOfNames})};
/// Groups of which nothing is missing.
void pool_whole(const Op& op, std::span<double> values) {
  const auto size = static_cast<std::size_t>(op.size);
  for (std::size_t begin = 0; begin < values.size(); begin += size) {
    const std::span<double> group = values.subspan(begin, std::min(size, values.size() - begin));
    double value = group[0];
    for (std::size_t i = 1; i < group.size(); ++i)
      value = op.of == Of::mean ? value + group[i] : op.of == Of::max ? std::max(value, group[i]) : std::min(value, group[i]);
    if (op.of == Of::mean) value /= static_cast<double>(group.size());
    for (double& one : group) one = value;
  }
}

Nodes lower(const Op& op, const Site&) {
  if (op.size == 1) return {};
  return only(SeriesValues{[op](std::span<double> values, std::size_t, std::span<const double>) {
    if (nothing_missing(values)) return pool_whole(op, values);
    const auto size = static_cast<std::size_t>(op.size);
    for (std::size_t begin = 0; begin < values.size(); begin += size) {
      const std::span<double> group = values.subspan(begin, std::min(size, values.size() - begin));
      double value = op.of == Of::mean ? 0 : kMissing, count = 0;
      for (const double one : group) {
        if (std::isnan(one)) continue;
        count += 1;
        if (op.of == Of::mean) value += one;
        else if (count == 1 || (op.of == Of::max ? one > value : one < value)) value = one;
      }
      if (op.of == Of::mean) value /= count;
      for (double& one : group)
        if (!std::isnan(one)) one = value;
    }
  }});
}
}  // namespace series_pool

namespace series_convolve {
enum class Window : std::uint8_t { hann, flat, triangle };
constexpr std::array<std::string_view, 3> kWindowNames{"hann", "flat", "triangle"};
struct Op {
  int size = 7;
  Window window = Window::hann;
};
constexpr auto fields = std::array{
    field<&Op::size>("size", {.doc = "Samples that the window reaches over; even sizes reach one farther", .lo = 1, .hi = 1 << 16, .unit = "samples", .neutral = 1, .strong = 31}),
    field<&Op::window>("window", {.doc = "Shape of the window", .choices = kWindowNames})};

std::vector<double> weights(const Op& op) {
  const auto half = static_cast<std::size_t>(op.size / 2);
  std::vector<double> weight(2 * half + 1);
  for (std::size_t i = 0; i <= half; ++i) {
    const double away = static_cast<double>(i) / (static_cast<double>(half) + 1);
    weight[half - i] = weight[half + i] =
        op.window == Window::flat ? 1 : op.window == Window::triangle ? 1 - away : 0.5 + 0.5 * exact::cos(3.14159265358979323846 * away);
  }
  return weight;
}

/// Where nothing is missing every sample has the same weights; the ends are repeated.
void smooth_whole(std::span<double> values, const std::vector<double>& weight) {
  const std::size_t half = weight.size() / 2;
  const std::span<double> padded = scratch(values.size() + 2 * half);
  std::ranges::fill(padded.first(half), values.front());
  std::ranges::copy(values, padded.begin() + static_cast<std::ptrdiff_t>(half));
  std::ranges::fill(padded.last(half), values.back());
  kernels::weighted_means(padded, weight, std::accumulate(weight.begin(), weight.end(), 0.0), values);
}

Nodes lower(const Op& op, const Site&) {
  if (op.size == 1) return {};
  return only(SeriesValues{[weight = weights(op)](std::span<double> values, std::size_t, std::span<const double>) {
    if (values.empty()) return;
    if (nothing_missing(values)) return smooth_whole(values, weight);
    const std::vector<double> before(values.begin(), values.end());
    const std::ptrdiff_t half = static_cast<std::ptrdiff_t>(weight.size()) / 2, last = static_cast<std::ptrdiff_t>(values.size()) - 1;
    for (std::ptrdiff_t i = 0; i <= last; ++i) {
      if (std::isnan(before[static_cast<std::size_t>(i)])) continue;
      double sum = 0, all = 0;
      for (std::ptrdiff_t k = -half; k <= half; ++k) {
        const double value = before[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(i + k, 0, last))];
        if (std::isnan(value)) continue;  // what is missing has no weight
        const double w = weight[static_cast<std::size_t>(k + half)];
        sum += w * value;
        all += w;
      }
      values[static_cast<std::size_t>(i)] = sum / all;
    }
  }});
}
}  // namespace series_convolve

namespace series_dropout {
enum class Fill : std::uint8_t { missing, before, mean, zero };
constexpr std::array<std::string_view, 4> kFillNames{"missing", "before", "mean", "zero"};
struct Op {
  double amount = 0.05;
  int size = 1;
  Fill fill = Fill::before;
};
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Chance of a sample to begin a gap", .lo = 0, .hi = 1, .unit = "fraction", .neutral = 0, .strong = 0.3}),
    field<&Op::size>("size", {.doc = "Samples of a gap", .lo = 1, .hi = 1 << 20, .unit = "samples"}),
    field<&Op::fill>("fill", {.doc = "What stands in the gap: nothing, the last value before it, the channel's mean, or 0", .choices = kFillNames})};
Nodes lower(const Op& op, const Site& at) {
  if (op.amount == 0) return {};
  return only(SeriesValues{[op, key = at.key](std::span<double> values, std::size_t channel, std::span<const double>) {
    const double filling = op.fill == Fill::missing ? kMissing : op.fill == Fill::mean ? spread_of(values).mean : 0;
    const auto most = static_cast<std::uint32_t>(std::ceil(op.amount * 0x1p32) - 1);  // words up to it begin a gap
    std::size_t gap_end = 0;
    double before = kMissing;  // the last value that no gap took
    const auto begin_gap = [&](std::size_t i) {
      if (i < gap_end) return;
      if (i > gap_end) before = values[i - 1];
      gap_end = i + std::min(static_cast<std::size_t>(op.size), values.size() - i);
      const std::span<double> gap = values.subspan(i, gap_end - i);
      if (op.fill != Fill::before) std::ranges::fill(gap, filling);
      else if (!std::isnan(before)) std::ranges::fill(gap, before);
    };
    each_word(key, channel, values.size(), [&](std::size_t first, std::span<const std::uint32_t> words) {
      constexpr std::size_t kWords = 64;
      for (std::size_t i = 0; i < words.size(); i += kWords)
        for (std::uint64_t begins = kernels::words_up_to(words.subspan(i, std::min(kWords, words.size() - i)), most); begins != 0; begins &= begins - 1)
          begin_gap(first + i + static_cast<std::size_t>(std::countr_zero(begins)));
    });
  }});
}
}  // namespace series_dropout

OpDoc values_op(std::string_view name, std::string_view summary, std::string_view detail, std::string_view example, std::span<const FieldInfo> fields) {
  return {.name = name, .summary = summary, .detail = detail, .family = "series", .example = example, .domain = Domain::series,
          .node = NodeKind::series_values, .fields = fields};
}

}  // namespace

void add_series_filter(OpTable& t) {
  t.add(op<series_quantize::Op, series_quantize::lower>(
      values_op("series_quantize", "Round values to a few levels",
                "Levels stand in the middle of equal parts of the channel's range, or are the medians of equally many values.",
                "series_quantize: {levels: 20}", series_quantize::fields)));
  t.add(op<series_pool::Op, series_pool::lower>(
      values_op("series_pool", "Replace groups of samples by their mean, highest or lowest",
                "The length stays: each sample of a group gets the group's value. Missing values are left out, and stay missing.",
                "series_pool: {size: 2}", series_pool::fields)));
  t.add(op<series_convolve::Op, series_convolve::lower>(
      values_op("series_convolve", "Smooth the series with a window",
                "A weighted mean of the samples around each, with weights of a Hann, flat or triangular window; the ends are "
                "repeated, what is missing has no weight and stays missing.",
                "series_convolve: {size: 7, window: hann}", series_convolve::fields)));
  t.add(op<series_dropout::Op, series_dropout::lower>(
      values_op("series_dropout", "Lose samples here and there",
                "Each sample begins a gap of `size` samples with the chance `amount`, in each channel by itself.",
                "series_dropout: {amount: 0.05, fill: before}", series_dropout::fields)));
}

}  // namespace leaven::ops
