#include "kernels/resize.hpp"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/resize.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd_inl.hpp"
#include "kernels/taps_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

template <class T, int C>
void filter(const std::byte* bytes, const AxisTaps& axis, int from, int to, float* out) {
  using B = Block<T, C, 4>;
  const T* row = reinterpret_cast<const T*>(bytes);
  for (int x = from; x < to; ++x) {
    const auto at = static_cast<std::size_t>(x);
    const T* pixels = row + std::ptrdiff_t{axis.first[at]} * C;
    const float* weights = axis.weights.data() + at * static_cast<std::size_t>(axis.taps);
    typename B::V sum[B::kParts];
    for (int q = 0; q < B::kParts; ++q) sum[q] = hn::Mul(B::load(pixels, q), B::spread(weights, q));
    for (int t = 4; t < axis.taps; t += 4)
      for (int q = 0; q < B::kParts; ++q)
        sum[q] = hn::Add(sum[q], hn::Mul(B::load(pixels + t * C, q), B::spread(weights + t, q)));
    B::store_sum(sum, out + x * C);
  }
}

template <class T>
void filter_typed(const std::byte* row, int channels, const AxisTaps& axis, int from, int to, float* out) {
  switch (channels) {
    case 1: return filter<T, 1>(row, axis, from, to, out);
    case 2: return filter<T, 2>(row, axis, from, to, out);
    case 3: return filter<T, 3>(row, axis, from, to, out);
    default: return filter<T, 4>(row, axis, from, to, out);
  }
}

void filter_any(const std::byte* row, Dtype dtype, int channels, const AxisTaps& axis, int from, int to, float* out) {
  switch (dtype) {
    case Dtype::u8: return filter_typed<std::uint8_t>(row, channels, axis, from, to, out);
    case Dtype::u16: return filter_typed<std::uint16_t>(row, channels, axis, from, to, out);
    case Dtype::f32: return filter_typed<float>(row, channels, axis, from, to, out);
  }
}

using Float = hn::CappedTag<float, 16>;

template <class T>
HWY_INLINE hn::Vec<Float> load_widened(const T* samples) {
  const Float d;
  if constexpr (sizeof(T) == 4) {
    return hn::LoadU(d, samples);
  } else {
    return hn::ConvertTo(d, hn::PromoteTo(hn::RebindToSigned<Float>(), hn::LoadU(hn::Rebind<T, Float>(), samples)));
  }
}

/// Row(t) is the t-th row of T. Sink(i, sum) takes a vector of sums from i on.
template <class T, class Row, class Sink>
HWY_INLINE void combine_typed(const Row& row, const float* weights, int taps, std::size_t count, const Sink& sink) {
  const Float d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  // Four vectors at once: each waits for its own sum alone.
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    const auto first = [&](std::size_t k) HWY_ATTR { return hn::Mul(load_widened<T>(row(0) + i + k * lanes), hn::Set(d, weights[0])); };
    auto sum0 = first(0), sum1 = first(1), sum2 = first(2), sum3 = first(3);
    for (int t = 1; t < taps; ++t) {
      const T* const at = row(t) + i;
      const auto weight = hn::Set(d, weights[t]);
      sum0 = hn::Add(sum0, hn::Mul(load_widened<T>(at), weight));
      sum1 = hn::Add(sum1, hn::Mul(load_widened<T>(at + lanes), weight));
      sum2 = hn::Add(sum2, hn::Mul(load_widened<T>(at + 2 * lanes), weight));
      sum3 = hn::Add(sum3, hn::Mul(load_widened<T>(at + 3 * lanes), weight));
    }
    sink(i, sum0);
    sink(i + lanes, sum1);
    sink(i + 2 * lanes, sum2);
    sink(i + 3 * lanes, sum3);
  }
  for (; i < count; i += lanes) {
    auto sum = hn::Mul(load_widened<T>(row(0) + i), hn::Set(d, weights[0]));
    for (int t = 1; t < taps; ++t) sum = hn::Add(sum, hn::Mul(load_widened<T>(row(t) + i), hn::Set(d, weights[t])));
    sink(i, sum);
  }
}

