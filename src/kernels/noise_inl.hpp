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

// Sixteen blocks of Philox together: 64 words.
inline constexpr std::size_t kBlocks = 16;
using Lane64 = hn::CappedTag<std::uint64_t, kBlocks / 2>;
using Lane32 = hn::Repartition<std::uint32_t, Lane64>;
using Vec64 = hn::Vec<Lane64>;
inline constexpr std::size_t kBlockVectors = kBlocks / hn::MaxLanes(Lane64());

/// Ten rounds of Philox 4×32 on counters `word`, one block a 64-bit lane (only the low halves count); key(round, v) is the pair
/// of round keys of vector v. words[16·w + i] becomes word w of block i. All blocks go round by round together: a round waits for
/// the one before it, so a block alone would leave the multiplier idle.
template <class RoundKey>
HWY_INLINE void philox_words(Vec64 (&word)[kBlockVectors][4], const RoundKey& key, std::uint32_t* words) {
  const Lane64 d;
  const Lane32 d32;
  const auto multiply = [&](Vec64 x, std::uint64_t by) HWY_ATTR { return hn::MulEven(hn::BitCast(d32, x), hn::BitCast(d32, hn::Set(d, by))); };
  for (std::size_t round = 0; round < 10; ++round)
    for (std::size_t v = 0; v < kBlockVectors; ++v) {
      const Vec64 p0 = multiply(word[v][0], 0xD2511F53), p1 = multiply(word[v][2], 0xCD9E8D57);
      word[v][0] = hn::Xor3(hn::ShiftRight<32>(p1), word[v][1], key.even(round, v));
      word[v][1] = p1;
      word[v][2] = hn::Xor3(hn::ShiftRight<32>(p0), word[v][3], key.odd(round, v));
      word[v][3] = p0;
    }
  for (std::size_t v = 0; v < kBlockVectors; v += 2)
    for (std::size_t w = 0; w < 4; ++w)
      hn::Store(hn::ConcatEven(d32, hn::BitCast(d32, word[v + 1][w]), hn::BitCast(d32, word[v][w])), d32, words + kBlocks * w + v * hn::MaxLanes(d));
}

/// The first of a pair's words gives the radius, the second the point on the circle: as noise_normals(), operation by
/// operation.
template <class D, class U>
HWY_INLINE auto radius_of_word(D d, U first) {
  const hn::RebindToSigned<D> di;
  const auto u = hn::Mul(hn::Add(hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<9>(first))), hn::Set(d, 0.5f)),
                         hn::Set(d, 0x1p-23f));
  return hn::Sqrt(hn::Mul(log2_of(d, u), hn::Set(d, -1.38629436f)));
}

template <class D, class U, class V>
HWY_INLINE void circle_of_word(D d, U second, V& along, V& across) {
  const hn::RebindToSigned<D> di;
  const hn::RebindToUnsigned<D> du;
  const auto half = hn::Set(d, 0.5f);
  const auto step =
      hn::Sub(hn::BitCast(di, hn::And(hn::ShiftRight<7>(second), hn::Set(du, 0x7fffffu))), hn::Set(di, 0x400000));
  const V angle = hn::Mul(hn::Add(hn::ConvertTo(d, step), half), hn::Set(d, 0x1p-23f * 1.57079632679490f));
  const V z = hn::Mul(angle, angle);
  V s = hn::Sub(hn::Mul(z, hn::Set(d, 1.0f / 362880.0f)), hn::Set(d, 1.0f / 5040.0f));
  V c = hn::Sub(hn::Mul(z, hn::Set(d, 1.0f / 40320.0f)), hn::Set(d, 1.0f / 720.0f));
  s = hn::Add(hn::Mul(s, z), hn::Set(d, 1.0f / 120.0f));
  c = hn::Add(hn::Mul(c, z), hn::Set(d, 1.0f / 24.0f));
  s = hn::Sub(hn::Mul(s, z), hn::Set(d, 1.0f / 6.0f));
  c = hn::Sub(hn::Mul(c, z), half);
  s = hn::Add(hn::Mul(s, z), hn::Set(d, 1.0f));
  c = hn::Add(hn::Mul(c, z), hn::Set(d, 1.0f));
  s = hn::Mul(s, angle);

  const auto odd = hn::MaskFromVec(hn::BitCast(d, hn::BroadcastSignBit(hn::BitCast(di, hn::ShiftLeft<1>(second)))));
  const auto sign_bit = hn::Set(du, 0x80000000u);
  const auto sign0 = hn::And(hn::Xor(second, hn::ShiftLeft<1>(second)), sign_bit), sign1 = hn::And(second, sign_bit);
  along = hn::BitCast(d, hn::Xor(hn::BitCast(du, hn::IfThenElse(odd, s, c)), sign0));
  across = hn::BitCast(d, hn::Xor(hn::BitCast(du, hn::IfThenElse(odd, c, s)), sign1));
}

/// Standard normals of 64 words, to[w] those of word w of the sixteen blocks: words 0 and 1 of a block make a pair, words 2 and 3
/// the other.
HWY_INLINE void normals_of_words(const std::uint32_t* words, const std::array<float*, 4>& to) {
  const hn::CappedTag<float, kBlocks> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  using V = hn::Vec<decltype(d)>;
  for (std::size_t i = 0; i < kBlocks; i += hn::Lanes(d))
    for (std::size_t pair = 0; pair < 4; pair += 2) {
      const V radius = radius_of_word(d, hn::Load(du, words + kBlocks * pair + i));
      V along, across;
      circle_of_word(d, hn::Load(du, words + kBlocks * (pair + 1) + i), along, across);
      hn::Store(hn::Mul(radius, along), d, to[pair] + i);
      hn::Store(hn::Mul(radius, across), d, to[pair + 1] + i);
    }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // Highway's guard
