#include "kernels/color_run.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "core/exact_powers.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/color_run.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/hue_inl.hpp"
#include "kernels/prefetch.hpp"
#include "kernels/simd_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

using Float = hn::ScalableTag<float>;
using FloatVec = hn::Vec<Float>;
using Int = hn::RebindToSigned<Float>;
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
constexpr std::size_t kPixels = 16;  ///< at a time: a multiple of every target's float lanes
#else
using Bytes = hn::ScalableTag<std::uint8_t>;
constexpr std::size_t kPixels = HWY_LANES(std::uint8_t);
#endif
constexpr std::size_t kStretch = 1024;  ///< pixels: a small part of the first-level cache
constexpr std::size_t kTogether = 2;  ///< vectors side by side, as each is one long chain of dependent operations

struct Colours {
  FloatVec of[3][kTogether];
};

HWY_INLINE void apply(const ClampedAffine& step, Colours& colours) {
  const Float d;
  for (std::size_t c = 0; c < 3; ++c) {
    const auto gain = hn::Set(d, step.gain[c]), offset = hn::Set(d, step.offset[c]);
    for (FloatVec& x : colours.of[c]) x = hn::Add(hn::Mul(x, gain), offset);
    if (!step.clamp) continue;
    const auto low = hn::Set(d, step.low[c]), high = hn::Set(d, step.high[c]);
    for (FloatVec& x : colours.of[c]) x = hn::Min(hn::Max(x, low), high);
  }
}

HWY_INLINE FloatVec weighed(const float* w, const Colours& colours, std::size_t k) {
  const Float d;
  return hn::Add(hn::Add(hn::Mul(colours.of[0][k], hn::Set(d, w[0])), hn::Mul(colours.of[1][k], hn::Set(d, w[1]))),
                 hn::Mul(colours.of[2][k], hn::Set(d, w[2])));
}

HWY_INLINE void clamp_levels(Colours& colours) {
  const Float d;
  for (auto& channel : colours.of)
    for (FloatVec& x : channel) x = hn::Min(hn::Max(x, hn::Zero(d)), hn::Set(d, 255.0f));
}

HWY_INLINE void apply(const ColorMix& step, Colours& colours) {
  const Float d;
  for (std::size_t k = 0; k < kTogether; ++k) {
    FloatVec mixed[3];
    for (std::size_t c = 0; c < 3; ++c) mixed[c] = hn::Add(weighed(&step.m[4 * c], colours, k), hn::Set(d, step.m[4 * c + 3]));
    for (std::size_t c = 0; c < 3; ++c) colours.of[c][k] = mixed[c];
  }
  if (step.clamp) clamp_levels(colours);
}

HWY_INLINE void apply(const GreyBlend& step, Colours& colours) {
  const Float d;
  for (std::size_t k = 0; k < kTogether; ++k) {
    const auto grey = weighed(step.weights.data(), colours, k), own = hn::Set(d, step.own);
    for (auto& channel : colours.of) channel[k] = step.own == 0 ? grey : hn::Add(hn::Mul(channel[k], own), grey);
  }
  if (step.clamp) clamp_levels(colours);
}

HWY_INLINE void apply(const HueTurn& step, Colours& colours) {
  const Float d;
  for (std::size_t k = 0; k < kTogether; ++k)
    turn_hue(hn::Set(d, step.sixths), step.sixths >= 0, colours.of[0][k], colours.of[1][k], colours.of[2][k]);
}

/// table[last four bits of at].
HWY_INLINE FloatVec entry_of(const std::array<float, 16>& table, hn::Vec<Int> at) {
  const Float d;
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
  return hn::TableLookupLanes(hn::Load(d, table.data()), hn::IndicesFromVec(d, at));
#elif HWY_TARGET == HWY_AVX2
  const Int di;
  const auto within = hn::IndicesFromVec(d, hn::And(at, hn::Set(di, 7)));
  return hn::IfThenElse(hn::RebindMask(d, hn::TestBit(at, hn::Set(di, 8))), hn::TableLookupLanes(hn::Load(d, table.data() + 8), within),
                        hn::TableLookupLanes(hn::Load(d, table.data()), within));
#else
  return hn::GatherIndex(d, table.data(), hn::And(at, hn::Set(Int(), 15)));
#endif
}

