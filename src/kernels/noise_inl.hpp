// Words and normals of noise, compiled once per SIMD target, for pixels and for cells of tables alike.

// Highway's guard for files that are included once per target.
#if defined(LEAVEN_KERNELS_NOISE_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef LEAVEN_KERNELS_NOISE_INL_HPP
#undef LEAVEN_KERNELS_NOISE_INL_HPP
#else
#define LEAVEN_KERNELS_NOISE_INL_HPP
#endif

#include <hwy/highway.h>

#include "kernels/simd_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

// Blocks of Philox stand one in a 64-bit lane, of which only the low half counts.
inline constexpr std::size_t kMostBlocks = 16;  // in two vectors
using Lane64 = hn::CappedTag<std::uint64_t, kMostBlocks / 2>;
using Lane32 = hn::Repartition<std::uint32_t, Lane64>;
using LaneFloat = hn::Repartition<float, Lane64>;
using Vec64 = hn::Vec<Lane64>;
using Vec32 = hn::Vec<Lane32>;
using VecFloat = hn::Vec<LaneFloat>;

/// Ten rounds of Philox 4×32 on counters `word`; key.even(round, v) and key.odd(round, v) are the round keys of vector v, asked once
/// each in the order of rounds. All blocks go round by round together: a round waits for the one before it, so a block alone would
/// leave the multiplier idle.
template <std::size_t kVectors, class RoundKey>
HWY_INLINE void philox_rounds(Vec64 (&word)[kVectors][4], RoundKey& key) {
  const Lane64 d;
  const Lane32 d32;
  const auto multiply = [&](Vec64 x, std::uint64_t by) HWY_ATTR { return hn::MulEven(hn::BitCast(d32, x), hn::BitCast(d32, hn::Set(d, by))); };
  // A shuffle, of which CPUs do twice as many as of shifts.
  const auto upper = [&](Vec64 x) HWY_ATTR { return hn::BitCast(d, hn::DupOdd(hn::BitCast(d32, x))); };
  for (std::size_t round = 0; round < 10; ++round)
    for (std::size_t v = 0; v < kVectors; ++v) {
      const Vec64 p0 = multiply(word[v][0], 0xD2511F53), p1 = multiply(word[v][2], 0xCD9E8D57);
      word[v][0] = hn::Xor3(upper(p1), word[v][1], key.even(round, v));
      word[v][1] = p1;
      word[v][2] = hn::Xor3(upper(p0), word[v][3], key.odd(round, v));
      word[v][3] = p0;
    }
}

/// Word w of the blocks of two vectors.
HWY_INLINE Vec32 words_of(const Vec64 (&low)[4], const Vec64 (&high)[4], std::size_t w) {
  const Lane32 d;
  return hn::ConcatEven(d, hn::BitCast(d, high[w]), hn::BitCast(d, low[w]));
}

/// Of sin(x)/x and cos(x) in x², |x| ≤ π/4.
inline constexpr float kSineTerms[] = {1.0f, -1.0f / 6.0f, 1.0f / 120.0f, -1.0f / 5040.0f, 1.0f / 362880.0f};
inline constexpr float kCosineTerms[] = {1.0f, -0.5f, 1.0f / 24.0f, -1.0f / 720.0f, 1.0f / 40320.0f};

/// Standard normals of pairs of words, as noise_normals(), operation by operation: the first word gives the radius, the second the
/// point on the circle. All go term by term together, as a polynomial alone waits for each of its terms.
template <std::size_t kCount>
HWY_INLINE void normals_of(const Vec32 (&first)[kCount], const Vec32 (&second)[kCount], VecFloat (&along)[kCount], VecFloat (&across)[kCount]) {
  const LaneFloat d;
  const Lane32 du;
  const hn::RebindToSigned<LaneFloat> di;
  const VecFloat half = hn::Set(d, 0.5f);
  VecFloat radius[kCount], f[kCount], p[kCount];
  for (std::size_t k = 0; k < kCount; ++k) {
    const VecFloat u = hn::Mul(hn::Add(hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<9>(first[k]))), half), hn::Set(d, 0x1p-23f));
    radius[k] = log2_parts(d, u, f[k]);
  }
  polynomials(d, f, kLog2Terms, p);
  for (std::size_t k = 0; k < kCount; ++k) radius[k] = hn::Sqrt(hn::Mul(hn::Add(radius[k], hn::Mul(f[k], p[k])), hn::Set(d, -1.38629436f)));

  VecFloat angle[kCount], z[kCount], s[kCount], c[kCount];
  for (std::size_t k = 0; k < kCount; ++k) {
    const auto step = hn::Sub(hn::BitCast(di, hn::And(hn::ShiftRight<7>(second[k]), hn::Set(du, 0x7fffffu))), hn::Set(di, 0x400000));
    angle[k] = hn::Mul(hn::Add(hn::ConvertTo(d, step), half), hn::Set(d, 0x1p-23f * 1.57079632679490f));
    z[k] = hn::Mul(angle[k], angle[k]);
  }
  polynomials(d, z, kSineTerms, s);
  polynomials(d, z, kCosineTerms, c);
  const auto sign_bit = hn::Set(du, 0x80000000u);
  for (std::size_t k = 0; k < kCount; ++k) {
    s[k] = hn::Mul(s[k], angle[k]);
    const auto twice = hn::Add(second[k], second[k]);
    const auto in_odd_quadrant = [&](VecFloat yes, VecFloat no) HWY_ATTR {
      return hn::BitCast(du, hn::IfNegativeThenElse(hn::BitCast(di, twice), hn::BitCast(di, yes), hn::BitCast(di, no)));
    };
    const auto signed_by = [&](Vec32 x, Vec32 signs) HWY_ATTR { return hn::BitCast(d, hn::Xor(x, hn::And(signs, sign_bit))); };
    along[k] = hn::Mul(radius[k], signed_by(in_odd_quadrant(s[k], c[k]), hn::Xor(second[k], twice)));
    across[k] = hn::Mul(radius[k], signed_by(in_odd_quadrant(c[k], s[k]), second[k]));
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // Highway's guard
