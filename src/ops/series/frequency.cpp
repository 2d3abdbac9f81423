// Series changed where they are sums of oscillations.
// Theiler et al., "Testing for nonlinearity in time series: the method of surrogate data", Physica D 58, 1992 (phases, AAFT);
// Schreiber and Schmitz, "Improved surrogate data for nonlinearity tests", Physical Review Letters 77(4), 1996 (IAAFT).
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/exact_math.hpp"
#include "kernels/fft.hpp"
#include "ops/series/channel.hpp"

namespace leaven::ops {
namespace {

using Spectrum = std::vector<std::complex<double>>;
constexpr double kTurn = 6.28318530717958647692;

namespace series_frequency_mask {
struct Op {
  double low = 0.2;
  double width = 0.1;
};
constexpr auto fields = std::array{
    field<&Op::low>("low", {.doc = "Where the band begins, as a share of the highest frequency", .lo = 0, .hi = 1, .unit = "fraction", .draw = uniform(0.05, 0.9)}),
    field<&Op::width>("width", {.doc = "Width of the band that is taken out", .lo = 0, .hi = 1, .unit = "fraction", .neutral = 0, .strong = 0.4, .draw = uniform(0.02, 0.15)})};
Nodes lower(const Op& op, const Site&) {
  if (op.width == 0) return {};
  return only(SeriesValues{[op](std::span<double> values, std::size_t, std::span<const double>) {
    const std::vector<double> filled = without_gaps(values);
    if (filled.size() < 2) return;
    Spectrum spectrum = kernels::spectrum_of(filled);
    const double highest = static_cast<double>(spectrum.size()) - 1;
    for (std::size_t k = 1; k < spectrum.size(); ++k) {
      const double share = static_cast<double>(k) / highest;
      if (share >= op.low && share < op.low + op.width) spectrum[k] = 0;
    }
    put_where_present(values, kernels::series_of(spectrum, filled.size()));
  }});
}
}  // namespace series_frequency_mask

namespace series_surrogate {
enum class Method : std::uint8_t { phases, aaft, iaaft };
constexpr std::array<std::string_view, 3> kMethodNames{"phases", "aaft", "iaaft"};
struct Op {
  Method method = Method::iaaft;
  int rounds = 100;
};
constexpr auto fields = std::array{
    field<&Op::method>("method", {.doc = "Random phases, or with the distribution of values kept as well, once or by iteration", .choices = kMethodNames}),
    field<&Op::rounds>("rounds", {.doc = "Most rounds of iaaft; it ends as soon as nothing changes", .lo = 1, .hi = 10000, .unit = "1"})};

/// The same phases for every channel, so that channels stay correlated as they are (Prichard and Theiler 1994).
void turn_phases(Spectrum& spectrum, std::size_t n, Key key) {
  for (std::size_t k = 1; k < spectrum.size(); ++k) {
    if (2 * k == n) continue;  // the highest frequency of even lengths is real
    const double angle = kTurn * draw_unit(key, k);
    spectrum[k] *= std::complex<double>(exact::cos(angle), exact::sin(angle));
  }
}

std::vector<std::size_t> order_of(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return values[a] < values[b] || (values[a] == values[b] && a < b); });
  return order;
}

/// The sorted values in the order of another series.
std::vector<double> ranked_like(const std::vector<double>& sorted, std::span<const double> like) {
  const std::vector<std::size_t> order = order_of(like);
  std::vector<double> out(like.size());
  for (std::size_t rank = 0; rank < order.size(); ++rank) out[order[rank]] = sorted[rank];
  return out;
}

std::vector<double> with_random_phases(std::span<const double> values, Key key) {
  Spectrum spectrum = kernels::spectrum_of(values);
  turn_phases(spectrum, values.size(), key);
  return kernels::series_of(spectrum, values.size());
}

std::vector<double> aaft(const std::vector<double>& values, const std::vector<double>& sorted, Key key, std::size_t channel) {
  const std::vector<float> drawn = normals(key, channel, values.size());
  std::vector<double> gaussian(drawn.begin(), drawn.end());
  std::ranges::sort(gaussian);
  return ranked_like(sorted, with_random_phases(ranked_like(gaussian, values), key));
}

std::vector<double> iaaft(const std::vector<double>& values, const std::vector<double>& sorted, Key key, int rounds) {
  const Spectrum wanted = kernels::spectrum_of(values);
  std::vector<double> now = ranked_like(sorted, with_random_phases(values, key));
  std::vector<std::size_t> order;
  for (int round = 0; round < rounds; ++round) {
    Spectrum spectrum = kernels::spectrum_of(now);
    for (std::size_t k = 0; k < spectrum.size(); ++k) {
      const double size = std::abs(spectrum[k]);
      spectrum[k] = size > 0 ? spectrum[k] * (std::abs(wanted[k]) / size) : wanted[k];
    }
    const std::vector<double> shaped = kernels::series_of(spectrum, now.size());
    std::vector<std::size_t> next = order_of(shaped);
    for (std::size_t rank = 0; rank < next.size(); ++rank) now[next[rank]] = sorted[rank];
    if (next == order) break;
    order = std::move(next);
  }
  return now;
}

Nodes lower(const Op& op, const Site& at) {
  return only(SeriesValues{[op, key = at.key](std::span<double> values, std::size_t channel, std::span<const double>) {
    const std::vector<double> filled = without_gaps(values);
    if (filled.size() < 4) return;
    std::vector<double> sorted = filled;
    std::ranges::sort(sorted);
    put_where_present(values, op.method == Method::phases ? with_random_phases(filled, key)
                              : op.method == Method::aaft ? aaft(filled, sorted, key, channel)
                                                          : iaaft(filled, sorted, key, op.rounds));
  }});
}
}  // namespace series_surrogate

}  // namespace

void add_series_frequency(OpTable& t) {
  t.add(op<series_frequency_mask::Op, series_frequency_mask::lower>(
      {.name = "series_frequency_mask",
       .summary = "Take a band of frequencies out",
       .detail = "The Fourier transform's coefficients in the band become 0; the mean stays. Gaps are bridged for the transform, and "
                 "are gaps again afterwards.",
       .family = "series",
       .example = "series_frequency_mask: {width: 0.1}",
       .domain = Domain::series,
       .node = NodeKind::series_values,
       .fields = series_frequency_mask::fields}));
  t.add(op<series_surrogate::Op, series_surrogate::lower>(
      {.name = "series_surrogate",
       .summary = "Another series of the same power spectrum: phase surrogates",
       .detail = "phases: every frequency's phase is drawn anew, the same for all channels, so that power spectra and linear "
                 "correlations stay. aaft (Theiler et al. 1992) and iaaft (Schreiber and Schmitz 1996): the values themselves stay as "
                 "well, in another order. What happens when is lost: for classes that differ by their spectrum alone.",
       .family = "series",
       .example = "series_surrogate: {method: iaaft}",
       .domain = Domain::series,
       .node = NodeKind::series_values,
       .fields = series_surrogate::fields}));
}

}  // namespace leaven::ops
