#include "kernels/normal_draws.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/exact_math.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/normal_draws.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

constexpr std::size_t kGroup = 16;  // streams at a time, so that rounds of Philox need not wait for each other
using Lane64 = hn::CappedTag<std::uint64_t, 8>;
using Lane32 = hn::Repartition<std::uint32_t, Lane64>;
using Double = hn::RebindToFloat<Lane64>;
using Vec64 = hn::Vec<Lane64>;
using Vec = hn::Vec<Double>;
constexpr std::size_t kVectors = kGroup / hn::MaxLanes(Lane64());

/// Words 1 and 0 of block element·2^32 of each stream: Philox 4×32-10, one stream a lane, of which only the low halves count.
HWY_INLINE void random_bits(const std::array<Key, kGroup>& keys, std::uint64_t element, Vec64 (&bits)[kVectors]) {
  const Lane64 d;
  const Lane32 d32;
  const Vec64 low_half = hn::Set(d, 0xffffffffu);
  const auto multiply = [&](Vec64 x, std::uint64_t by) HWY_ATTR { return hn::MulEven(hn::BitCast(d32, x), hn::BitCast(d32, hn::Set(d, by))); };
  alignas(64) std::array<std::uint64_t, kGroup> low, high;
  for (std::size_t i = 0; i < kGroup; ++i) low[i] = keys[i].low, high[i] = keys[i].high;
  Vec64 word[kVectors][4], key0[kVectors], key1[kVectors];
  for (std::size_t v = 0; v < kVectors; ++v) {
    const Vec64 key_low = hn::Load(d, low.data() + v * hn::MaxLanes(d)), key_high = hn::Load(d, high.data() + v * hn::MaxLanes(d));
    word[v][0] = hn::Zero(d);
    word[v][1] = hn::Set(d, element);
    word[v][2] = key_high;
    word[v][3] = hn::ShiftRight<32>(key_high);
    key0[v] = key_low;
    key1[v] = hn::ShiftRight<32>(key_low);
  }
  for (int round = 0; round < 10; ++round)
    for (std::size_t v = 0; v < kVectors; ++v) {
      const Vec64 p0 = multiply(word[v][0], 0xD2511F53), p1 = multiply(word[v][2], 0xCD9E8D57);
      word[v][0] = hn::Xor3(hn::ShiftRight<32>(p1), word[v][1], key0[v]);
      word[v][1] = p1;
      word[v][2] = hn::Xor3(hn::ShiftRight<32>(p0), word[v][3], key1[v]);
      word[v][3] = p0;
      key0[v] = hn::Add(key0[v], hn::Set(d, 0x9E3779B9u));
      key1[v] = hn::Add(key1[v], hn::Set(d, 0xBB67AE85u));
    }
  for (std::size_t v = 0; v < kVectors; ++v) bits[v] = hn::Or(hn::ShiftLeft<32>(word[v][1]), hn::And(word[v][0], low_half));
}

template <std::size_t kTerms>
HWY_INLINE Vec polynomial_of(Vec x, const std::array<double, kTerms>& terms) {
  const Double d;
  Vec sum = hn::Set(d, terms[0]);
  for (std::size_t i = 1; i < kTerms; ++i) sum = hn::Add(hn::Mul(sum, x), hn::Set(d, terms[i]));
  return sum;
}

/// exact::log(x), operation by operation; x normal and positive.
HWY_INLINE Vec exact_log(Vec x) {
  const Double d;
  const Lane64 du;
  const hn::RebindToSigned<Double> di;
  const Vec one = hn::Set(d, 1.0);
  const Vec64 bits = hn::BitCast(du, x);
  Vec exponent = hn::ConvertTo(d, hn::Sub(hn::BitCast(di, hn::ShiftRight<52>(bits)), hn::Set(di, 1023)));
  Vec m = hn::BitCast(d, hn::Or(hn::And(bits, hn::Set(du, 0xFFFFFFFFFFFFFu)), hn::Set(du, 0x3FF0000000000000u)));
  const auto large = hn::Gt(m, hn::Set(d, 1.41421356237309504880));
  m = hn::IfThenElse(large, hn::Mul(m, hn::Set(d, 0.5)), m);
  exponent = hn::IfThenElse(large, hn::Add(exponent, one), exponent);
  const Vec f = hn::Sub(m, one), s = hn::Div(f, hn::Add(hn::Set(d, 2.0), f)), z = hn::Mul(s, s);
  Vec sum = hn::Zero(d);
  for (int n = 25; n >= 3; n -= 2) sum = hn::Add(hn::Mul(sum, z), hn::Set(d, 1.0 / n));
  const Vec r = hn::Sub(f, hn::Mul(s, hn::Sub(f, hn::Mul(hn::Mul(hn::Set(d, 2.0), z), sum))));
  return hn::Add(hn::Mul(exponent, hn::Set(d, 6.93147180369123816490e-01)), hn::Add(r, hn::Mul(exponent, hn::Set(d, 1.90821492927058770002e-10))));
}

