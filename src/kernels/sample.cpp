#include "kernels/sample.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/moves.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/sample.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd_inl.hpp"
#include "kernels/taps_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

constexpr std::size_t kLine = kPoints;  // weights are kept tap by tap, one line of points each

using Float = hn::CappedTag<float, 16>;
using FloatVec = hn::Vec<Float>;

// ---------------------------------------------------------------------------------------------------- filter kernels

/// sin(π·t) for |t| ≤ 3.
HWY_INLINE FloatVec sin_pi(Float d, FloatVec t) {
  const hn::RebindToSigned<Float> di;
  const auto n = nearest_int(d, t);
  const auto r = hn::Mul(hn::Sub(t, hn::ConvertTo(d, n)), hn::Set(d, 3.14159265358979f));  // ±π/2
  const auto z = hn::Mul(r, r);
  auto p = hn::Add(hn::Mul(z, hn::Set(d, -1.0f / 39916800.0f)), hn::Set(d, 1.0f / 362880.0f));
  p = hn::Add(hn::Mul(p, z), hn::Set(d, -1.0f / 5040.0f));
  p = hn::Add(hn::Mul(p, z), hn::Set(d, 1.0f / 120.0f));
  p = hn::Add(hn::Mul(p, z), hn::Set(d, -1.0f / 6.0f));
  p = hn::Add(hn::Mul(p, z), hn::Set(d, 1.0f));
  const auto sign = hn::ShiftLeft<31>(hn::And(n, hn::Set(di, 1)));
  return hn::BitCast(d, hn::Xor(hn::BitCast(di, hn::Mul(p, r)), sign));
}

template <Filter kFilter>
HWY_INLINE FloatVec kernel_at(Float d, FloatVec t) {
  const auto one = hn::Set(d, 1.0f), zero = hn::Zero(d);
  const auto x = hn::Abs(t);
  if constexpr (kFilter == Filter::bilinear) {
    return hn::Max(hn::Sub(one, x), zero);
  } else if constexpr (kFilter == Filter::area) {
    return hn::IfThenElseZero(hn::And(hn::Gt(t, hn::Set(d, -0.5f)), hn::Le(t, hn::Set(d, 0.5f))), one);
  } else if constexpr (kFilter == Filter::bicubic) {  // Keys 1981, a = −½
    const auto near = hn::Add(hn::Mul(hn::Mul(hn::Sub(hn::Mul(hn::Set(d, 1.5f), x), hn::Set(d, 2.5f)), x), x), one);
    auto far = hn::Add(hn::Mul(hn::Set(d, -0.5f), x), hn::Set(d, 2.5f));
    far = hn::Sub(hn::Mul(far, x), hn::Set(d, 4.0f));
    far = hn::Add(hn::Mul(far, x), hn::Set(d, 2.0f));
    return hn::IfThenElse(hn::Lt(x, one), near, hn::IfThenElseZero(hn::Lt(x, hn::Set(d, 2.0f)), far));
  } else {  // Lanczos, 3 lobes: 3·sin(πx)·sin(πx/3) / (πx)²
    const auto limited = hn::Min(x, hn::Set(d, 3.0f));
    const auto waves = hn::Mul(sin_pi(d, limited), sin_pi(d, hn::Mul(limited, hn::Set(d, 1.0f / 3.0f))));
    const auto small = hn::Lt(limited, hn::Set(d, 1e-4f));
    const auto square = hn::Mul(hn::Mul(limited, limited), hn::Set(d, 9.86960440108936f / 3.0f));
    const auto value = hn::Div(waves, hn::IfThenElse(small, one, square));
    return hn::IfThenElseZero(hn::Lt(x, hn::Set(d, 3.0f)), hn::IfThenElse(small, one, value));
  }
}

// ----------------------------------------------------------------------------------------------------------- weights

struct Axis {
  double reach;      // radius · footprint
  float shrink;      // 1 / footprint
  int taps;          // weights per point
  int begin, end;    // pixels that exist
  std::int32_t* first;
  float* offset;     // first − position, in pixel centres
  float* weights;    // weights[tap · kLine + point]
  float* sums;
};

