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

/// x = 2^exponent · (1 + f) with 1 + f in [√½, √2); returns ln(1 + f) and writes the exponent. x positive, normal.
template <class D, class V>
HWY_INLINE V log_mantissa(D d, V x, V& exponent) {
  const hn::RebindToSigned<D> di;
  const auto bits = hn::BitCast(di, x);
  const auto e = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(di, 0x3f3504f3)));
  exponent = hn::ConvertTo(d, e);
  const V f = hn::Sub(hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(e))), hn::Set(d, 1.0f));
  const V s = hn::Div(f, hn::Add(f, hn::Set(d, 2.0f)));
  const V z = hn::Mul(s, s);
  V p = hn::Add(hn::Mul(z, hn::Set(d, 1.0f / 9.0f)), hn::Set(d, 1.0f / 7.0f));
  p = hn::Add(hn::Mul(p, z), hn::Set(d, 1.0f / 5.0f));
  p = hn::Add(hn::Mul(p, z), hn::Set(d, 1.0f / 3.0f));
  p = hn::Add(hn::Mul(p, z), hn::Set(d, 1.0f));
  return hn::Mul(hn::Add(s, s), p);
}

/// x^a for x ≥ 0 (below 0: as 0); relative error below 1e-6 where the result is above 1e-6.
template <class D, class V>
HWY_INLINE V power_of(D d, V x, V a, V at_zero) {
  const hn::RebindToSigned<D> di;
  const V smallest = hn::Set(d, 1.17549435e-38f);
  V e;
  const V log_m = log_mantissa(d, hn::Max(x, smallest), e);
  // y = a · log2(x) split into a whole and a rest in about [−½, ½].
  const V whole_part = hn::Mul(a, e);
  const V rest_part = hn::Mul(a, hn::Mul(log_m, hn::Set(d, 1.44269504088896f)));
  const V y = hn::Min(hn::Max(hn::Add(whole_part, rest_part), hn::Set(d, -126.0f)), hn::Set(d, 127.0f));
  const V n = nearest(d, y);
  V f = hn::Add(hn::Sub(whole_part, n), rest_part);
  f = hn::Min(hn::Max(f, hn::Set(d, -1.0f)), hn::Set(d, 1.0f));
  const V t = hn::Mul(f, hn::Set(d, 0.693147180559945f));
  V p = hn::Add(hn::Mul(t, hn::Set(d, 1.0f / 5040.0f)), hn::Set(d, 1.0f / 720.0f));
  p = hn::Add(hn::Mul(p, t), hn::Set(d, 1.0f / 120.0f));
  p = hn::Add(hn::Mul(p, t), hn::Set(d, 1.0f / 24.0f));
  p = hn::Add(hn::Mul(p, t), hn::Set(d, 1.0f / 6.0f));
  p = hn::Add(hn::Mul(p, t), hn::Set(d, 0.5f));
  p = hn::Add(hn::Mul(p, t), hn::Set(d, 1.0f));
  p = hn::Add(hn::Mul(p, t), hn::Set(d, 1.0f));
  const auto scale = hn::ShiftLeft<23>(hn::Add(nearest_int(d, n), hn::Set(di, 127)));
  return hn::IfThenElse(hn::Lt(x, smallest), at_zero, hn::Mul(p, hn::BitCast(d, scale)));
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // Highway's guard