// Wichura, algorithm AS 241 (PPND16): the middle, and the tails up to r = 5, as exact::normal_quantile() has them.
constexpr std::array kMiddleOver{2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
                                 1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0};
constexpr std::array kMiddleUnder{5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
                                  5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0};
constexpr std::array kTailOver{7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
                               3.64784832476320460504e0,  5.76949722146069140550e0,  4.63033784615654529590e0,  1.42343711074968357734e0};
constexpr std::array kTailUnder{1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
                                6.89767334985100004550e-1, 1.67638483018380384940e0,  2.05319162663775882187e0,  1.0};

/// Quantiles of p; answers with whether some lie so far out that exact::normal_quantile() must be asked.
HWY_INLINE bool quantiles(Vec p, Vec& value) {
  const Double d;
  const Vec q = hn::Sub(p, hn::Set(d, 0.5));
  const Vec near = hn::Sub(hn::Set(d, 0.180625), hn::Mul(q, q));
  value = hn::Div(hn::Mul(q, polynomial_of(near, kMiddleOver)), polynomial_of(near, kMiddleUnder));
  const auto in_tail = hn::Gt(hn::Abs(q), hn::Set(d, 0.425));
  if (hn::AllFalse(d, in_tail)) return false;
  const auto below = hn::Lt(q, hn::Zero(d));
  const Vec r = hn::Sqrt(hn::Neg(exact_log(hn::IfThenElse(below, p, hn::Sub(hn::Set(d, 1.0), p))))), far = hn::Sub(r, hn::Set(d, 1.6));
  const Vec tail = hn::Div(polynomial_of(far, kTailOver), polynomial_of(far, kTailUnder));
  value = hn::IfThenElse(in_tail, hn::IfThenElse(below, hn::Neg(tail), tail), value);
  return !hn::AllFalse(d, hn::And(in_tail, hn::Gt(r, hn::Set(d, 5.0))));
}

void run_draws(std::span<const Key> keys, std::uint64_t element, double* out) {
  const Double d;
  const hn::RebindToSigned<Double> di;
  std::array<Key, kGroup> group{};
  alignas(64) std::array<double, kGroup> made, shares;
  for (std::size_t first = 0; first < keys.size(); first += kGroup) {
    const std::size_t here = std::min(kGroup, keys.size() - first);
    std::copy_n(keys.begin() + static_cast<std::ptrdiff_t>(first), here, group.begin());
    Vec64 bits[kVectors];
    random_bits(group, element, bits);
    bool far = false;
    for (std::size_t v = 0; v < kVectors; ++v) {
      const Vec whole = hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<12>(bits[v])));
      const Vec p = hn::Mul(hn::Add(whole, hn::Set(d, 0.5)), hn::Set(d, 0x1p-52));
      Vec value;
      far |= quantiles(p, value);
      hn::Store(value, d, made.data() + v * hn::MaxLanes(d));
      hn::Store(p, d, shares.data() + v * hn::MaxLanes(d));
    }
    for (std::size_t i = 0; far && i < here; ++i) made[i] = exact::normal_quantile(shares[i]);
    std::copy_n(made.begin(), here, out + first);
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(run_draws);

void normal_draws(std::span<const Key> keys, std::uint64_t element, std::span<double> out) { HWY_DYNAMIC_DISPATCH(run_draws)(keys, element, out.data()); }

}  // namespace leaven::kernels
#endif
