// Bands of frequencies made louder or softer.
#include <algorithm>
#include <array>
#include <vector>

#include "ops/families.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {
namespace {

namespace band_gain {
struct Op {
  double low = 1, middle = 1, high = 1;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::low>("low", {.doc = "Gain of waves of 8 to 16 px", .lo = 0, .hi = 16, .unit = "factor", .neutral = 1, .strong = 4,
        .draw = log_uniform(0.4, 2.5)}),
    field<&Op::middle>("middle", {.doc = "Gain of waves of 4 to 8 px", .lo = 0, .hi = 16, .unit = "factor", .neutral = 1, .strong = 4,
        .draw = log_uniform(0.4, 2.5)}),
    field<&Op::high>("high", {.doc = "Gain of waves of 2 to 4 px", .lo = 0, .hi = 16, .unit = "factor", .neutral = 1, .strong = 4,
        .draw = log_uniform(0.4, 2.5)})};
// clang-format on

using Taps = std::vector<double>;

Taps convolved(const Taps& a, const Taps& b) {
  Taps out(a.size() + b.size() - 1);
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t k = 0; k < b.size(); ++k) out[i + k] += a[i] * b[k];
  return out;
}

/// The low pass of the symlet with two vanishing moments (Daubechies 1992), or its mirror for the upper half.
Taps half_band(bool upper) {
  Taps taps{-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314469025};
  for (std::size_t i = 1; upper && i < taps.size(); i += 2) taps[i] = -taps[i];
  Taps reversed(taps.rbegin(), taps.rend()), power = convolved(taps, reversed);
  for (double& tap : power) tap /= 2;
  return power;
}

/// Without phase, 43 taps of sum 1; gains of 1 leave the middle one alone.
Taps filter_of(const Op& op) {
  const Taps lower = half_band(false), upper = half_band(true);
  Taps taps{1};
  for (const double gain : {op.low, op.middle, op.high}) {
    Taps wide(2 * taps.size() - 1);
    for (std::size_t i = 0; i < taps.size(); ++i) wide[2 * i] = taps[i];
    taps = convolved(wide, lower);
    const std::size_t first = (taps.size() - upper.size()) / 2;
    for (std::size_t i = 0; i < upper.size(); ++i) taps[first + i] += gain * upper[i];
  }
  return taps;
}

/// Adds `tap` times `count` floats.
void add(float* to, const float* from, float tap, int count) {
  for (int i = 0; i < count; ++i) to[i] += tap * from[i];
}

void filter(Plane& plane, const std::vector<float>& taps) {
  const int width = plane.width(), height = plane.height(), reach = static_cast<int>(taps.size() / 2);
  Plane along(width, height, 0);
  std::vector<float> wide(static_cast<std::size_t>(width + 2 * reach));
  for (int y = 0; y < height; ++y) {
    for (int i = 0; i < width + 2 * reach; ++i) wide[static_cast<std::size_t>(i)] = plane.at(mirrored(i - reach, width), y);
    for (std::size_t t = 0; t < taps.size(); ++t) add(along.row(y), wide.data() + t, taps[t], width);
  }
  for (int y = 0; y < height; ++y) {
    std::fill_n(plane.row(y), width, 0.0f);
    for (std::size_t t = 0; t < taps.size(); ++t)
      add(plane.row(y), along.row(mirrored(y + static_cast<int>(t) - reach, height)), taps[t], width);
  }
}

Nodes lower(const Op& op, const Site&) {
  if (op.low == 1 && op.middle == 1 && op.high == 1) return {};
  const Taps exact = filter_of(op);
  return on_each_plane([taps = std::vector<float>(exact.begin(), exact.end())](Plane& plane) { filter(plane, taps); });
}
}  // namespace band_gain

}  // namespace

void add_bands(OpTable& t) {
  t.add(op<band_gain::Op, band_gain::lower>(
      {.name = "band_gain",
       .summary = "Make bands of spatial frequencies louder or softer",
       .detail = "Along rows, then columns, by a filter without phase that splits each half of the frequencies again with the "
                 "symlet of two vanishing moments, waves longer than 16 px as they are (the image-space filter of Karras et al. 2020, "
                 "\"Training generative adversarial networks with limited data\"). Borders are reflected, alpha stays.",
       .family = "blur",
       .example = "band_gain: {high: 2}",
       .node = NodeKind::opaque,
       .fields = band_gain::fields}));
}

}  // namespace leaven::ops
