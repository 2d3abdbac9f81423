#include "kernels/byte_matrix.hpp"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/byte_matrix.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/prefetch.hpp"
#include "kernels/simd_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

using Float = hn::ScalableTag<float>;
using FloatVec = hn::Vec<Float>;
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
constexpr std::size_t kPixels = 16;  ///< at a time: a multiple of every target's float lanes
#else
using Bytes = hn::ScalableTag<std::uint8_t>;
constexpr std::size_t kPixels = HWY_LANES(std::uint8_t);
#endif

/// kPixels pixels. `grey`: the matrix has three equal rows.
HWY_INLINE void matrix_block(const std::uint8_t* in, const std::array<float, 12>& m, bool grey, std::uint8_t* out) {
  const Float d;
  const hn::RebindToSigned<Float> di;
  const hn::Rebind<std::uint8_t, Float> dt;
  const auto down = hn::Set(d, 1 / 255.0f), up = hn::Set(d, 255.0f);
  HWY_ALIGN std::uint8_t runs[3][kPixels];
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
  for (std::size_t i = 0; i < kPixels; ++i)
    for (std::size_t c = 0; c < 3; ++c) runs[c][i] = in[3 * i + c];
#else
  const Bytes du;
  hn::Vec<Bytes> a, b, c;
  hn::LoadInterleaved3(du, in, a, b, c);
  hn::Store(a, du, runs[0]);
  hn::Store(b, du, runs[1]);
  hn::Store(c, du, runs[2]);
#endif
  const auto load = [&](std::size_t channel, std::size_t i) HWY_ATTR {
    return hn::Mul(hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(dt, runs[channel] + i))), down);
  };
  const auto row = [&](std::size_t at, FloatVec r, FloatVec g, FloatVec b) HWY_ATTR {
    const auto sum = hn::Add(hn::Add(hn::Mul(r, hn::Set(d, m[at])), hn::Mul(g, hn::Set(d, m[at + 1]))),
                             hn::Add(hn::Mul(b, hn::Set(d, m[at + 2])), hn::Set(d, m[at + 3])));
    return hn::DemoteTo(dt, nearest_int(d, hn::Mul(clamp_unit(d, sum), up)));
  };
  for (std::size_t i = 0; i < kPixels; i += hn::Lanes(d)) {
    const auto r = load(0, i), g = load(1, i), b = load(2, i);
    hn::StoreU(row(0, r, g, b), dt, runs[0] + i);
    if (grey) continue;
    hn::StoreU(row(4, r, g, b), dt, runs[1] + i);
    hn::StoreU(row(8, r, g, b), dt, runs[2] + i);
  }
  const std::size_t second = grey ? 0 : 1, third = grey ? 0 : 2;
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
  for (std::size_t i = 0; i < kPixels; ++i)
    out[3 * i] = runs[0][i], out[3 * i + 1] = runs[second][i], out[3 * i + 2] = runs[third][i];
#else
  hn::StoreInterleaved3(hn::Load(du, runs[0]), hn::Load(du, runs[second]), hn::Load(du, runs[third]), du, out);
#endif
}

void run_bytes(const std::uint8_t* in, std::size_t pixels, const std::array<float, 12>& m, bool grey, std::uint8_t* out) {
  std::size_t i = 0;
  for (; i + kPixels <= pixels; i += kPixels) {
    prefetch(reinterpret_cast<const std::byte*>(in + 3 * i) + kPrefetchAhead, 3 * kPixels);
    matrix_block(in + 3 * i, m, grey, out + 3 * i);
  }
  if (i == pixels) return;
  std::uint8_t tail[3 * kPixels] = {};
  std::memcpy(tail, in + 3 * i, 3 * (pixels - i));
  matrix_block(tail, m, grey, tail);
  std::memcpy(out + 3 * i, tail, 3 * (pixels - i));
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(run_bytes);

void color_matrix_bytes(const std::uint8_t* in, std::size_t pixels, const std::array<float, 12>& m, std::uint8_t* out) {
  const bool grey = std::equal(m.begin(), m.begin() + 4, m.begin() + 4) && std::equal(m.begin(), m.begin() + 4, m.begin() + 8);
  HWY_DYNAMIC_DISPATCH(run_bytes)(in, pixels, m, grey, out);
}

}  // namespace leaven::kernels
#endif
