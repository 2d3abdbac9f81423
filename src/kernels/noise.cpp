#include "kernels/noise.hpp"

#include <algorithm>

#include "kernels/noise_definition.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/noise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd-inl.hpp"

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

/// Philox 4×32-10 on one block a 64-bit lane; only the low halves of the words count. `first` is the low word of the
/// first lane's element.
HWY_INLINE void philox_lanes(Lane64 d, const RoundKeys& keys, std::uint64_t key_high, std::uint32_t first,
                             std::uint32_t element_high, Vec64 (&word)[4]) {
  const Lane32 d32;
  const auto multiply = [&](Vec64 x, std::uint64_t by) HWY_ATTR {
    return hn::MulEven(hn::BitCast(d32, x), hn::BitCast(d32, hn::Set(d, by)));
  };
  word[0] = hn::Iota(d, first);
  word[1] = hn::Set(d, element_high);
  word[2] = hn::Set(d, key_high & 0xffffffffu);
  word[3] = hn::Set(d, key_high >> 32);
  for (int round = 0; round < 10; ++round) {
    const Vec64 p0 = multiply(word[0], 0xD2511F53), p1 = multiply(word[2], 0xCD9E8D57);
    word[0] = hn::Xor3(hn::ShiftRight<32>(p1), word[1], hn::Set(d, keys.even[round]));
    word[1] = p1;
    word[2] = hn::Xor3(hn::ShiftRight<32>(p0), word[3], hn::Set(d, keys.odd[round]));
    word[3] = p0;
  }
}

/// The 64 words of a group of pixels: words[16·w + i] is word w of block i.
HWY_INLINE void random_group(const RoundKeys& keys, std::uint64_t key_high, std::uint64_t element, std::uint32_t* words) {
  const Lane64 d;
  const Lane32 d32;
  const auto element_high = static_cast<std::uint32_t>(element >> 32);
  for (std::size_t i = 0; i < kBlocks; i += hn::Lanes(d32)) {
    const auto start = static_cast<std::uint32_t>(element) + static_cast<std::uint32_t>(i);
    Vec64 low[4], high[4];
    philox_lanes(d, keys, key_high, start, element_high, low);
    philox_lanes(d, keys, key_high, start + static_cast<std::uint32_t>(hn::Lanes(d)), element_high, high);
    for (std::size_t w = 0; w < 4; ++w)
      hn::Store(hn::ConcatEven(d32, hn::BitCast(d32, high[w]), hn::BitCast(d32, low[w])), d32,
                words + kBlocks * w + i);
  }
}

/// As noise_normals(), operation by operation.
template <class D, class U, class V>
HWY_INLINE void normals(D d, U first, U second, V& out0, V& out1) {
  const hn::RebindToSigned<D> di;
  const hn::RebindToUnsigned<D> du;
  const auto half = hn::Set(d, 0.5f);
  const V u = hn::Mul(hn::Add(hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<9>(first))), half), hn::Set(d, 0x1p-23f));
  const V radius = hn::Sqrt(hn::Mul(log2_of(d, u), hn::Set(d, -1.38629436f)));
  const auto step = hn::Sub(hn::BitCast(di, hn::And(hn::ShiftRight<7>(second), hn::Set(du, 0x7fffffu))),
                            hn::Set(di, 0x400000));
  const V angle = hn::Mul(hn::Add(hn::ConvertTo(d, step), half), hn::Set(d, 0x1p-23f * 1.57079632679490f));
  const V z = hn::Mul(angle, angle);
  V s = hn::Sub(hn::Mul(z, hn::Set(d, 1.0f / 362880.0f)), hn::Set(d, 1.0f / 5040.0f));
  s = hn::Add(hn::Mul(s, z), hn::Set(d, 1.0f / 120.0f));
  s = hn::Sub(hn::Mul(s, z), hn::Set(d, 1.0f / 6.0f));
  s = hn::Add(hn::Mul(s, z), hn::Set(d, 1.0f));
  s = hn::Mul(s, angle);
  V c = hn::Sub(hn::Mul(z, hn::Set(d, 1.0f / 40320.0f)), hn::Set(d, 1.0f / 720.0f));
  c = hn::Add(hn::Mul(c, z), hn::Set(d, 1.0f / 24.0f));
  c = hn::Sub(hn::Mul(c, z), half);
  c = hn::Add(hn::Mul(c, z), hn::Set(d, 1.0f));

  const auto odd = hn::MaskFromVec(hn::BitCast(d, hn::BroadcastSignBit(hn::BitCast(di, hn::ShiftLeft<1>(second)))));
  const auto sign_bit = hn::Set(du, 0x80000000u);
  const auto sign0 = hn::And(hn::Xor(second, hn::ShiftLeft<1>(second)), sign_bit), sign1 = hn::And(second, sign_bit);
  const V along = hn::IfThenElse(odd, s, c), across = hn::IfThenElse(odd, c, s);
  out0 = hn::Mul(radius, hn::BitCast(d, hn::Xor(hn::BitCast(du, along), sign0)));
  out1 = hn::Mul(radius, hn::BitCast(d, hn::Xor(hn::BitCast(du, across), sign1)));
}

void run_gaussian(Key key, int x, int y, int channel, int count, float* out) {
  const hn::CappedTag<float, kBlocks> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  HWY_ALIGN std::uint32_t words[4 * kBlocks];
  const RoundKeys keys(key);
  for (int group = 0; group < count; group += 64) {
    random_group(keys, key.high, noise_word(x + group, y, channel).block, words);
    for (std::size_t w = 0; w < 4; w += 2)
      for (std::size_t i = 0; i < kBlocks; i += hn::Lanes(d)) {
        hn::Vec<decltype(d)> n0, n1;
        normals(d, hn::Load(du, words + kBlocks * w + i), hn::Load(du, words + kBlocks * (w + 1) + i), n0, n1);
        hn::Store(n0, d, out + group + kBlocks * w + i);
        hn::Store(n1, d, out + group + kBlocks * (w + 1) + i);
      }
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
HWY_EXPORT(run_salt_pepper);

void gaussian_row(Key key, int x, int y, int channel, int count, float* out) {
  HWY_DYNAMIC_DISPATCH(run_gaussian)(key, x, y, channel, count, out);
}

void salt_pepper_row(Key key, int x, int y, double amount, double salt, const std::array<float, 4>& salted,
                     const std::array<float, 4>& peppered, int colours, int count, const Planes& planes) {
  HWY_DYNAMIC_DISPATCH(run_salt_pepper)
  (key, x, y, noise_threshold(amount), noise_threshold(amount * salt), salted, peppered, colours, count, planes);
}

}  // namespace leaven::kernels
#endif
