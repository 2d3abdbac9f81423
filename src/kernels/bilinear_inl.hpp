// How bilinear samples are placed and mixed, compiled once per SIMD target.

// Highway's guard for files that are included once per target.
#if defined(LEAVEN_KERNELS_BILINEAR_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef LEAVEN_KERNELS_BILINEAR_INL_HPP
#undef LEAVEN_KERNELS_BILINEAR_INL_HPP
#else
#define LEAVEN_KERNELS_BILINEAR_INL_HPP
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

inline constexpr double kOnePixel = 65536;  // positions are whole numbers of 2^−16 px

/// Positions of the left (upper) pixel's centre, from `begin` on, so that the neighbour exists as well.
template <class D>
struct FixedPosition {
  using V = hn::Vec<D>;
  V scale, shift, last;
  FixedPosition(D d, int begin, int end) : scale(hn::Set(d, kOnePixel)), shift(hn::Set(d, (begin + 0.5) * kOnePixel)), last(hn::Set(d, (end - begin - 1) * kOnePixel - 1)) {}
  HWY_INLINE V of(D d, V position) const { return hn::Min(hn::Max(hn::Sub(hn::Mul(position, scale), shift), hn::Zero(d)), last); }
};

/// How far the position lies towards the neighbour: 0 to 1 − 2^−16.
template <class D, class I>
HWY_INLINE auto share_of(D d, I fixed) {
  const hn::RebindToSigned<D> di;
  return hn::Mul(hn::ConvertTo(d, hn::And(fixed, hn::Set(di, 0xffff))), hn::Set(d, static_cast<float>(1 / kOnePixel)));
}

template <class V>
HWY_INLINE V mix(V a, V b, V share) {
  return hn::Add(a, hn::Mul(hn::Sub(b, a), share));
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // Highway's guard
