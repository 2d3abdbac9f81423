#include "ops/series/channel.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/channel_runs.hpp"
#include "kernels/noise.hpp"
#include "kernels/pixels.hpp"

namespace leaven::ops {

double deviation_of(std::span<const double> values) {
  const kernels::RunSums sums = kernels::sums_of(values);
  return sums.count == 0 ? 0 : std::sqrt(kernels::squares_about(values, sums.sum / sums.count) / sums.count);
}

double farthest_of(std::span<const double> values) {
  const kernels::RunRange range = kernels::range_of(values);
  return std::max({0.0, range.highest, -range.lowest});
}

double range_of(std::span<const double> values) {
  const kernels::RunRange range = kernels::range_of(values);
  return range.lowest > range.highest ? 0 : range.highest - range.lowest;
}

ChannelSpread spread_of(std::span<const double> values) {
  const kernels::RunSums sums = kernels::sums_of(values);
  ChannelSpread spread;
  if (sums.count == 0) return spread;
  const kernels::RunRange range = kernels::range_of(values);
  spread.count = static_cast<std::size_t>(sums.count);
  spread.mean = sums.sum / sums.count;
  spread.lowest = range.lowest;
  spread.highest = range.highest;
  spread.std = std::sqrt(kernels::squares_about(values, spread.mean) / sums.count);
  return spread;
}

std::span<double> scratch(std::size_t count) {
  thread_local std::vector<double> room;
  if (room.size() < count) room.resize(count);
  return std::span(room).first(count);
}

Key channel_key(Key key, std::size_t channel) {
  // Element 2^63 + channel is out of reach of the ops' own counting.
  const auto words = random_block(key, (std::uint64_t{1} << 63) + channel);
  return {(std::uint64_t{words[1]} << 32) | words[0], (std::uint64_t{words[3]} << 32) | words[2]};
}

namespace {

/// Numbers of a kernel that fills rows of a picture, whole aligned vectors at a time, one a sample: take(first sample, numbers).
template <class Number, class FillRow, class Take>
void in_rows(std::size_t count, const FillRow& fill_row, const Take& take) {
  constexpr std::size_t kRow = kernels::kSegment;
  alignas(64) std::array<Number, kRow> row;
  for (std::size_t done = 0; done < count; done += kRow) {
    const std::size_t here = std::min(kRow, count - done);
    fill_row(static_cast<int>(done / kRow % 65536), static_cast<int>(done / kRow / 65536), static_cast<int>(here), row.data());
    take(done, std::span<const Number>(row).first(here));
  }
}

template <class Take>
void rows_of_normals(Key key, std::size_t channel, std::size_t count, const Take& take) {
  in_rows<float>(count, [own = channel_key(key, channel)](int y, int plane, int here, float* row) { kernels::gaussian_row(own, 0, y, plane, here, row); }, take);
}

}  // namespace

std::vector<float> normals(Key key, std::size_t channel, std::size_t count) {
  std::vector<float> noise(count);
  rows_of_normals(key, channel, count, [&](std::size_t first, std::span<const float> row) { std::ranges::copy(row, noise.begin() + static_cast<std::ptrdiff_t>(first)); });
  return noise;
}

void add_normals(Key key, std::size_t channel, double size, std::span<double> values) {
  rows_of_normals(key, channel, values.size(), [&](std::size_t first, std::span<const float> row) { kernels::add_scaled(values.subspan(first, row.size()), size, row); });
}

void each_word(Key key, std::size_t channel, std::size_t count, const std::function<void(std::size_t, std::span<const std::uint32_t>)>& take) {
  in_rows<std::uint32_t>(count, [own = channel_key(key, channel)](int y, int plane, int here, std::uint32_t* row) { kernels::word_row(own, 0, y, plane, here, row); }, take);
}

namespace {

/// Sixths of the second derivatives of the natural spline through points at distance 1; `upper` and `right` are room to work in.
void bends_of(std::span<const double> y, std::span<double> bend, std::span<double> upper, std::span<double> right) {
  const std::size_t n = y.size();
  bend.front() = bend.back() = upper.front() = right.front() = 0;
  for (std::size_t i = 1; i + 1 < n; ++i) {
    const double pivot = 4 - upper[i - 1];
    upper[i] = 1 / pivot;
    right[i] = (y[i + 1] - 2 * y[i] + y[i - 1] - right[i - 1]) / pivot;
  }
  for (std::size_t i = n - 1; i-- > 1;) bend[i] = right[i] - upper[i] * bend[i + 1];
}

}  // namespace

std::span<const double> smooth_curve(std::span<const double> points, std::size_t length) {
  const std::size_t n = points.size();
  const std::span<double> room = scratch(length + 3 * n), curve = room.first(length), bend = room.subspan(length, n);
  if (n < 2 || length < 2) {
    std::ranges::fill(curve, points.front());
    return curve;
  }
  bends_of(points, bend, room.subspan(length + n, n), room.subspan(length + 2 * n, n));
  const double step = static_cast<double>(n - 1) / static_cast<double>(length - 1);
  for (std::size_t k = 0, i = 0; k + 1 < n; ++k) {
    const double begin = static_cast<double>(k);
    std::size_t end = length;
    if (k + 2 < n) {  // the first sample at or behind the next point, whatever the division rounds to
      end = std::min(length, static_cast<std::size_t>((begin + 1) / step));
      while (end > i && static_cast<double>(end - 1) * step >= begin + 1) --end;
      while (end < length && static_cast<double>(end) * step < begin + 1) ++end;
    }
    end = std::max(end, i);
    kernels::cubic_run({points[k], points[k + 1], bend[k], bend[k + 1]}, i, step, begin, curve.subspan(i, end - i));
    i = end;
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
