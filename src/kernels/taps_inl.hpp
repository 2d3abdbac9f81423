// Weighted sums of neighbouring pixels of a row, for one output pixel at a time: a block of 2 or 4 interleaved pixels is
// widened to floats, four lanes a pixel (RGB gets an idle lane), times a weight each. Written for vectors of 4, 8 and
// 16 lanes so that every target adds in the same order: (pixel 0 + pixel 2) + (pixel 1 + pixel 3).

// Highway's guard for files that are included once per target.
#if defined(LEAVEN_KERNELS_TAPS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef LEAVEN_KERNELS_TAPS_INL_HPP
#undef LEAVEN_KERNELS_TAPS_INL_HPP
#else
#define LEAVEN_KERNELS_TAPS_INL_HPP
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// T: stored sample; C: channels; kTaps: pixels in a block, 4, or 2 with 3 and 4 channels.
template <class T, int C, int kTaps>
struct Block {
  static constexpr int kPerPixel = C == 1 ? 1 : C == 2 ? 2 : 4;
  static constexpr int kLanes = kPerPixel * kTaps;
  static constexpr int kVector = HWY_MIN(HWY_MAX_BYTES / 4, kLanes);
  static constexpr int kParts = kLanes / kVector;
  static constexpr int kPartPixels = kVector / kPerPixel;
  using D = hn::FixedTag<float, kVector>;
  using V = hn::Vec<D>;

  /// Samples of pixels [q·kPartPixels, …) of the block at `pixels`.
  static HWY_INLINE V load(const T* pixels, int q) {
    const T* p = pixels + q * kPartPixels * C;
    if constexpr (C != 3) {
      return widen(hn::LoadU(hn::FixedTag<T, kVector>(), p));
    } else if constexpr (kVector == 4) {
      return widen(hn::LoadU(hn::FixedTag<T, 4>(), p));
    } else {
      return load_rgb(p);
    }
  }

  /// The weights of part q, each as often as a pixel has lanes.
  static HWY_INLINE V spread(const float* weights, int q) {
    const D d;
    const float* w = weights + q * kPartPixels;
    if constexpr (kPerPixel == 1) {
      return hn::LoadU(d, w);
    } else if constexpr (kVector / kPerPixel == 1) {
      return hn::Set(d, w[0]);
    } else if constexpr (kVector == 16) {
      return hn::TableLookupLanes(hn::LoadDup128(d, w), hn::SetTableIndices(d, kOrder16));
    } else if constexpr (kVector == 8 && kPerPixel == 4) {
      const hn::Half<D> dh;
      return hn::Combine(d, hn::Set(dh, w[1]), hn::Set(dh, w[0]));
    } else if constexpr (kVector == 8) {
      return hn::TableLookupLanes(hn::LoadDup128(d, w), hn::SetTableIndices(d, kOrder8));
    } else {  // two lanes a pixel, two pixels
      return hn::TableLookupLanes(hn::Combine(d, hn::Zero(hn::Half<D>()), hn::LoadU(hn::Half<D>(), w)),
                                  hn::SetTableIndices(d, kOrder8));
    }
  }

  /// Sum of the block's pixels; kPerPixel floats are written (four for RGB).
  static HWY_INLINE void store_sum(const V* parts, float* out) {
    if constexpr (kParts == 4) {
      fold(hn::Add(hn::Add(parts[0], parts[2]), hn::Add(parts[1], parts[3])), out);
    } else if constexpr (kParts == 2) {
      fold(hn::Add(parts[0], parts[1]), out);
    } else {
      fold(parts[0], out);
    }
  }

 private:
  static constexpr std::int32_t kOrder16[16] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3};
  static constexpr std::int32_t kOrder8[8] = {0, 0, 1, 1, 2, 2, 3, 3};

  template <class VT>
  static HWY_INLINE V widen(VT samples) {
    if constexpr (sizeof(T) == 4) {
      return samples;
    } else {
      const hn::RebindToSigned<D> di;
      return hn::ConvertTo(D(), hn::PromoteTo(di, samples));
    }
  }

  /// 2 or 4 pixels of 3 samples; reads as many samples as there are lanes, and never beyond a row's slack.
  static HWY_INLINE V load_rgb(const T* p) {
    if constexpr (sizeof(T) == 1) {
      const hn::FixedTag<std::uint8_t, 16> d8;
      alignas(16) static constexpr std::uint8_t kSpread[16] = {0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11};
      const auto spread = hn::TableLookupBytes(hn::LoadU(d8, p), hn::Load(d8, kSpread));
      if constexpr (kVector == 16) {
        return widen(spread);
      } else {
        return widen(hn::LowerHalf(hn::Half<decltype(d8)>(), spread));
      }
    } else if constexpr (sizeof(T) == 2) {
      const hn::FixedTag<std::uint16_t, 8> d16;
      const hn::Repartition<std::uint8_t, decltype(d16)> d8;
      alignas(16) static constexpr std::uint8_t kSpread[16] = {0, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 10, 11, 10, 11};
      const auto pair = [&](const T* at) HWY_ATTR {
        return hn::BitCast(d16, hn::TableLookupBytes(hn::BitCast(d8, hn::LoadU(d16, at)), hn::Load(d8, kSpread)));
      };
      if constexpr (kVector == 16) {
        return widen(hn::Combine(hn::Rebind<T, D>(), pair(p + 6), pair(p)));
      } else {
        return widen(pair(p));
      }
    } else if constexpr (kVector == 16) {
      static constexpr std::int32_t kSpread[16] = {0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11};
      const D d;
      return hn::TableLookupLanes(hn::LoadU(d, p), hn::SetTableIndices(d, kSpread));
    } else {
      const hn::Half<D> dh;
      return hn::Combine(D(), hn::LoadU(dh, p + 3), hn::LoadU(dh, p));
    }
  }

  template <class VP>
  static HWY_INLINE void fold(VP v, float* out) {
    const hn::DFromV<VP> d;
    if constexpr (hn::MaxLanes(d) > kPerPixel) {
      const hn::Half<decltype(d)> dh;
      fold(hn::Add(hn::LowerHalf(dh, v), hn::UpperHalf(dh, v)), out);
    } else {
      hn::StoreU(v, d, out);
    }
  }
};

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // Highway's guard