/// First tap of every point and its distance.
HWY_INLINE void place_taps(const Axis& axis, const double* positions, std::size_t count) {
  const hn::CappedTag<double, 8> d;
  const hn::Rebind<float, decltype(d)> df;
  const hn::Rebind<std::int32_t, decltype(d)> di;
  const auto reach = hn::Set(d, axis.reach), half = hn::Set(d, 0.5), one = hn::Set(d, 1.0);
  const auto lowest = hn::Set(d, static_cast<double>(axis.begin));
  const auto highest = hn::Set(d, static_cast<double>(HWY_MAX(axis.begin, axis.end - axis.taps)));
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto s = hn::Sub(hn::Load(d, positions + i), half);
    auto first = hn::Add(hn::Floor(hn::Sub(s, reach)), one);
    first = hn::Min(hn::Max(first, lowest), highest);
    hn::StoreU(hn::DemoteTo(di, first), di, axis.first + i);
    hn::StoreU(hn::DemoteTo(df, hn::Sub(first, s)), df, axis.offset + i);
  }
}

/// Where no pixel has weight (a box that meets no centre, a point on the far edge), the nearest one counts.
HWY_INLINE void mend_empty(const Axis& axis, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (axis.sums[i] != 0) continue;
    const int nearest_tap = static_cast<int>(-axis.offset[i] + 0.5f);
    const int last = HWY_MIN(axis.taps, axis.end - axis.first[i]) - 1;
    axis.weights[static_cast<std::size_t>(HWY_MIN(HWY_MAX(nearest_tap, 0), last)) * kLine + i] = 1;
    axis.sums[i] = 1;
  }
}

template <Filter kFilter>
HWY_INLINE void weigh(const Axis& axis, std::size_t count) {
  const Float d;
  const hn::RebindToSigned<Float> di;
  const auto shrink = hn::Set(d, axis.shrink);
  const bool may_overhang = axis.end - axis.begin < axis.taps;
  auto empty = hn::Zero(d);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    auto at = hn::Load(d, axis.offset + i);
    auto sum = hn::Zero(d);
    for (int t = 0; t < axis.taps; ++t) {
      auto w = kernel_at<kFilter>(d, hn::Mul(at, shrink));
      if (may_overhang) {
        const auto index = hn::Add(hn::Load(di, axis.first + i), hn::Set(di, t));
        w = hn::IfThenElseZero(hn::RebindMask(d, hn::Lt(index, hn::Set(di, axis.end))), w);
      }
      hn::Store(w, d, axis.weights + static_cast<std::size_t>(t) * kLine + i);
      sum = hn::Add(sum, w);
      at = hn::Add(at, hn::Set(d, 1.0f));
    }
    hn::Store(sum, d, axis.sums + i);
    empty = hn::Or(empty, hn::VecFromMask(d, hn::Eq(sum, hn::Zero(d))));
  }
  const hn::RebindToSigned<Float> dbits;
  if (!hn::AllTrue(dbits, hn::Eq(hn::BitCast(dbits, empty), hn::Zero(dbits)))) mend_empty(axis, count);
}

HWY_INLINE void weigh_any(Filter filter, const Axis& axis, const double* positions, std::size_t count) {
  place_taps(axis, positions, count);
  switch (filter) {
    case Filter::area: return weigh<Filter::area>(axis, count);
    case Filter::bicubic: return weigh<Filter::bicubic>(axis, count);
    case Filter::lanczos: return weigh<Filter::lanczos>(axis, count);
    default: return weigh<Filter::bilinear>(axis, count);
  }
}

/// Weights of groups of four taps side by side for every point: [group][point][4], divided by all sums and the scale.
HWY_INLINE void gather_weights(const Axis& x, const Axis& y, float scale, std::size_t count, float* out) {
  const Float d;
  const auto one = hn::Set(d, 1.0f), vscale = hn::Set(d, scale), zero = hn::Zero(d);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto total = hn::Mul(hn::Mul(hn::Load(d, x.sums + i), hn::Load(d, y.sums + i)), vscale);
    const auto norm = hn::Div(one, total);
    const auto tap = [&](int t) HWY_ATTR {
      return t < x.taps ? hn::Mul(hn::Load(d, x.weights + static_cast<std::size_t>(t) * kLine + i), norm) : zero;
    };
    for (int t = 0; t < x.taps; t += 4)
      hn::StoreInterleaved4(tap(t), tap(t + 1), tap(t + 2), tap(t + 3), d,
                            out + (static_cast<std::size_t>(t) * kLine + i * 4));
  }
}

// ---------------------------------------------------------------------------------------------------------- sampling

struct Work {
  const std::int32_t *first_x, *first_y;
  const float* weights_x;  // [group][point][4]
  const float* weights_y;  // [tap][point]
  int taps_x, taps_y;
};