HWY_INLINE void apply(const ColorPower& step, Colours& colours) {
  const Int di;
  for (std::size_t c = 0; c < 3; ++c) {
    const PowerCubics& power = *step.of[c];
    const auto lowest = hn::Set(Float(), power.lowest);
    for (FloatVec& x : colours.of[c]) {
      const auto at = hn::ShiftRightSame(hn::BitCast(di, hn::Max(x, lowest)), power.shift);
      auto sum = entry_of(power.terms[2], at);
      if (power.cubic) sum = hn::Add(hn::Mul(entry_of(power.terms[3], at), x), sum);
      sum = hn::Add(hn::Mul(sum, x), entry_of(power.terms[1], at));
      x = hn::Add(hn::Mul(sum, x), entry_of(power.terms[0], at));
    }
  }
}

/// To the nearest of 0 … 255, half to even.
HWY_INLINE auto stored(FloatVec x) {
  const hn::RebindToUnsigned<Float> du;
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
  return hn::U8FromU32(hn::BitCast(du, nearest_int(Float(), x)));
#else
  return hn::U8FromU32(hn::BitCast(du, hn::NearestInt(x)));
#endif
}

/// A stretch of pixels, a run of bytes a channel. What one loop stores the next one loads, long after it has gone to the cache:
/// a wide load just behind several narrow stores would have to wait for them.
struct alignas(64) Stretch {
  std::uint8_t of[3][kStretch];
};

/// `pixels` is a multiple of kPixels.
HWY_INLINE void split(const std::uint8_t* in, std::size_t pixels, Stretch& out) {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
  for (std::size_t i = 0; i < pixels; ++i)
    for (std::size_t c = 0; c < 3; ++c) out.of[c][i] = in[3 * i + c];
#else
  const Bytes d;
  for (std::size_t i = 0; i < pixels; i += kPixels) {
    prefetch(reinterpret_cast<const std::byte*>(in + 3 * i) + kPrefetchAhead, 3 * kPixels);
    hn::Vec<Bytes> r, g, b;
    hn::LoadInterleaved3(d, in + 3 * i, r, g, b);
    hn::Store(r, d, out.of[0] + i);
    hn::Store(g, d, out.of[1] + i);
    hn::Store(b, d, out.of[2] + i);
  }
#endif
}

/// The three runs, or the first in place of all.
template <std::size_t kChannels>
HWY_INLINE void join(const Stretch& in, std::size_t pixels, std::uint8_t* out) {
  const std::uint8_t *r = in.of[0], *g = in.of[kChannels == 1 ? 0 : 1], *b = in.of[kChannels == 1 ? 0 : 2];
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
  for (std::size_t i = 0; i < pixels; ++i)
    out[3 * i] = r[i], out[3 * i + 1] = g[i], out[3 * i + 2] = b[i];
#else
  const Bytes d;
  for (std::size_t i = 0; i < pixels; i += kPixels) hn::StoreInterleaved3(hn::Load(d, r + i), hn::Load(d, g + i), hn::Load(d, b + i), d, out + 3 * i);
#endif
}

/// kChannels: how many come out, 1 or 3. A template, or GCC would keep `colours` in memory.
template <std::size_t kChannels>
HWY_INLINE void change(Stretch& stretch, std::size_t pixels, std::span<const ColorStep> steps) {
  const Float d;
  const Int di;
  const hn::Rebind<std::uint8_t, Float> dt;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < pixels; i += kTogether * lanes) {
    Colours colours;
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t k = 0; k < kTogether; ++k)
        colours.of[c][k] = hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(dt, stretch.of[c] + i + k * lanes)));
    for (const ColorStep& step : steps) {
      switch (step.index()) {
        case 0: apply(*std::get_if<0>(&step), colours); break;
        case 1: apply(*std::get_if<1>(&step), colours); break;
        case 2: apply(*std::get_if<2>(&step), colours); break;
        case 3: apply(*std::get_if<3>(&step), colours); break;
        case 4: apply(*std::get_if<4>(&step), colours); break;
      }
    }
    for (std::size_t c = 0; c < kChannels; ++c)
      for (std::size_t k = 0; k < kTogether; ++k) hn::StoreU(stored(colours.of[c][k]), dt, stretch.of[c] + i + k * lanes);
  }
}

