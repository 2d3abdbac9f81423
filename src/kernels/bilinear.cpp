#include "kernels/bilinear.hpp"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/bilinear.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/bilinear_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Float = hn::CappedTag<float, 16>;
using Word = hn::RebindToUnsigned<Float>;
using FloatVec = hn::Vec<Float>;
using WordVec = hn::Vec<Word>;

HWY_INLINE void fix_positions(const double* positions, int begin, int end, std::size_t count, std::int32_t* out) {
  const hn::CappedTag<double, 8> d;
  const FixedPosition fixed(d, begin, end);
  const hn::Rebind<std::int32_t, decltype(d)> di;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) hn::StoreU(hn::DemoteTo(di, fixed.of(d, hn::Load(d, positions + i))), di, out + i);
}

/// The two pixels of a row that a sample needs, as 32-bit words. T: stored sample; C: channels.
template <class T, int C>
struct Pair {
  static constexpr int kBytes = 2 * C * static_cast<int>(sizeof(T));
  static constexpr int kUnit = kBytes <= 2 ? 2 : kBytes <= 4 ? 4 : kBytes <= 8 ? 8 : 16;  ///< bytes copied at a time
  static constexpr int kUnits = (kBytes + 15) / 16;
  static constexpr int kWords = kUnit == 2 ? 1 : kUnit / 4;  ///< per unit

  /// Copies of kPoints pairs, unit by unit.
  struct alignas(64) Line {
    std::byte bytes[kUnits][kPoints * kUnit];
    void put(std::size_t i, const std::byte* pixels) {
      for (int u = 0; u < kUnits; ++u) std::memcpy(bytes[u] + i * kUnit, pixels + u * kUnit, kUnit);
    }
  };

  static HWY_INLINE void load(const Line& line, std::size_t i, WordVec (&words)[kUnits * kWords]) {
    const Word d;
    for (int u = 0; u < kUnits; ++u) {
      const std::byte* at = line.bytes[u] + i * kUnit;
      WordVec* w = words + u * kWords;
      if constexpr (kUnit == 2) {
        const hn::Rebind<std::uint16_t, Word> d16;
        w[0] = hn::PromoteTo(d, hn::Load(d16, reinterpret_cast<const std::uint16_t*>(at)));
      } else if constexpr (kUnit == 4) {
        w[0] = hn::Load(d, reinterpret_cast<const std::uint32_t*>(at));
      } else if constexpr (kUnit == 8) {
        hn::LoadInterleaved2(d, reinterpret_cast<const std::uint32_t*>(at), w[0], w[1]);
      } else {
        hn::LoadInterleaved4(d, reinterpret_cast<const std::uint32_t*>(at), w[0], w[1], w[2], w[3]);
      }
    }
  }

  /// Sample k of the pair: channels of the left pixel, then of the right one.
  template <int k>
  static HWY_INLINE FloatVec sample(const WordVec (&words)[kUnits * kWords]) {
    const Float d;
    const hn::RebindToSigned<Float> di;
    if constexpr (sizeof(T) == 4) {
      return hn::BitCast(d, words[k]);
    } else {
      constexpr int kPerWord = 4 / sizeof(T), kBits = 8 * sizeof(T);
      auto v = words[k / kPerWord];
      if constexpr (k % kPerWord != 0) v = hn::ShiftRight<kBits * (k % kPerWord)>(v);
      if constexpr (k % kPerWord != kPerWord - 1) v = hn::And(v, hn::Set(Word(), (1u << kBits) - 1));
      return hn::ConvertTo(d, hn::BitCast(di, v));
    }
  }
};

/// Where the upper left pixels lie from the first row on; false where rows do not lie evenly, or too far.
HWY_INLINE bool offsets_in(const PixelRows& source, const std::int32_t* fixed_x, const std::int32_t* fixed_y,
                           std::size_t count, std::int32_t pixel_bytes, std::int32_t* out) {
  const hn::RebindToSigned<Float> d;
  if (source.stride < 0 || source.stride * source.even_rows > (std::ptrdiff_t{1} << 30)) return false;
  const auto stride = hn::Set(d, static_cast<std::int32_t>(source.stride)), pixel = hn::Set(d, pixel_bytes);
  auto lowest = hn::Zero(d);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto row = hn::ShiftRight<16>(hn::Load(d, fixed_y + i)), column = hn::ShiftRight<16>(hn::Load(d, fixed_x + i));
    lowest = hn::Max(lowest, row);
    hn::Store(hn::Add(hn::Mul(row, stride), hn::Mul(column, pixel)), d, out + i);
  }
  return hn::GetLane(hn::MaxOfLanes(d, lowest)) + 1 < source.even_rows;
}

template <class T, int C, bool kAlpha>
struct Mixer {
  using P = Pair<T, C>;
  WordVec top[P::kUnits * P::kWords], bottom[P::kUnits * P::kWords];
  FloatVec share_x, share_y;

  /// Channel c of the mixture, in levels; with alpha, colours are levels squared.
  template <int c>
  HWY_INLINE FloatVec channel() const {
    FloatVec left0 = P::template sample<c>(top), right0 = P::template sample<C + c>(top);
    FloatVec left1 = P::template sample<c>(bottom), right1 = P::template sample<C + c>(bottom);
    if constexpr (kAlpha && c + 1 < C) {
      left0 = hn::Mul(left0, P::template sample<C - 1>(top));
      right0 = hn::Mul(right0, P::template sample<2 * C - 1>(top));
      left1 = hn::Mul(left1, P::template sample<C - 1>(bottom));
      right1 = hn::Mul(right1, P::template sample<2 * C - 1>(bottom));
    }
    return mix(mix(left0, left1, share_y), mix(right0, right1, share_y), share_x);
  }

