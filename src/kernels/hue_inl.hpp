// The turn of HSV's hue, compiled once per SIMD target. Plain + − × alone, so that every target gives the same bits.

// Highway's guard for files that are included once per target.
#if defined(LEAVEN_KERNELS_HUE_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef LEAVEN_KERNELS_HUE_INL_HPP
#undef LEAVEN_KERNELS_HUE_INL_HPP
#else
#define LEAVEN_KERNELS_HUE_INL_HPP
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Turns the hue of RGB by `sixths` of a sixth of a circle, in (−3, 3]; value and chroma stay, and so do greys.
///
/// With M the largest of the three, m the smallest, C = M − m and h the hue in sixths, a channel is M − C·clamp(u − 1, 0, 1)
/// where u is the distance on the circle between h and the channel's own hue: 0, 2 and −2. C·h needs no division, so all of it
/// is done in multiples of C: M − C·clamp(u − 1, 0, 1) = clamp(M + C − C·u, m, M).
template <class V>
HWY_INLINE void turn_hue(V sixths, bool forwards, V& r, V& g, V& b) {
  const V most = hn::Max(r, hn::Max(g, b)), least = hn::Min(r, hn::Min(g, b));
  const V chroma = hn::Sub(most, least), two = hn::Add(chroma, chroma), three = hn::Add(two, chroma), six = hn::Add(three, three);
  V hue = hn::IfThenElse(hn::Eq(most, r), hn::Sub(g, b),
                         hn::IfThenElse(hn::Eq(most, g), hn::Add(two, hn::Sub(b, r)), hn::Sub(hn::Sub(r, g), two)));
  hue = hn::Add(hue, hn::Mul(sixths, chroma));
  // Back into [−3, 3]: it can have left only in the direction of the turn.
  if (forwards) hue = hn::Sub(hue, hn::IfThenElseZero(hn::Gt(hue, three), six));
  else hue = hn::Add(hue, hn::IfThenElseZero(hn::Lt(hue, hn::Neg(three)), six));
  const auto within = [&](V v) HWY_ATTR { return hn::Min(hn::Max(v, least), most); };
  // From green and blue it is up to 5 away, and what is more than 3 counts as 6 less that: C·u = 3·C − |C·away − 3·C|.
  const V base = hn::Sub(most, two);
  r = within(hn::Sub(hn::Add(base, three), hn::Abs(hue)));
  g = within(hn::Add(base, hn::Abs(hn::Sub(hn::Abs(hn::Sub(hue, two)), three))));
  b = within(hn::Add(base, hn::Abs(hn::Sub(hn::Abs(hn::Add(hue, two)), three))));
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // Highway's guard
