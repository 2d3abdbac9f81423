#include "kernels/affine_bytes.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "kernels/bilinear.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/affine_bytes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/bilinear_inl.hpp"
#include "kernels/simd_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

using Float = hn::CappedTag<float, 16>;
using Int = hn::RebindToSigned<Float>;
using Word = hn::RebindToUnsigned<Float>;
using Byte = hn::Rebind<std::uint8_t, Float>;
using Double = hn::CappedTag<double, 8>;
using HalfInt = hn::Rebind<std::int32_t, Double>;
using FloatVec = hn::Vec<Float>;
using IntVec = hn::Vec<Int>;
using WordVec = hn::Vec<Word>;
using DoubleVec = hn::Vec<Double>;

HWY_INLINE WordVec gather(const std::uint32_t* words, IntVec at) {
  const Word d;
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
  return hn::GatherIndex(d, words, at);
#else
  HWY_ALIGN std::int32_t places[16];
  HWY_ALIGN std::uint32_t found[16];
  hn::Store(at, Int(), places);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) found[i] = words[places[i]];
  return hn::Load(d, found);
#endif
}

/// Byte k of each word.
template <int k>
HWY_INLINE FloatVec level(WordVec words) {
  if constexpr (k > 0) words = hn::ShiftRight<8 * k>(words);
  if constexpr (k < 3) words = hn::And(words, hn::Set(Word(), 255));
  return hn::ConvertTo(Float(), hn::BitCast(Int(), words));
}

/// A vector of pixels, channel by channel.
template <int C>
HWY_INLINE void split(const std::uint8_t* pixels, hn::Vec<Byte> (&channels)[C]) {
  const Byte d;
  if constexpr (C == 1) channels[0] = hn::LoadU(d, pixels);
  if constexpr (C == 2) hn::LoadInterleaved2(d, pixels, channels[0], channels[1]);
  if constexpr (C == 3) hn::LoadInterleaved3(d, pixels, channels[0], channels[1], channels[2]);
  if constexpr (C == 4) hn::LoadInterleaved4(d, pixels, channels[0], channels[1], channels[2], channels[3]);
}
template <int C>
HWY_INLINE void join(const hn::Vec<Byte> (&channels)[C], std::uint8_t* pixels) {
  const Byte d;
  if constexpr (C == 1) hn::StoreU(channels[0], d, pixels);
  if constexpr (C == 2) hn::StoreInterleaved2(channels[0], channels[1], d, pixels);
  if constexpr (C == 3) hn::StoreInterleaved3(channels[0], channels[1], channels[2], d, pixels);
  if constexpr (C == 4) hn::StoreInterleaved4(channels[0], channels[1], channels[2], channels[3], d, pixels);
}

/// The pixels of every row, with their right neighbours, become the upper half of its quads and the lower half of those of the row above.
template <int C>
void make_quads(const PixelRows& source, std::size_t stride, std::uint32_t* words) {
  const Word d;
  const int width = source.x1 - source.x0, last = source.y1 - source.y0 - 1;
  const std::size_t plane = stride * static_cast<std::size_t>(last);
  for (int y = 0; y <= last; ++y) {
    const auto* row = reinterpret_cast<const std::uint8_t*>(source.rows[y]);
    std::uint32_t* const at = words + stride * static_cast<std::size_t>(y);
    for (int x = 0; x < width; x += static_cast<int>(hn::Lanes(d))) {
      hn::Vec<Byte> left[C], right[C];
      split<C>(row + x * C, left);
      split<C>(row + (x + 1) * C, right);
      std::uint32_t* to = at + x;
      for (int c = 0; c < C; ++c, to += plane) {
        const auto pair = hn::Or(hn::PromoteTo(d, left[c]), hn::ShiftLeft<8>(hn::PromoteTo(d, right[c])));
        if (y < last) hn::Store(pair, d, to);
        if (y > 0) hn::Store(hn::Or(hn::Load(d, to - stride), hn::ShiftLeft<16>(pair)), d, to - stride);
      }
    }
  }
}

template <int C, bool kCut>
struct Rows {
  const Quads& source;
  const AffineWalk& walk;
  std::int32_t stride;
  std::ptrdiff_t plane;  ///< words
  FixedPosition<Double> column, row;
  IntVec fill[C];  ///< levels

  Rows(const Quads& from, const AffineWalk& how)
      : source(from),
        walk(how),
        stride(static_cast<std::int32_t>(from.stride)),
        plane(std::ptrdiff_t{stride} * (from.y1 - from.y0 - 1)),
        column(Double(), from.x0, from.x1),
        row(Double(), from.y0, from.y1) {
    for (int c = 0; c < C; ++c) fill[c] = nearest_int(Float(), hn::Set(Float(), walk.fill[static_cast<std::size_t>(c)] * 255.0f));
  }

  /// Fixed positions of the pixels whose columns are px; that along x is negative where the fill answers.
  HWY_INLINE void place(DoubleVec px, DoubleVec u0, DoubleVec v0, hn::Vec<HalfInt>& x, hn::Vec<HalfInt>& y) const {
    const Double d;
    const HalfInt di;
    const auto u = hn::Add(hn::Mul(px, hn::Set(d, walk.map.m[0])), u0), v = hn::Add(hn::Mul(px, hn::Set(d, walk.map.m[3])), v0);
    auto at = column.of(d, u);
    if constexpr (kCut) {
      const auto zero = hn::Zero(d);
      const auto inside = hn::And(hn::And(hn::Ge(u, zero), hn::Lt(u, hn::Set(d, walk.canvas->width))),
                                  hn::And(hn::Ge(v, zero), hn::Lt(v, hn::Set(d, walk.canvas->height))));
      at = hn::IfThenElse(inside, at, hn::Set(d, -1.0));
    }
    x = hn::DemoteTo(di, at);
    y = hn::DemoteTo(di, row.of(d, v));
  }