/// Colour times alpha; alpha times full scale, so that both have the same unit.
template <class B>
HWY_INLINE typename B::V weigh_by_alpha(typename B::V v, float full) {
  const typename B::D d;
  if constexpr (B::kPerPixel == 2) {
    return hn::Mul(v, hn::OddEven(hn::Set(d, full), hn::DupOdd(v)));
  } else {
    HWY_ALIGN static constexpr std::uint32_t kAlphaLane[4] = {0, 0, 0, 0xffffffffu};
    const auto is_alpha = hn::MaskFromVec(hn::BitCast(d, hn::LoadDup128(hn::RebindToUnsigned<typename B::D>(), kAlphaLane)));
    return hn::Mul(v, hn::IfThenElse(is_alpha, hn::Set(d, full), hn::Broadcast<3>(v)));
  }
}

template <class T, int C, int kTaps, bool kAlpha>
HWY_INLINE void sample_blocks(const PixelRows& source, const Work& work, std::size_t count, float* out) {
  using B = Block<T, C, kTaps>;
  const typename B::D d;
  constexpr float kFull = sizeof(T) == 1 ? 255.0f : sizeof(T) == 2 ? 65535.0f : 1.0f;
  constexpr std::size_t kStep = B::kPerPixel;
  for (std::size_t i = 0; i < count; ++i) {
    const std::byte* const* rows = source.rows + (work.first_y[i] - source.y0);
    const std::ptrdiff_t column = std::ptrdiff_t{work.first_x[i] - source.x0} * C;
    typename B::V total[B::kParts];
    for (int t = 0; t < work.taps_x; t += 4) {
      typename B::V sum[B::kParts];
      for (int j = 0; j < work.taps_y; ++j) {
        const T* pixels = reinterpret_cast<const T*>(rows[j]) + column + t * C;
        const auto wy = hn::Set(d, work.weights_y[static_cast<std::size_t>(j) * kLine + i]);
        for (int q = 0; q < B::kParts; ++q) {
          auto v = B::load(pixels, q);
          if constexpr (kAlpha) v = weigh_by_alpha<B>(v, kFull);
          sum[q] = j == 0 ? hn::Mul(v, wy) : hn::Add(sum[q], hn::Mul(v, wy));
        }
      }
      const float* wx = work.weights_x + (static_cast<std::size_t>(t) * kLine + i * 4);
      for (int q = 0; q < B::kParts; ++q) {
        const auto part = hn::Mul(sum[q], B::spread(wx, q));
        total[q] = t == 0 ? part : hn::Add(total[q], part);
      }
    }
    B::store_sum(total, out + i * kStep);
  }
}

template <class T, int C>
HWY_INLINE void sample_channels(const PixelRows& source, const Work& work, std::size_t count, float* out) {
  if constexpr (C == 2 || C == 4)
    if (source.alpha) return sample_blocks<T, C, 4, true>(source, work, count, out);
  if constexpr (C >= 3)
    if (work.taps_x <= 2) return sample_blocks<T, C, 2, false>(source, work, count, out);
  sample_blocks<T, C, 4, false>(source, work, count, out);
}

template <class T>
HWY_INLINE void sample_typed(const PixelRows& source, const Work& work, std::size_t count, float* out) {
  switch (source.channels) {
    case 1: return sample_channels<T, 1>(source, work, count, out);
    case 2: return sample_channels<T, 2>(source, work, count, out);
    case 3: return sample_channels<T, 3>(source, work, count, out);
    default: return sample_channels<T, 4>(source, work, count, out);
  }
}

/// Pixels of 1, 2 or 4 lanes → planes.
HWY_INLINE void to_planes(const float* in, int channels, std::size_t count, const Planes& out) {
  const Float d;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    FloatVec a, b, c, e;
    if (channels == 1) {
      a = hn::Load(d, in + i);
    } else if (channels == 2) {
      hn::LoadInterleaved2(d, in + 2 * i, a, b);
    } else {
      hn::LoadInterleaved4(d, in + 4 * i, a, b, c, e);
    }
    hn::StoreU(a, d, out.channel[0] + i);
    if (channels > 1) hn::StoreU(b, d, out.channel[1] + i);
    if (channels > 2) hn::StoreU(c, d, out.channel[2] + i);
    if (channels > 3) hn::StoreU(e, d, out.channel[3] + i);
  }
}

/// Weights per point along x: 2 with 3 and 4 straight channels if that is enough, else a multiple of 4.
constexpr int window(int taps, int channels, bool alpha) {
  return taps <= 2 && channels >= 3 && !alpha ? 2 : (taps + 3) / 4 * 4;
}

