#include "ops/series/channel.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kernels/noise.hpp"
#include "kernels/pixels.hpp"

namespace leaven::ops {

namespace {

// Sums in lanes, so that an addition need not wait for the one before; always in this order, so that bits are the same.
constexpr std::size_t kLanes = 8;
using Lanes = std::array<double, kLanes>;

Lanes filled(double value) {
  Lanes lanes;
  lanes.fill(value);
  return lanes;
}

template <class Add>
void each_in_lanes(std::span<const double> values, const Add& add) {
  const std::size_t whole = values.size() / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes)
    for (std::size_t k = 0; k < kLanes; ++k) add(values[i + k], k);
  for (std::size_t i = whole; i < values.size(); ++i) add(values[i], i - whole);
}

double sum_of(const Lanes& lanes) {
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

}  // namespace

double deviation_of(std::span<const double> values) {
  Lanes count = filled(0), sum = filled(0), squares = filled(0);
  each_in_lanes(values, [&](double v, std::size_t k) {
    const bool there = v == v;
    count[k] += there ? 1 : 0;
    sum[k] += there ? v : 0;
  });
  const double all = sum_of(count);
  if (all == 0) return 0;
  each_in_lanes(values, [&, mean = sum_of(sum) / all](double v, std::size_t k) {
    const double away = v == v ? v - mean : 0;
    squares[k] += away * away;
  });
  return std::sqrt(sum_of(squares) / all);
}

double farthest_of(std::span<const double> values) {
  Lanes far = filled(0);
  each_in_lanes(values, [&](double v, std::size_t k) {
    const double away = std::fabs(v);
    far[k] = away > far[k] ? away : far[k];
  });
  return *std::ranges::max_element(far);
}

ChannelSpread spread_of(std::span<const double> values) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  Lanes count = filled(0), sum = filled(0), low = filled(kFar), high = filled(-kFar);
  each_in_lanes(values, [&](double v, std::size_t k) {
    const bool there = v == v;
    count[k] += there ? 1 : 0;
    sum[k] += there ? v : 0;
    low[k] = v < low[k] ? v : low[k];
    high[k] = v > high[k] ? v : high[k];
  });
  ChannelSpread spread;
  const double all = sum_of(count);
  if (all == 0) return spread;
  spread.count = static_cast<std::size_t>(all);
  spread.mean = sum_of(sum) / all;
  spread.lowest = *std::ranges::min_element(low);
  spread.highest = *std::ranges::max_element(high);
  Lanes squares = filled(0);
  each_in_lanes(values, [&, mean = spread.mean](double v, std::size_t k) {
    const double away = v == v ? v - mean : 0;
    squares[k] += away * away;
  });
  spread.std = std::sqrt(sum_of(squares) / all);
  return spread;
}

Key channel_key(Key key, std::size_t channel) {
  // Element 2^63 + channel is out of reach of the ops' own counting.
  const auto words = random_block(key, (std::uint64_t{1} << 63) + channel);
  return {(std::uint64_t{words[1]} << 32) | words[0], (std::uint64_t{words[3]} << 32) | words[2]};
}

namespace {

/// Numbers of a kernel that fills rows of a picture, whole aligned vectors at a time, one a sample.
template <class Number, class FillRow>
std::vector<Number> in_rows(std::size_t count, const FillRow& fill_row) {
  constexpr std::size_t kRow = kernels::kSegment;
  std::vector<Number> numbers;
  numbers.reserve(count);
  alignas(64) std::array<Number, kRow> row;
  for (std::size_t done = 0; done < count; done += kRow) {
    const std::size_t here = std::min(kRow, count - done);
    fill_row(static_cast<int>(done / kRow % 65536), static_cast<int>(done / kRow / 65536), static_cast<int>(here), row.data());
    numbers.insert(numbers.end(), row.begin(), row.begin() + static_cast<std::ptrdiff_t>(here));
  }
  return numbers;
}

}  // namespace

