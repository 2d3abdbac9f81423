#include "kernels/byte_lookup.hpp"

#include <algorithm>

// Of the targets, only this one has a table lookup over 128 bytes (VBMI).
#define HWY_WANT_AVX3_DL
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/byte_lookup.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// The same table for every byte. Returns how many bytes it did; whole vectors only.
std::size_t look_up_run(const std::uint8_t* in, const std::uint8_t* table, std::size_t count, std::uint8_t* out) {
#if HWY_TARGET == HWY_AVX3_DL
  const __m512i t0 = _mm512_loadu_si512(table), t1 = _mm512_loadu_si512(table + 64);
  const __m512i t2 = _mm512_loadu_si512(table + 128), t3 = _mm512_loadu_si512(table + 192);
  std::size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    const __m512i v = _mm512_loadu_si512(in + i);
    const __m512i low = _mm512_permutex2var_epi8(t0, v, t1), high = _mm512_permutex2var_epi8(t2, v, t3);
    _mm512_storeu_si512(out + i, _mm512_mask_blend_epi8(_mm512_movepi8_mask(v), low, high));
  }
  return i;
#elif HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
  (void)in, (void)table, (void)count, (void)out;
  return 0;
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
    hn::StoreU(sum, d, out + i);
  }
  return i;
#endif
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(look_up_run);

void look_up_bytes(const std::uint8_t* in, const std::array<ByteTable, 4>& tables, int channels, std::size_t pixels,
                   std::uint8_t* out) {
  const auto used = static_cast<std::size_t>(channels);
  const std::size_t count = used * pixels;
  if (std::all_of(tables.begin(), tables.begin() + channels, [&](const ByteTable& t) { return t == tables[0]; })) {
    const ByteTable& table = tables[0];
    for (std::size_t i = HWY_DYNAMIC_DISPATCH(look_up_run)(in, table.data(), count, out); i < count; ++i)
      out[i] = table[in[i]];
    return;
  }
  for (std::size_t i = 0; i < count; i += used)
    for (std::size_t c = 0; c < used; ++c) out[i + c] = tables[c][in[i + c]];
}

}  // namespace leaven::kernels
#endif