template <std::size_t kChannels>
void run_channels(const std::uint8_t* in, std::size_t pixels, std::span<const ColorStep> steps, std::uint8_t* out) {
  Stretch stretch;
  std::size_t i = 0;
  for (std::size_t some = 0; i + kPixels <= pixels; i += some) {
    some = std::min(kStretch, (pixels - i) / kPixels * kPixels);
    split(in + 3 * i, some, stretch);
    change<kChannels>(stretch, some, steps);
    join<kChannels>(stretch, some, out + 3 * i);
  }
  if (i == pixels) return;
  std::uint8_t tail[3 * kPixels] = {};
  std::memcpy(tail, in + 3 * i, 3 * (pixels - i));
  split(tail, kPixels, stretch);
  change<kChannels>(stretch, kPixels, steps);
  join<kChannels>(stretch, kPixels, tail);
  std::memcpy(out + 3 * i, tail, 3 * (pixels - i));
}

void run_colors(const std::uint8_t* in, std::size_t pixels, std::span<const ColorStep> steps, std::uint8_t* out) {
  const auto* last = std::get_if<GreyBlend>(&steps.back());
  if (last && last->own == 0) run_channels<1>(in, pixels, steps, out);
  else run_channels<3>(in, pixels, steps, out);
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(run_colors);

void color_run_bytes(const std::uint8_t* in, std::size_t pixels, std::span<const ColorStep> steps, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(run_colors)(in, pixels, steps, out);
}

HueTurn hue_turn(double turns) {
  const double sixths = 6 * (turns - std::floor(turns));
  return {static_cast<float>(sixths > 3 ? sixths - 6 : sixths)};
}

std::optional<PowerCubics> power_cubics(double a) {
  // Two stretches an octave above 1, or, where it is steep near black, one above 2^−8.
  if (!(a >= 0.5 && a <= 4)) return std::nullopt;
  PowerCubics power;
  const bool steep = a < 0.75;
  power.cubic = a < 0.75 || a > 1.5;
  power.shift = steep ? 23 : 22;
  power.lowest = steep ? 0x1p-8f : 1.0f;
  const auto first = static_cast<std::size_t>(std::bit_cast<std::uint32_t>(power.lowest) >> power.shift);
  const auto starts_at = [&](std::size_t s) { return s == 0 ? 0.0 : static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>((first + s) << power.shift))); };
  // Through points of its own, those of Chebyshev but for the lowest, which begins at 0.
  constexpr std::array<double, 4> kCubic{0.038060233744356624, 0.30865828381745514, 0.6913417161825449, 0.9619397662556434};
  constexpr std::array<double, 4> kQuadratic{0.0669872981077807, 0.5, 0.9330127018922193, 0.9330127018922193};
  constexpr std::array<double, 4> kLowestCubic{0, 0.25, 0.6, 0.95}, kLowestQuadratic{0, 0.4, 0.95, 0.95};
  std::array<double, 64> x{}, y{};
  for (std::size_t s = 0; s < 16; ++s) {
    const double from = starts_at(s), length = starts_at(s + 1) - from;
    for (std::size_t i = 0; i < 4; ++i) x[4 * s + i] = from + length * (s == 0 ? (power.cubic ? kLowestCubic : kLowestQuadratic) : (power.cubic ? kCubic : kQuadratic))[i];
  }
  std::ranges::transform(x, y.begin(), [](double level) { return level / 255; });
  exact::raise_to(a, y);
  for (std::size_t s = 0; s < 16; ++s) {
    const double *at = &x[4 * s], *value = &y[4 * s];
    std::array<double, 4> newton{255 * value[0], 255 * value[1], 255 * value[2], 255 * value[3]};  // divided differences
    const std::size_t count = power.cubic ? 4 : 3;
    for (std::size_t order = 1; order < count; ++order)
      for (std::size_t i = count - 1; i >= order; --i) newton[i] = (newton[i] - newton[i - 1]) / (at[i] - at[i - order]);
    std::array<double, 4> terms{newton[count - 1], 0, 0, 0};
    for (std::size_t i = count - 1; i-- > 0;) {  // times (x − at[i]), plus newton[i]
      for (std::size_t k = 3; k > 0; --k) terms[k] = terms[k - 1] - at[i] * terms[k];
      terms[0] = newton[i] - at[i] * terms[0];
    }
    for (std::size_t k = 0; k < 4; ++k) power.terms[k][(first + s) % 16] = static_cast<float>(terms[k]);
  }
  return power;
}

}  // namespace leaven::kernels
#endif
