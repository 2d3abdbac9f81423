// Shared by the kernels, compiled once per SIMD target: rounding, logarithm and power from + − × ÷ only, so that every
// target gives the same bits. No MulAdd anywhere: whether it is fused depends on the CPU.

// Highway's guard for files that are included once per target.
#if defined(LEAVEN_KERNELS_SIMD_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef LEAVEN_KERNELS_SIMD_INL_HPP
#undef LEAVEN_KERNELS_SIMD_INL_HPP
#else
#define LEAVEN_KERNELS_SIMD_INL_HPP
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Whole numbers nearest to |x| ≤ 2^22, halves to even. Adding 1.5·2^23 pushes the fraction out of the mantissa;
/// Highway's own NearestInt errs just below a half in its scalar form.
template <class D, class V>
HWY_INLINE auto nearest_int(D d, V x) {
  const hn::RebindToSigned<D> di;
  const V shifted = hn::Add(x, hn::Set(d, 12582912.0f));
  return hn::Sub(hn::BitCast(di, shifted), hn::Set(di, 0x4B400000));
}
template <class D, class V>
HWY_INLINE V nearest(D d, V x) {
  const V magic = hn::Set(d, 12582912.0f);
  return hn::Sub(hn::Add(x, magic), magic);
}

template <class D, class V>
HWY_INLINE V clamp_unit(D d, V x) {
  return hn::Min(hn::Max(x, hn::Zero(d)), hn::Set(d, 1.0f));
}

/// c[n − 1]·x^(n − 1) + … + c[0] by Horner's rule.
template <class D, class V, std::size_t kTerms>
HWY_INLINE V polynomial(D d, V x, const float (&c)[kTerms]) {
  V sum = hn::Set(d, c[kTerms - 1]);
  for (std::size_t i = kTerms - 1; i-- > 0;) sum = hn::Add(hn::Mul(sum, x), hn::Set(d, c[i]));
  return sum;
}

/// The same of several vectors, term by term.
template <class D, class V, std::size_t kCount, std::size_t kTerms>
HWY_INLINE void polynomials(D d, const V (&x)[kCount], const float (&c)[kTerms], V (&sum)[kCount]) {
  for (std::size_t k = 0; k < kCount; ++k) sum[k] = hn::Set(d, c[kTerms - 1]);
  for (std::size_t i = kTerms - 1; i-- > 0;)
    for (std::size_t k = 0; k < kCount; ++k) sum[k] = hn::Add(hn::Mul(sum[k], x[k]), hn::Set(d, c[i]));
}

/// Minimax of log2(1 + f)/f over 1 + f in [√½, √2]: log2 within 5e-8.
inline constexpr float kLog2Terms[] = {1.44269477f,  -0.721357149f, 0.480939445f, -0.360087216f,
                                       0.286707452f, -0.250069034f, 0.236890398f, -0.145744518f};
/// Minimax of 2^f over [−½, ½], within 8e-8.
inline constexpr float kExp2Terms[] = {1.00000008f, 0.693147225f, 0.240221074f, 0.055502973f, 0.00967603636f, 0.00134100053f};

/// Exponent and f of x = 2^exponent · (1 + f), a positive normal number.
template <class D, class V>
HWY_INLINE V log2_parts(D d, V x, V& f) {
  const hn::RebindToSigned<D> di;
  const auto bits = hn::BitCast(di, x);
  const auto exponent = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(di, 0x3f3504f3)));
  f = hn::Sub(hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(exponent))), hn::Set(d, 1.0f));
  return hn::ConvertTo(d, exponent);
}

/// Logarithm to base 2 of a positive normal number.
template <class D, class V>
HWY_INLINE V log2_of(D d, V x) {
  V f;
  const V exponent = log2_parts(d, x, f);
  return hn::Add(exponent, hn::Mul(f, polynomial(d, f, kLog2Terms)));
}

/// x^a for x ≥ 0 (below the smallest normal number: `at_zero`), in place, several vectors step by step together;
/// relative error below 1e-6·max(1, |a·log2 x|/8).
template <class D, class V, std::size_t kCount>
HWY_INLINE void powers_of(D d, V (&x)[kCount], V a, V at_zero) {
  const hn::RebindToSigned<D> di;
  const V smallest = hn::Set(d, 1.17549435e-38f);
  V f[kCount], y[kCount], p[kCount];
  for (std::size_t k = 0; k < kCount; ++k) y[k] = log2_parts(d, hn::Max(x[k], smallest), f[k]);
  polynomials(d, f, kLog2Terms, p);
  // The whole part of y stands in the last bits of y + 1.5·2^23, ready to be shifted into an exponent.
  const V magic = hn::Set(d, 12582912.0f);
  V shifted[kCount];
  for (std::size_t k = 0; k < kCount; ++k) {
    y[k] = hn::Mul(a, hn::Add(y[k], hn::Mul(f[k], p[k])));
    y[k] = hn::Min(hn::Max(y[k], hn::Set(d, -126.0f)), hn::Set(d, 127.0f));
    shifted[k] = hn::Add(y[k], magic);
    f[k] = hn::Sub(y[k], hn::Sub(shifted[k], magic));
  }
  polynomials(d, f, kExp2Terms, p);
  for (std::size_t k = 0; k < kCount; ++k) {
    const auto scaled = hn::Add(hn::BitCast(di, p[k]), hn::ShiftLeft<23>(hn::BitCast(di, shifted[k])));
    x[k] = hn::IfThenElse(hn::Lt(x[k], smallest), at_zero, hn::BitCast(d, scaled));
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // Highway's guard
