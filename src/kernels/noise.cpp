#include "kernels/noise.hpp"

#include <algorithm>
#include <array>

#include "kernels/noise_definition.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/noise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/noise_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

/// Round keys of one stream, the same for all blocks.
struct RoundKeys {
  std::uint64_t evens[10], odds[10];

  explicit RoundKeys(Key key) {
    auto k0 = static_cast<std::uint32_t>(key.low), k1 = static_cast<std::uint32_t>(key.low >> 32);
    for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
      evens[round] = k0;
      odds[round] = k1;
    }
  }
  HWY_INLINE Vec64 even(std::size_t round, std::size_t) const { return hn::Set(Lane64(), evens[round]); }
  HWY_INLINE Vec64 odd(std::size_t round, std::size_t) const { return hn::Set(Lane64(), odds[round]); }
};

// A group of pixels has sixteen blocks.
constexpr std::size_t kBlocks = 16;
constexpr std::size_t kBlockVectors = kBlocks / hn::MaxLanes(Lane64());

/// The 64 words of a group of pixels: word w of block i belongs to pixel 16·w + i. `element` is block 0's.
HWY_INLINE void random_group(const RoundKeys& keys, std::uint64_t key_high, std::uint64_t element,
                             std::uint32_t* words) {
  const Lane64 d;
  const Lane32 d32;
  Vec64 word[kBlockVectors][4];
  for (std::size_t v = 0; v < kBlockVectors; ++v) {
    // Highway's Iota of what is not known beforehand writes lane after lane and waits for them.
    word[v][0] = hn::Add(hn::Set(d, (element & 0xffffffffu) + v * hn::MaxLanes(d)), hn::Iota(d, 0));
    word[v][1] = hn::Set(d, element >> 32);
    word[v][2] = hn::Set(d, key_high & 0xffffffffu);
    word[v][3] = hn::Set(d, key_high >> 32);
  }
  philox_rounds(word, keys);
  for (std::size_t v = 0; v < kBlockVectors; v += 2)
    for (std::size_t w = 0; w < 4; ++w) hn::Store(words_of(word[v], word[v + 1], w), d32, words + kBlocks * w + v * hn::MaxLanes(d));
}

/// Standard normals of a group's words, one a pixel: words 0 and 1 of a block make a pair, words 2 and 3 the other.
HWY_INLINE void normals_of_group(const std::uint32_t* words, float* to) {
  const LaneFloat d;
  const Lane32 du;
  for (std::size_t i = 0; i < kBlocks; i += hn::Lanes(d)) {
    const Vec32 first[]{hn::Load(du, words + i), hn::Load(du, words + 2 * kBlocks + i)};
    const Vec32 second[]{hn::Load(du, words + kBlocks + i), hn::Load(du, words + 3 * kBlocks + i)};
    VecFloat along[2], across[2];
    normals_of(first, second, along, across);
    for (std::size_t pair = 0; pair < 2; ++pair) {
      hn::Store(along[pair], d, to + 2 * pair * kBlocks + i);
      hn::Store(across[pair], d, to + (2 * pair + 1) * kBlocks + i);
    }
  }
}

void run_gaussian(Key key, int x, int y, int channel, int count, float* out) {
  HWY_ALIGN std::uint32_t all_words[kSegment];
  const RoundKeys keys(key);
  // All words first: one group waits for its own chain of rounds, several fill each other's gaps.
  for (int group = 0; group < count; group += 64)
    random_group(keys, key.high, noise_word(x + group, y, channel).block, all_words + group);
  for (int group = 0; group < count; group += 64) normals_of_group(all_words + group, out + group);
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
