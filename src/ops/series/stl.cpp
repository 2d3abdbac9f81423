// Trend, season and remainder, put together anew.
// Cleveland, Cleveland, McRae, Terpenning, "STL: a seasonal-trend decomposition procedure based on loess", Journal of Official
// Statistics 6(1), 1990; Bergmeir, Hyndman, Benítez, "Bagging exponential smoothing methods using STL decomposition and Box–Cox
// transformation", International Journal of Forecasting 32(2), 2016.
#include <algorithm>
#include <array>
#include <cmath>

#include "ops/series/channel.hpp"

namespace leaven::ops {
namespace {

/// Local straight lines with tricube weights over the `window` nearest of evenly spaced values; at `where`, which may lie one
/// step outside.
double loess_at(std::span<const double> y, std::size_t window, double where) {
  const auto n = static_cast<double>(y.size());
  const double span = std::min(static_cast<double>(window), n);
  const double first = std::clamp(std::ceil(where - span / 2), 0.0, n - span);
  double reach = std::max(where - first, first + span - 1 - where);
  if (static_cast<double>(window) > n) reach += (static_cast<double>(window) - n) / 2;
  double sum = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
  for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(first + span); ++i) {
    const double x = static_cast<double>(i) - where, r = reach > 0 ? std::fabs(x) / reach : 0;
    const double rest = 1 - r * r * r;
    const double w = r < 1 ? rest * rest * rest : 0;
    sum += w, sum_x += w * x, sum_y += w * y[i], sum_xx += w * x * x, sum_xy += w * x * y[i];
  }
  if (sum <= 0) return y[static_cast<std::size_t>(std::clamp(std::nearbyint(where), 0.0, n - 1))];
  const double spread = sum * sum_xx - sum_x * sum_x;
  return spread > 1e-12 * sum * sum_xx ? (sum_xx * sum_y - sum_x * sum_xy) / spread : sum_y / sum;
}

std::vector<double> loess(std::span<const double> y, std::size_t window) {
  std::vector<double> smooth(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) smooth[i] = loess_at(y, window, static_cast<double>(i));
  return smooth;
}

std::vector<double> moving_mean(std::span<const double> y, std::size_t size) {
  std::vector<double> out;
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    sum += y[i];
    if (i + 1 < size) continue;
    out.push_back(sum / static_cast<double>(size));
    sum -= y[i + 1 - size];
  }
  return out;
}

std::size_t odd_from(double least) {
  auto size = static_cast<std::size_t>(std::ceil(least));
  return size + (size % 2 == 0 ? 1 : 0);
}

struct Parts {
  std::vector<double> trend{}, season{}, remainder{};
};

/// The inner loop of STL, twice; the robustness weights of the outer loop are left out, as they serve outliers.
Parts decompose(std::span<const double> y, std::size_t period) {
  constexpr std::size_t kSeasonWindow = 7;
  const std::size_t n = y.size();
  const std::size_t trend_window = odd_from(1.5 * static_cast<double>(period) / (1 - 1.5 / static_cast<double>(kSeasonWindow)));
  Parts parts{std::vector<double>(n), std::vector<double>(n), std::vector<double>(n)};
  if (period < 2 || n < 2 * period) {
    parts.trend = loess(y, odd_from(std::max(5.0, static_cast<double>(n) / 4)));
  } else {
    for (int round = 0; round < 2; ++round) {
      std::vector<double> cycle(n + 2 * period);  // a cycle more at each end
      for (std::size_t phase = 0; phase < period; ++phase) {
        std::vector<double> sub;
        for (std::size_t i = phase; i < n; i += period) sub.push_back(y[i] - parts.trend[i]);
        for (std::size_t k = 0; k < sub.size() + 2; ++k)
          if (const std::size_t at = phase + k * period; at < cycle.size()) cycle[at] = loess_at(sub, kSeasonWindow, static_cast<double>(k) - 1);
      }
      const std::vector<double> low = loess(moving_mean(moving_mean(moving_mean(cycle, period), period), 3), odd_from(static_cast<double>(period)));
      for (std::size_t i = 0; i < n; ++i) parts.season[i] = cycle[i + period] - low[i];
      std::vector<double> without(n);
      for (std::size_t i = 0; i < n; ++i) without[i] = y[i] - parts.season[i];
      parts.trend = loess(without, trend_window);
    }
  }
  for (std::size_t i = 0; i < n; ++i) parts.remainder[i] = y[i] - parts.trend[i] - parts.season[i];
  return parts;
}