void sample(const PixelRows& source, const SampleFilter& filter, const Points& points, int n, float* scratch,
            const Planes& out) {
  const auto count = static_cast<std::size_t>(n);
  HWY_ALIGN std::int32_t first_x[kLine], first_y[kLine];
  HWY_ALIGN float offset[kLine], sums_x[kLine], sums_y[kLine], mixed[4 * kLine];
  const double radius = radius_of(filter.filter);
  const int taps_x = window(filter.taps_x(), source.channels, source.alpha);
  const int taps_y = HWY_MIN(filter.taps_y(), source.y1 - source.y0);
  const std::size_t groups = static_cast<std::size_t>(taps_x + 3) / 4;
  float* const lines_x = scratch;
  float* const weights_y = lines_x + groups * 4 * kLine;
  float* const weights_x = weights_y + static_cast<std::size_t>(taps_y) * kLine;
  const Axis x{radius * filter.footprint_x, static_cast<float>(1 / filter.footprint_x), taps_x, source.x0, source.x1,
               first_x, offset, lines_x, sums_x};
  const Axis y{radius * filter.footprint_y, static_cast<float>(1 / filter.footprint_y), taps_y, source.y0, source.y1,
               first_y, offset, weights_y, sums_y};
  weigh_any(filter.filter, x, points.x, count);
  weigh_any(filter.filter, y, points.y, count);
  const auto full = static_cast<float>(full_scale(source.dtype));
  gather_weights(x, y, source.alpha ? full * full : full, count, weights_x);

  const Work work{first_x, first_y, weights_x, weights_y, taps_x, taps_y};
  switch (source.dtype) {
    case Dtype::u8: sample_typed<std::uint8_t>(source, work, count, mixed); break;
    case Dtype::u16: sample_typed<std::uint16_t>(source, work, count, mixed); break;
    case Dtype::f32: sample_typed<float>(source, work, count, mixed); break;
  }
  to_planes(mixed, source.channels, count, out);
}

void whole_positions(const double* positions, int begin, int end, int count, std::int32_t* out) {
  const hn::CappedTag<double, 8> d;
  const hn::Rebind<std::int32_t, decltype(d)> di;
  const auto lowest = hn::Set(d, static_cast<double>(begin)), highest = hn::Set(d, static_cast<double>(end - 1));
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); i += hn::Lanes(d)) {
    const auto at = hn::Min(hn::Max(hn::Floor(hn::Load(d, positions + i)), lowest), highest);
    hn::StoreU(hn::DemoteTo(di, at), di, out + i);
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(sample);
HWY_EXPORT(whole_positions);

double radius_of(Filter filter) {
  switch (filter) {
    case Filter::nearest: return 0;
    case Filter::area: return 0.5;
    case Filter::bilinear: return 1;
    case Filter::bicubic: return 2;
    case Filter::lanczos: return 3;
  }
  return 0;
}

int SampleFilter::taps_x() const { return static_cast<int>(std::ceil(2 * radius_of(filter) * footprint_x)); }
int SampleFilter::taps_y() const { return static_cast<int>(std::ceil(2 * radius_of(filter) * footprint_y)); }
int SampleFilter::columns() const { return (taps_x() + 3) / 4 * 4; }
std::size_t SampleFilter::scratch() const {
  return static_cast<std::size_t>(2 * columns() + taps_y()) * static_cast<std::size_t>(kPoints);
}

void sample_points(const PixelRows& source, const SampleFilter& filter, const Points& points, int count, float* scratch,
                   const Planes& out) {
  HWY_DYNAMIC_DISPATCH(sample)(source, filter, points, count, scratch, out);
  if (source.alpha) unpremultiply(out, source.channels, count);
}

void pick_points(const PixelRows& source, const Points& points, int count, std::byte* out) {
  HWY_ALIGN std::int32_t column[kPoints], row[kPoints];
  HWY_DYNAMIC_DISPATCH(whole_positions)(points.x, source.x0, source.x1, count, column);
  HWY_DYNAMIC_DISPATCH(whole_positions)(points.y, source.y0, source.y1, count, row);
  const int size = source.channels * static_cast<int>(bytes_of(source.dtype));
  with_pixel_size(size, [&]<int kSize>() {
    constexpr int kEvery = kSize > 32 ? 1 : 32 / kSize;  // points: half of a cache line
    for (int i = 0; i < count; ++i) {
      const std::byte* pixel = source.rows[row[i] - source.y0] + std::ptrdiff_t{column[i] - source.x0} * kSize;
      if (source.ahead != 0 && i % kEvery == 0) hwy::Prefetch(pixel + source.ahead);
      std::memcpy(out + std::ptrdiff_t{i} * kSize, pixel, kSize);
    }
  });
}

}  // namespace leaven::kernels
#endif
