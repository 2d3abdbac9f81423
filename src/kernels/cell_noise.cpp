#include "kernels/cell_noise.hpp"

#include <algorithm>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cell_noise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/noise_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

/// Round keys of sixteen streams, one a lane.
struct LaneKeys {
  Vec64 low[kBlockVectors], high[kBlockVectors];

  HWY_INLINE Vec64 even(std::size_t round, std::size_t v) const { return hn::Add(low[v], hn::Set(Lane64(), round * 0x9E3779B9u)); }
  HWY_INLINE Vec64 odd(std::size_t round, std::size_t v) const { return hn::Add(high[v], hn::Set(Lane64(), round * 0xBB67AE85u)); }
};

/// Block `group` of each of sixteen streams.
HWY_INLINE void words_of_rows(const Key* keys, std::uint32_t group, std::uint32_t* words) {
  const Lane64 d;
  LaneKeys lanes;
  Vec64 word[kBlockVectors][4];
  for (std::size_t v = 0; v < kBlockVectors; ++v) {
    static_assert(sizeof(Key) == 2 * sizeof(std::uint64_t) && offsetof(Key, low) == 0);
    Vec64 key_low, key_high;
    hn::LoadInterleaved2(d, reinterpret_cast<const std::uint64_t*>(keys + v * hn::MaxLanes(d)), key_low, key_high);
    lanes.low[v] = key_low;
    lanes.high[v] = hn::ShiftRight<32>(key_low);
    word[v][0] = hn::Set(d, std::uint64_t{group});
    word[v][1] = hn::Zero(d);
    word[v][2] = key_high;
    word[v][3] = hn::ShiftRight<32>(key_high);
  }
  philox_words(word, lanes, words);
}

/// to[w] takes sixteen numbers of word w.
template <class Number>
HWY_INLINE void numbers_of_words(const std::uint32_t* words, const std::array<float*, 4>& to, const Number& number) {
  const hn::CappedTag<float, kBlocks> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  for (std::size_t w = 0; w < 4; ++w)
    for (std::size_t i = 0; i < kBlocks; i += hn::Lanes(d)) hn::Store(number(d, hn::Load(du, words + kBlocks * w + i)), d, to[w] + i);
}

HWY_INLINE void uniforms_of_words(const std::uint32_t* words, const std::array<float*, 4>& to) {
  numbers_of_words(words, to, [](auto d, auto word) HWY_ATTR {
    return hn::Mul(hn::ConvertTo(d, hn::BitCast(hn::RebindToSigned<decltype(d)>(), word)), hn::Set(d, 0x1p-31f));
  });
}

/// By the inverse of the distribution: 23 bits give the size, the highest one the sign.
HWY_INLINE void laplaces_of_words(const std::uint32_t* words, const std::array<float*, 4>& to) {
  numbers_of_words(words, to, [](auto d, auto word) HWY_ATTR {
    const hn::RebindToSigned<decltype(d)> di;
    const hn::RebindToUnsigned<decltype(d)> du;
    const auto steps = hn::ConvertTo(d, hn::BitCast(di, hn::And(hn::ShiftRight<8>(word), hn::Set(du, 0x7fffffu))));
    const auto size = hn::Mul(log2_of(d, hn::Mul(hn::Add(steps, hn::Set(d, 0.5f)), hn::Set(d, 0x1p-23f))), hn::Set(d, -0.490129072f));
    return hn::BitCast(d, hn::Xor(hn::BitCast(du, size), hn::And(word, hn::Set(du, 0x80000000u))));
  });
}

void run_noise(CellLaw law, std::span<const Key> keys, std::uint32_t group, CellNoise& noise) {
  HWY_ALIGN std::uint32_t words[4 * kBlocks];
  std::array<Key, kBlocks> last{};
  for (std::size_t first = 0; first < keys.size(); first += kBlocks) {
    const Key* rows = keys.data() + first;
    if (keys.size() - first < kBlocks) {
      std::ranges::copy(keys.subspan(first), last.begin());
      rows = last.data();
    }
    words_of_rows(rows, group, words);
    const std::array<float*, 4> to{noise.columns[0].data() + first, noise.columns[1].data() + first, noise.columns[2].data() + first, noise.columns[3].data() + first};
    if (law == CellLaw::normal) normals_of_words(words, to);
    else if (law == CellLaw::uniform) uniforms_of_words(words, to);
    else laplaces_of_words(words, to);
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(run_noise);

void cell_noise(CellLaw law, std::span<const Key> keys, std::uint32_t group, CellNoise& noise) { HWY_DYNAMIC_DISPATCH(run_noise)(law, keys, group, noise); }

}  // namespace leaven::kernels
#endif
