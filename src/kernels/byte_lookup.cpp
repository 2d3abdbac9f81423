#include "kernels/byte_lookup.hpp"

#include <algorithm>

// Of the targets, only this one has a table lookup over 128 bytes (VBMI).
#define HWY_WANT_AVX3_DL
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/byte_lookup.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/prefetch.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// The same table for every byte.
void look_up_run(const std::uint8_t* in, const std::uint8_t* table, std::size_t count, std::uint8_t* out) {
#if HWY_TARGET == HWY_AVX3_DL
  const __m512i t0 = _mm512_loadu_si512(table), t1 = _mm512_loadu_si512(table + 64);
  const __m512i t2 = _mm512_loadu_si512(table + 128), t3 = _mm512_loadu_si512(table + 192);
  const auto found = [&](__m512i v) HWY_ATTR {
    const __m512i low = _mm512_permutex2var_epi8(t0, v, t1), high = _mm512_permutex2var_epi8(t2, v, t3);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(v), low, high);
  };
  std::size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    prefetch(in + i + kPrefetchAhead);
    _mm512_storeu_si512(out + i, found(_mm512_loadu_si512(in + i)));
  }
  if (i == count) return;
  const __mmask64 left = ~std::uint64_t{0} >> (64 - (count - i));
  _mm512_mask_storeu_epi8(out + i, left, found(_mm512_maskz_loadu_epi8(left, in + i)));
#elif HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
  for (std::size_t i = 0; i < count; ++i) out[i] = table[in[i]];
#else
  // Sixteen tables of 16 entries. After XOR with 16·k, bytes of table k are below 16; adding 0x70 with saturation lifts
  // all others over 127, for which the lookup gives 0.
  const hn::ScalableTag<std::uint8_t> d;
  const auto lift = hn::Set(d, std::uint8_t{0x70});
  hn::Vec<decltype(d)> parts[16];
  for (std::size_t k = 0; k < 16; ++k) parts[k] = hn::LoadDup128(d, table + 16 * k);
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
    const auto v = hn::LoadU(d, in + i);
    auto sum = hn::Zero(d);
    for (std::size_t k = 0; k < 16; ++k) {
      const auto index = hn::SaturatedAdd(hn::Xor(v, hn::Set(d, static_cast<std::uint8_t>(16 * k))), lift);
      sum = hn::Or(sum, hn::TableLookupBytesOr0(parts[k], index));
    }
    prefetch(in + i + kPrefetchAhead);
    hn::StoreU(sum, d, out + i);
  }
  for (; i < count; ++i) out[i] = table[in[i]];
#endif
}

#if HWY_TARGET == HWY_AVX3_DL
/// A table for each of kChannels interleaved channels; whole groups of kChannels vectors.
template <std::size_t kChannels>
std::size_t look_up_channels_of(const std::uint8_t* in, const ByteTable* tables, std::size_t count, std::uint8_t* out) {
  __m512i parts[kChannels][4];
  __mmask64 mine[kChannels][kChannels];  // of each vector, the bytes of each channel
  for (std::size_t c = 0; c < kChannels; ++c) {
    for (std::size_t k = 0; k < 4; ++k) parts[c][k] = _mm512_loadu_si512(tables[c].data() + 64 * k);
    for (std::size_t v = 0; v < kChannels; ++v) {
      mine[v][c] = 0;
      for (std::size_t i = 0; i < 64; ++i) mine[v][c] |= std::uint64_t{(64 * v + i) % kChannels == c} << i;
    }
  }
  std::size_t i = 0;
  for (; i + 64 * kChannels <= count; i += 64 * kChannels)
    for (std::size_t v = 0; v < kChannels; ++v) {
      prefetch(in + i + 64 * v + kPrefetchAhead);
      const __m512i bytes = _mm512_loadu_si512(in + i + 64 * v);
      const __mmask64 high = _mm512_movepi8_mask(bytes);
      __m512i made = _mm512_setzero_si512();
      for (std::size_t c = 0; c < kChannels; ++c) {
        made = _mm512_mask_blend_epi8(mine[v][c] & ~high, made, _mm512_permutex2var_epi8(parts[c][0], bytes, parts[c][1]));
        made = _mm512_mask_blend_epi8(mine[v][c] & high, made, _mm512_permutex2var_epi8(parts[c][2], bytes, parts[c][3]));
      }
      _mm512_storeu_si512(out + i + 64 * v, made);
    }
  return i;
}
#endif

/// A table for each of 2 to 4 interleaved channels. Returns how many bytes it did: whole pixels, none on most targets.
std::size_t look_up_channels(const std::uint8_t* in, const ByteTable* tables, std::size_t channels, std::size_t count, std::uint8_t* out) {
#if HWY_TARGET == HWY_AVX3_DL
  switch (channels) {
    case 2: return look_up_channels_of<2>(in, tables, count, out);
    case 3: return look_up_channels_of<3>(in, tables, count, out);
    default: return look_up_channels_of<4>(in, tables, count, out);
  }
#else
  (void)in, (void)tables, (void)channels, (void)count, (void)out;
  return 0;
#endif
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(look_up_run);
HWY_EXPORT(look_up_channels);

void look_up_bytes(const std::uint8_t* in, const std::array<ByteTable, 4>& tables, int channels, std::size_t pixels,
                   std::uint8_t* out) {
  const auto used = static_cast<std::size_t>(channels);
  const std::size_t count = used * pixels;
  if (std::all_of(tables.begin(), tables.begin() + channels, [&](const ByteTable& t) { return t == tables[0]; })) {
    HWY_DYNAMIC_DISPATCH(look_up_run)(in, tables[0].data(), count, out);
    return;
  }
  for (std::size_t i = HWY_DYNAMIC_DISPATCH(look_up_channels)(in, tables.data(), used, count, out); i < count; i += used)
    for (std::size_t c = 0; c < used; ++c) out[i + c] = tables[c][in[i + c]];
}

}  // namespace leaven::kernels
#endif