std::vector<float> normals(Key key, std::size_t channel, std::size_t count) {
  return in_rows<float>(count, [own = channel_key(key, channel)](int y, int plane, int here, float* row) { kernels::gaussian_row(own, 0, y, plane, here, row); });
}

std::vector<std::uint32_t> random_words(Key key, std::size_t channel, std::size_t count) {
  return in_rows<std::uint32_t>(count, [own = channel_key(key, channel)](int y, int plane, int here, std::uint32_t* row) { kernels::word_row(own, 0, y, plane, here, row); });
}

namespace {

/// Second derivatives of the natural spline through points at distance 1.
std::vector<double> bends_of(const std::vector<double>& y) {
  const std::size_t n = y.size();
  std::vector<double> bend(n), upper(n), right(n);
  for (std::size_t i = 1; i + 1 < n; ++i) {
    const double pivot = 4 - upper[i - 1];
    upper[i] = 1 / pivot;
    right[i] = (6 * (y[i + 1] - 2 * y[i] + y[i - 1]) - right[i - 1]) / pivot;
  }
  for (std::size_t i = n - 1; i-- > 1;) bend[i] = right[i] - upper[i] * bend[i + 1];
  return bend;
}

}  // namespace

std::vector<double> smooth_curve(const std::vector<double>& points, std::size_t length) {
  std::vector<double> curve(length, points.front());
  if (points.size() < 2 || length < 2) return curve;
  const std::vector<double> bend = bends_of(points);
  const double step = static_cast<double>(points.size() - 1) / static_cast<double>(length - 1);
  std::size_t i = 0;
  for (std::size_t k = 0; k + 1 < points.size(); ++k) {
    const double begin = static_cast<double>(k), from = points[k], to = points[k + 1], bend_from = bend[k], bend_to = bend[k + 1];
    std::size_t end = length;
    if (k + 2 < points.size()) {  // the first sample at or behind the next point, whatever the division rounds to
      end = std::min(length, static_cast<std::size_t>((begin + 1) / step));
      while (end > i && static_cast<double>(end - 1) * step >= begin + 1) --end;
      while (end < length && static_cast<double>(end) * step < begin + 1) ++end;
    }
    for (; i < end; ++i) {
      const double b = static_cast<double>(static_cast<std::int64_t>(i)) * step - begin, a = 1 - b;
      curve[i] = a * from + b * to + ((a * a * a - a) * bend_from + (b * b * b - b) * bend_to) / 6;
    }
  }
  return curve;
}

std::vector<TimePiece> pieces_through(std::span<const double> times) {
  std::vector<TimePiece> pieces(times.size());
  for (std::size_t i = 0; i < times.size(); ++i) pieces[i] = {static_cast<double>(i), times[i], 0};
  for (std::size_t i = 0; i + 1 < times.size(); ++i) pieces[i].slope = times[i + 1] - times[i];
  return pieces;
}

std::vector<double> without_gaps(std::span<const double> values) {
  std::vector<double> filled(values.begin(), values.end());
  std::size_t known = filled.size();  // the last value seen
  for (std::size_t i = 0; i < filled.size(); ++i) {
    if (std::isnan(filled[i])) continue;
    const std::size_t first = known == filled.size() ? 0 : known + 1;
    for (std::size_t j = first; j < i; ++j) {
      const double share = static_cast<double>(j - first + 1) / static_cast<double>(i - first + 1);
      filled[j] = first == 0 ? filled[i] : filled[known] + (filled[i] - filled[known]) * share;
    }
    known = i;
  }
  if (known == filled.size()) return {};
  for (std::size_t j = known + 1; j < filled.size(); ++j) filled[j] = filled[known];
  return filled;
}

void put_where_present(std::span<double> values, std::span<const double> filled) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isnan(values[i])) values[i] = filled[i];
}

}  // namespace leaven::ops