  template <int c>
  HWY_INLINE void store(FloatVec scale, FloatVec alpha, const Planes& out, std::size_t i) const {
    const Float d;
    FloatVec v = channel<c>();
    if constexpr (kAlpha && c + 1 < C) {
      const auto some = hn::Gt(alpha, hn::Zero(d));
      v = hn::IfThenElseZero(some, hn::Div(v, hn::IfThenElse(some, alpha, hn::Set(d, 1.0f))));
    }
    hn::StoreU(hn::Mul(v, scale), d, out.channel[c] + i);
  }
};

template <class T, int C, bool kAlpha>
void mix_pixels(const PixelRows& source, const std::int32_t* fixed_x, const std::int32_t* fixed_y, std::size_t count,
                const Planes& out) {
  using P = Pair<T, C>;
  typename P::Line top, bottom;
  constexpr std::ptrdiff_t kPixel = C * sizeof(T);
  const Float d;
  const hn::RebindToSigned<Float> di;
  HWY_ALIGN std::int32_t offset[kPoints];
  if (offsets_in(source, fixed_x, fixed_y, count, kPixel, offset)) {
    const std::byte* const first = source.rows[0];
    const std::byte* const second = first + source.stride;
    const std::byte* const ahead = second + source.ahead;
    constexpr std::size_t kEvery = kPixel >= 32 ? 1 : 32 / kPixel;  // points: half of a cache line
    for (std::size_t i = 0; i < count;) {
      if (source.ahead != 0) hwy::Prefetch(ahead + offset[i]);
      for (const std::size_t end = std::min(count, i + kEvery); i < end; ++i) {
        top.put(i, first + offset[i]);
        bottom.put(i, second + offset[i]);
      }
    }
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      const std::byte* const* rows = source.rows + (fixed_y[i] >> 16);
      const std::ptrdiff_t at = (fixed_x[i] >> 16) * kPixel;
      top.put(i, rows[0] + at);
      bottom.put(i, rows[1] + at);
    }
  }
  constexpr float kFull = sizeof(T) == 1 ? 255.0f : sizeof(T) == 2 ? 65535.0f : 1.0f;
  const auto scale = hn::Set(d, 1 / kFull);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    Mixer<T, C, kAlpha> mixer;
    P::load(top, i, mixer.top);
    P::load(bottom, i, mixer.bottom);
    mixer.share_x = share_of(d, hn::Load(di, fixed_x + i));
    mixer.share_y = share_of(d, hn::Load(di, fixed_y + i));
    const auto alpha = kAlpha ? mixer.template channel<C - 1>() : scale;
    mixer.template store<0>(scale, alpha, out, i);
    if constexpr (C > 1) mixer.template store<1>(scale, alpha, out, i);
    if constexpr (C > 2) mixer.template store<2>(scale, alpha, out, i);
    if constexpr (C > 3) mixer.template store<3>(scale, alpha, out, i);
  }
}

template <class T>
void mix_typed(const PixelRows& source, const std::int32_t* x, const std::int32_t* y, std::size_t count, const Planes& out) {
  switch (source.channels) {
    case 1: return mix_pixels<T, 1, false>(source, x, y, count, out);
    case 2:
      if (source.alpha) return mix_pixels<T, 2, true>(source, x, y, count, out);
      return mix_pixels<T, 2, false>(source, x, y, count, out);
    case 3: return mix_pixels<T, 3, false>(source, x, y, count, out);
    default:
      if (source.alpha) return mix_pixels<T, 4, true>(source, x, y, count, out);
      return mix_pixels<T, 4, false>(source, x, y, count, out);
  }
}

void bilinear(const PixelRows& source, const Points& points, int n, const Planes& out) {
  HWY_ALIGN std::int32_t x[kPoints], y[kPoints];
  const auto count = static_cast<std::size_t>(n);
  fix_positions(points.x, source.x0, source.x1, count, x);
  fix_positions(points.y, source.y0, source.y1, count, y);
  switch (source.dtype) {
    case Dtype::u8: return mix_typed<std::uint8_t>(source, x, y, count, out);
    case Dtype::u16: return mix_typed<std::uint16_t>(source, x, y, count, out);
    case Dtype::f32: return mix_typed<float>(source, x, y, count, out);
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(bilinear);

bool fits_bilinear(const PixelRows& source) {
  const int width = source.x1 - source.x0, height = source.y1 - source.y0;
  return width >= 2 && height >= 2 && width <= 32767 && height <= 32767;
}

bool bilinear_stays_in_range(const PixelRows& source) {
  static_assert(255.0f * (1 / 255.0f) == 1.0f && 65535.0f * (1 / 65535.0f) == 1.0f, "the highest level becomes 1");
  return source.dtype != Dtype::f32 && !source.alpha;
}

void sample_bilinear(const PixelRows& source, const Points& points, int count, const Planes& out) {
  HWY_DYNAMIC_DISPATCH(bilinear)(source, points, count, out);
}

}  // namespace leaven::kernels
#endif