/// The distance in time at which the series is most like itself; 0 when none stands out.
std::size_t period_of(std::span<const double> y) {
  const ChannelSpread spread = spread_of(y);
  if (spread.std == 0) return 0;
  const std::size_t longest = std::min<std::size_t>(y.size() / 2, 1000);
  const auto likeness = [&](std::size_t lag) {
    double sum = 0;
    for (std::size_t i = 0; i + lag < y.size(); ++i) sum += (y[i] - spread.mean) * (y[i + lag] - spread.mean);
    return sum / (spread.std * spread.std * static_cast<double>(y.size() - lag));
  };
  std::size_t best = 0;
  double highest = 0.3, before = likeness(1), now = likeness(2);
  for (std::size_t lag = 2; lag + 1 <= longest; ++lag) {
    const double next = likeness(lag + 1);
    if (now > before && now >= next && now > highest + 0.05) best = lag, highest = now;  // multiples of the period are as good
    before = now;
    now = next;
  }
  return best;
}

namespace series_recompose {
struct Op {
  int period = 0;
  double trend = 1;
  double season = 1;
  int block = 0;
};
constexpr auto fields = std::array{
    field<&Op::period>("period", {.doc = "Samples of one season; 0: where the series is most like itself", .lo = 0, .hi = 1 << 20, .unit = "samples"}),
    field<&Op::trend>("trend", {.doc = "How strong the trend is made, about its mean", .lo = 0, .hi = 5, .unit = "factor"}),
    field<&Op::season>("season", {.doc = "How strong the season is made", .lo = 0, .hi = 5, .unit = "factor", .draw = uniform(0.9, 1.1)}),
    field<&Op::block>("block", {.doc = "Samples of a block of the remainder; 0: two seasons", .lo = 0, .hi = 1 << 20, .unit = "samples"})};

Nodes lower(const Op& op, const Site& at) {
  return only(SeriesValues{[op, key = at.key](std::span<double> values, std::size_t, std::span<const double>) {
    const std::vector<double> filled = without_gaps(values);
    const std::size_t n = filled.size();
    if (n < 8) return;
    const std::size_t period = op.period > 0 ? static_cast<std::size_t>(op.period) : period_of(filled);
    const Parts parts = decompose(filled, period);
    const std::size_t usual = period > 1 ? 2 * period : n / 4;
    const std::size_t block = std::clamp<std::size_t>(op.block > 0 ? static_cast<std::size_t>(op.block) : usual, 1, n);
    const double mean = spread_of(parts.trend).mean;
    std::vector<double> out(n);
    for (std::size_t begin = 0; begin < n; begin += block) {
      const std::size_t from = draw_below(key, n - block + 1, begin);
      for (std::size_t i = begin; i < std::min(begin + block, n); ++i)
        out[i] = mean + op.trend * (parts.trend[i] - mean) + op.season * parts.season[i] + parts.remainder[from + i - begin];
    }
    put_where_present(values, out);
  }});
}
}  // namespace series_recompose

}  // namespace

void add_series_stl(OpTable& t) {
  t.add(op<series_recompose::Op, series_recompose::lower>(
      {.name = "series_recompose",
       .summary = "Trend and season as they are, the remainder from random blocks",
       .detail = "STL (Cleveland et al. 1990; local lines, season window 7, two rounds, no robustness weights) cuts the series into "
                 "trend, season and remainder; the remainder is put together anew from random blocks (Bergmeir et al. 2016), the same "
                 "blocks in every channel, and trend and season may be made weaker or stronger.",
       .family = "series",
       .example = "series_recompose: {period: 12}",
       .domain = Domain::series,
       .node = NodeKind::series_values,
       .fields = series_recompose::fields}));
}

}  // namespace leaven::ops