template <class T, class Pointer>
HWY_INLINE void combine_to_floats(const Pointer* const* rows, const float* weights, int taps, std::size_t count, float* out) {
  const Float d;
  combine_typed<T>([&](int t) { return reinterpret_cast<const T*>(rows[t]); }, weights, taps, count,
                   [&](std::size_t i, hn::Vec<Float> sum) HWY_ATTR { hn::StoreU(sum, d, out + i); });
}

void combine(const float* const* rows, const float* weights, int taps, std::size_t count, float* out) {
  combine_to_floats<float>(rows, weights, taps, count, out);
}

void combine_stored(const std::byte* const* rows, Dtype dtype, const float* weights, int taps, std::size_t count, float* out) {
  switch (dtype) {
    case Dtype::u8: return combine_to_floats<std::uint8_t>(rows, weights, taps, count, out);
    case Dtype::u16: return combine_to_floats<std::uint16_t>(rows, weights, taps, count, out);
    case Dtype::f32: return combine_to_floats<float>(rows, weights, taps, count, out);
  }
}

void combine_to_bytes(const std::uint8_t* const* rows, const float* weights, int taps, float bias, std::size_t count, std::uint8_t* out) {
  const Float d;
  const hn::Rebind<std::uint8_t, Float> dt;
  const auto more = hn::Set(d, bias), up = hn::Set(d, 255.0f);
  const std::size_t lanes = hn::Lanes(d);
  combine_typed<std::uint8_t>([&](int t) { return rows[t]; }, weights, taps, count, [&](std::size_t i, hn::Vec<Float> sum) HWY_ATTR {
    const auto bytes = hn::DemoteTo(dt, nearest_int(d, hn::Mul(clamp_unit(d, hn::Add(sum, more)), up)));
    if (i + lanes <= count) return hn::StoreU(bytes, dt, out + i);
    HWY_ALIGN std::uint8_t tail[16];
    hn::StoreU(bytes, dt, tail);
    std::memcpy(out + i, tail, count - i);
  });
}

void add_stretched(const float* in, const std::int32_t* low, const float* share, std::size_t count, float* out) {
  const Float d;
  const hn::RebindToSigned<Float> di;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    // Positions that grow by no more than 1 lie within one vector's length of the first.
    const auto within = hn::IndicesFromVec(d, hn::Sub(hn::LoadU(di, low + i), hn::Set(di, low[i])));
    const float* const from = in + low[i];
    const auto left = hn::TableLookupLanes(hn::LoadU(d, from), within), right = hn::TableLookupLanes(hn::LoadU(d, from + 1), within);
    const auto between = hn::Add(left, hn::Mul(hn::LoadU(d, share + i), hn::Sub(right, left)));
    hn::StoreU(hn::Add(hn::LoadU(d, out + i), between), d, out + i);
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(filter_any);
HWY_EXPORT(combine);
HWY_EXPORT(combine_stored);
HWY_EXPORT(combine_to_bytes);
HWY_EXPORT(add_stretched);

void filter_row(const std::byte* row, Dtype dtype, int channels, const AxisTaps& axis, int from, int to, float* out) {
  HWY_DYNAMIC_DISPATCH(filter_any)(row, dtype, channels, axis, from, to, out);
}

void combine_stored_rows(const std::byte* const* rows, Dtype dtype, const float* weights, int taps, std::size_t count,
                         float* out) {
  HWY_DYNAMIC_DISPATCH(combine_stored)(rows, dtype, weights, taps, count, out);
}

void combine_byte_rows(const std::uint8_t* const* rows, const float* weights, int taps, float bias, std::size_t count, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(combine_to_bytes)(rows, weights, taps, bias, count, out);
}

void add_stretched_row(const float* in, const std::int32_t* low, const float* share, std::size_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(add_stretched)(in, low, share, count, out);
}

void combine_rows(const float* const* rows, const float* weights, int taps, std::size_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(combine)(rows, weights, taps, count, out);
}

}  // namespace leaven::kernels
#endif
