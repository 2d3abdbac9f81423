#include "kernels/noise.hpp"

#include <algorithm>

#include "kernels/noise_definition.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/noise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

// Sixteen blocks of Philox serve a group of 64 pixels: word w of block i belongs to pixel 16·w + i.
constexpr std::size_t kBlocks = 16;
using Lane64 = hn::CappedTag<std::uint64_t, kBlocks / 2>;
using Lane32 = hn::Repartition<std::uint32_t, Lane64>;
using Vec64 = hn::Vec<Lane64>;

struct RoundKeys {
  std::uint64_t even[10], odd[10];

  explicit RoundKeys(Key key) {
    auto k0 = static_cast<std::uint32_t>(key.low), k1 = static_cast<std::uint32_t>(key.low >> 32);
    for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
      even[round] = k0;
      odd[round] = k1;
    }
  }
};

/// The 64 words of a group of pixels, words[16·w + i] word w of block i, by Philox 4×32-10 on one block a 64-bit lane
/// (only the low halves count). `element` is block 0's. All blocks go round by round together: a round waits for the
/// one before it, so a block alone would leave the multiplier idle.
HWY_INLINE void random_group(const RoundKeys& keys, std::uint64_t key_high, std::uint64_t element,
                             std::uint32_t* words) {
  const Lane64 d;
  const Lane32 d32;
  constexpr std::size_t kVectors = kBlocks / hn::MaxLanes(d);
  const auto multiply = [&](Vec64 x, std::uint64_t by)
                            HWY_ATTR { return hn::MulEven(hn::BitCast(d32, x), hn::BitCast(d32, hn::Set(d, by))); };
  Vec64 word[kVectors][4];
  for (std::size_t v = 0; v < kVectors; ++v) {
    word[v][0] = hn::Iota(d, (element & 0xffffffffu) + v * hn::MaxLanes(d));
    word[v][1] = hn::Set(d, element >> 32);
    word[v][2] = hn::Set(d, key_high & 0xffffffffu);
    word[v][3] = hn::Set(d, key_high >> 32);
  }
  for (int round = 0; round < 10; ++round)
    for (std::size_t v = 0; v < kVectors; ++v) {
      const Vec64 p0 = multiply(word[v][0], 0xD2511F53), p1 = multiply(word[v][2], 0xCD9E8D57);
      word[v][0] = hn::Xor3(hn::ShiftRight<32>(p1), word[v][1], hn::Set(d, keys.even[round]));
      word[v][1] = p1;
      word[v][2] = hn::Xor3(hn::ShiftRight<32>(p0), word[v][3], hn::Set(d, keys.odd[round]));
      word[v][3] = p0;
    }
  for (std::size_t v = 0; v < kVectors; v += 2)
    for (std::size_t w = 0; w < 4; ++w)
      hn::Store(hn::ConcatEven(d32, hn::BitCast(d32, word[v + 1][w]), hn::BitCast(d32, word[v][w])), d32,
                words + kBlocks * w + v * hn::MaxLanes(d));
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

void run_gaussian(Key key, int x, int y, int channel, int count, float* out) {
  const hn::CappedTag<float, kBlocks> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  using V = hn::Vec<decltype(d)>;
  HWY_ALIGN std::uint32_t all_words[kSegment];
  const RoundKeys keys(key);
  // All words first: one group waits for its own chain of rounds, several fill each other's gaps.
  for (int group = 0; group < count; group += 64)
    random_group(keys, key.high, noise_word(x + group, y, channel).block, all_words + group);
  for (int group = 0; group < count; group += 64) {
    const std::uint32_t* words = all_words + group;
    float* to = out + group;
    for (std::size_t i = 0; i < kBlocks; i += hn::Lanes(d)) {
      const V radius0 = radius_of_word(d, hn::Load(du, words + i));
      const V radius1 = radius_of_word(d, hn::Load(du, words + 2 * kBlocks + i));
      V along0, across0, along1, across1;
      circle_of_word(d, hn::Load(du, words + kBlocks + i), along0, across0);
      circle_of_word(d, hn::Load(du, words + 3 * kBlocks + i), along1, across1);
      hn::Store(hn::Mul(radius0, along0), d, to + i);
      hn::Store(hn::Mul(radius0, across0), d, to + kBlocks + i);
      hn::Store(hn::Mul(radius1, along1), d, to + 2 * kBlocks + i);
      hn::Store(hn::Mul(radius1, across1), d, to + 3 * kBlocks + i);
    }
  }
}

void run_words(Key key, int x, int y, int channel, int count, std::uint32_t* out) {
  HWY_ALIGN std::uint32_t words[4 * kBlocks];
  const RoundKeys keys(key);
  for (int group = 0; group < count; group += 64) {
    random_group(keys, key.high, noise_word(x + group, y, channel).block, words);
    std::copy_n(words, 4 * kBlocks, out + group);
  }
}

void run_salt_pepper(Key key, int x, int y, std::uint32_t below_replaced, std::uint32_t below_salt,
                     const std::array<float, 4>& salted, const std::array<float, 4>& peppered, int colours, int count,
                     const Planes& planes) {
  const hn::CappedTag<float, kBlocks> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  HWY_ALIGN std::uint32_t words[4 * kBlocks];
  const RoundKeys keys(key);
  for (int group = 0; group < count; group += 64) {
    random_group(keys, key.high, noise_word(x + group, y, 0).block, words);
    for (std::size_t i = 0; i < 4 * kBlocks; i += hn::Lanes(d)) {
      const auto u = hn::ShiftRight<1>(hn::Load(du, words + i));
      const auto hit = hn::RebindMask(d, hn::Lt(u, hn::Set(du, below_replaced)));
      const auto is_salt = hn::RebindMask(d, hn::Lt(u, hn::Set(du, below_salt)));
      for (std::size_t c = 0; c < static_cast<std::size_t>(colours); ++c) {
        float* at = planes.channel[c] + group + i;
        const auto colour = hn::IfThenElse(is_salt, hn::Set(d, salted[c]), hn::Set(d, peppered[c]));
        hn::Store(hn::IfThenElse(hit, colour, hn::Load(d, at)), d, at);
      }
    }
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(run_gaussian);
HWY_EXPORT(run_words);
HWY_EXPORT(run_salt_pepper);

void gaussian_row(Key key, int x, int y, int channel, int count, float* out) {
  HWY_DYNAMIC_DISPATCH(run_gaussian)(key, x, y, channel, count, out);
}

void word_row(Key key, int x, int y, int channel, int count, std::uint32_t* out) {
  HWY_DYNAMIC_DISPATCH(run_words)(key, x, y, channel, count, out);
}

void salt_pepper_row(Key key, int x, int y, double amount, double salt, const std::array<float, 4>& salted,
                     const std::array<float, 4>& peppered, int colours, int count, const Planes& planes) {
  HWY_DYNAMIC_DISPATCH(run_salt_pepper)
  (key, x, y, noise_threshold(amount), noise_threshold(amount * salt), salted, peppered, colours, count, planes);
}

}  // namespace leaven::kernels
#endif