  HWY_INLINE void place_all(DoubleVec px, DoubleVec u0, DoubleVec v0, IntVec& x, IntVec& y) const {
#if HWY_TARGET == HWY_SCALAR
    place(px, u0, v0, x, y);
#else
    const Double d;
    hn::Vec<HalfInt> x0, y0, x1, y1;
    place(px, u0, v0, x0, y0);
    place(hn::Add(px, hn::Set(d, static_cast<double>(hn::Lanes(d)))), u0, v0, x1, y1);
    x = hn::Combine(Int(), x1, x0);
    y = hn::Combine(Int(), y1, y0);
#endif
  }

  /// A vector of pixels from column x of an output row on.
  HWY_INLINE void run(int x, DoubleVec u0, DoubleVec v0, std::uint8_t* out) const {
    const Float d;
    const Int di;
    const Double dd;
    IntVec fixed_x, fixed_y;
    place_all(hn::Add(hn::Iota(dd, 0.0), hn::Set(dd, x + 0.5)), u0, v0, fixed_x, fixed_y);
    const auto filled = hn::Lt(fixed_x, hn::Zero(di));
    if constexpr (kCut) fixed_x = hn::Max(fixed_x, hn::Zero(di));
    const auto at = hn::Add(hn::Mul(hn::ShiftRight<16>(fixed_y), hn::Set(di, stride)), hn::ShiftRight<16>(fixed_x));
    const auto share_x = share_of(d, fixed_x), share_y = share_of(d, fixed_y);
    hn::Vec<Byte> made[C];
    const std::uint32_t* words = source.words;
    for (int c = 0; c < C; ++c, words += plane) {
      const auto quad = gather(words, at);
      const auto value = mix(mix(level<0>(quad), level<2>(quad), share_y), mix(level<1>(quad), level<3>(quad), share_y), share_x);
      // To [0, 1] and back, as values go between two stages.
      auto rounded = nearest_int(d, hn::Mul(hn::Mul(value, hn::Set(d, 1 / 255.0f)), hn::Set(d, 255.0f)));
      if constexpr (kCut) rounded = hn::IfThenElse(filled, fill[c], rounded);
      made[c] = hn::DemoteTo(Byte(), rounded);
    }
    join<C>(made, out);
  }

  void all(int width, int from, int to, std::byte* out, std::size_t row_bytes) const {
    const Double d;
    const auto& m = walk.map.m;
    const int lanes = static_cast<int>(hn::Lanes(Float()));
    for (int y = from; y < to; ++y, out += row_bytes) {
      const double py = y + 0.5;
      const auto u0 = hn::Set(d, m[1] * py + m[2]), v0 = hn::Set(d, m[4] * py + m[5]);
      auto* pixels = reinterpret_cast<std::uint8_t*>(out);
      if (width < lanes) {
        HWY_ALIGN std::uint8_t wide[16 * C];
        run(0, u0, v0, wide);
        std::memcpy(pixels, wide, static_cast<std::size_t>(width) * C);
        continue;
      }
      int x = 0;
      for (; x + lanes <= width; x += lanes) run(x, u0, v0, pixels + x * C);
      // The last ones together with some that are made already.
      if (x < width) run(width - lanes, u0, v0, pixels + (width - lanes) * C);
    }
  }
};

template <class Work>
void with_channels(int channels, const Work& work) {
  switch (channels) {
    case 1: return work.template operator()<1>();
    case 2: return work.template operator()<2>();
    case 3: return work.template operator()<3>();
    default: return work.template operator()<4>();
  }
}

void quads(const PixelRows& source, std::size_t stride, std::uint32_t* words) {
  with_channels(source.channels, [&]<int C>() { make_quads<C>(source, stride, words); });
}

void warp(const Quads& source, const AffineWalk& walk, int width, int from, int to, std::byte* out, std::size_t stride) {
  with_channels(source.channels, [&]<int C>() {
    if (walk.canvas) Rows<C, true>(source, walk).all(width, from, to, out, stride);
    else Rows<C, false>(source, walk).all(width, from, to, out, stride);
  });
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(quads);
HWY_EXPORT(warp);

bool fits_quads(const PixelRows& source) { return fits_bilinear(source) && source.dtype == Dtype::u8 && !source.alpha; }

/// Words of a row of quads: whole vectors of any target.
static std::size_t quad_stride(const PixelRows& source) { return (static_cast<std::size_t>(source.x1 - source.x0) + 15) / 16 * 16; }

std::size_t quad_words(const PixelRows& source) {
  return quad_stride(source) * static_cast<std::size_t>(source.y1 - source.y0 - 1) * static_cast<std::size_t>(source.channels);
}

Quads quads_of(const PixelRows& source, std::uint32_t* words) {
  const std::size_t stride = quad_stride(source);
  HWY_DYNAMIC_DISPATCH(quads)(source, stride, words);
  return {words, stride, source.x0, source.y0, source.x1, source.y1, source.channels};
}

void affine_bytes(const Quads& source, const AffineWalk& walk, int width, int from, int to, std::byte* out, std::size_t stride) {
  HWY_DYNAMIC_DISPATCH(warp)(source, walk, width, from, to, out, stride);
}

}  // namespace leaven::kernels
#endif
