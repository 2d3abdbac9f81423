#include "ops/series/channel.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kernels/noise.hpp"
#include "kernels/pixels.hpp"

namespace leaven::ops {

ChannelSpread spread_of(std::span<const double> values) {
  ChannelSpread spread{0, 0, 0, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  double sum = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    ++spread.count;
    sum += value;
    spread.lowest = std::min(spread.lowest, value);
    spread.highest = std::max(spread.highest, value);
  }
  if (spread.count == 0) return {};
  spread.mean = sum / static_cast<double>(spread.count);
  double squares = 0;
  for (const double value : values)
    if (!std::isnan(value)) squares += (value - spread.mean) * (value - spread.mean);
  spread.std = std::sqrt(squares / static_cast<double>(spread.count));
  return spread;
}

Key channel_key(Key key, std::size_t channel) {
  // Element 2^63 + channel is out of reach of the ops' own counting.
  const auto words = random_block(key, (std::uint64_t{1} << 63) + channel);
  return {(std::uint64_t{words[1]} << 32) | words[0], (std::uint64_t{words[3]} << 32) | words[2]};
}

std::vector<float> normals(Key key, std::size_t channel, std::size_t count) {
  const Key own = channel_key(key, channel);
  constexpr std::size_t kRow = kernels::kSegment;
  std::vector<float> noise;
  noise.reserve(count);
  alignas(64) std::array<float, kRow> row;  // the kernel stores whole aligned vectors
  for (std::size_t done = 0; done < count; done += kRow) {
    const std::size_t here = std::min(kRow, count - done);
    kernels::gaussian_row(own, 0, static_cast<int>(done / kRow % 65536), static_cast<int>(done / kRow / 65536), static_cast<int>(here), row.data());
    noise.insert(noise.end(), row.begin(), row.begin() + static_cast<std::ptrdiff_t>(here));
  }
  return noise;
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
  for (std::size_t i = 0; i < length; ++i) {
    const double at = static_cast<double>(i) * step;
    const std::size_t k = std::min(static_cast<std::size_t>(at), points.size() - 2);
    const double b = at - static_cast<double>(k), a = 1 - b;
    curve[i] = a * points[k] + b * points[k + 1] + ((a * a * a - a) * bend[k] + (b * b * b - b) * bend[k + 1]) / 6;
  }
  return curve;
}

std::vector<TimePiece> pieces_through(std::span<const double> times) {
  std::vector<TimePiece> pieces;
  pieces.reserve(times.size());
  for (std::size_t i = 0; i < times.size(); ++i)
    pieces.push_back({static_cast<double>(i), times[i], i + 1 < times.size() ? times[i + 1] - times[i] : 0});
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
