#include "kernels/resize.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/resize.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

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

/// Row(t) is the t-th row of T.
template <class T, class Row>
HWY_INLINE void combine_typed(const Row& row, const float* weights, int taps, std::size_t count, float* out) {
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
    hn::StoreU(sum0, d, out + i);
    hn::StoreU(sum1, d, out + i + lanes);
    hn::StoreU(sum2, d, out + i + 2 * lanes);
    hn::StoreU(sum3, d, out + i + 3 * lanes);
  }
  for (; i < count; i += lanes) {
    auto sum = hn::Mul(load_widened<T>(row(0) + i), hn::Set(d, weights[0]));
    for (int t = 1; t < taps; ++t) sum = hn::Add(sum, hn::Mul(load_widened<T>(row(t) + i), hn::Set(d, weights[t])));
    hn::StoreU(sum, d, out + i);
  }
}

void combine(const float* const* rows, const float* weights, int taps, std::size_t count, float* out) {
  combine_typed<float>([&](int t) { return rows[t]; }, weights, taps, count, out);
}

template <class T>
void combine_bytes_of(const std::byte* const* rows, const float* weights, int taps, std::size_t count, float* out) {
  combine_typed<T>([&](int t) { return reinterpret_cast<const T*>(rows[t]); }, weights, taps, count, out);
}

void combine_stored(const std::byte* const* rows, Dtype dtype, const float* weights, int taps, std::size_t count, float* out) {
  switch (dtype) {
    case Dtype::u8: return combine_bytes_of<std::uint8_t>(rows, weights, taps, count, out);
    case Dtype::u16: return combine_bytes_of<std::uint16_t>(rows, weights, taps, count, out);
    case Dtype::f32: return combine_bytes_of<float>(rows, weights, taps, count, out);
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(filter_any);
HWY_EXPORT(combine);
HWY_EXPORT(combine_stored);

void filter_row(const std::byte* row, Dtype dtype, int channels, const AxisTaps& axis, int from, int to, float* out) {
  HWY_DYNAMIC_DISPATCH(filter_any)(row, dtype, channels, axis, from, to, out);
}

void combine_stored_rows(const std::byte* const* rows, Dtype dtype, const float* weights, int taps, std::size_t count,
                         float* out) {
  HWY_DYNAMIC_DISPATCH(combine_stored)(rows, dtype, weights, taps, count, out);
}

void combine_rows(const float* const* rows, const float* weights, int taps, std::size_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(combine)(rows, weights, taps, count, out);
}

}  // namespace leaven::kernels
#endif
