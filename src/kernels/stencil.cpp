#include "kernels/stencil.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/stencil.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void convolve(const float* const* rows, int height, int width, const float* weights, int step, std::size_t count,
              float* out) {
  const hn::CappedTag<float, 16> d;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    auto sum = hn::Zero(d);
    const float* weight = weights;
    for (int j = 0; j < height; ++j) {
      const float* at = rows[j] + i;
      for (int k = 0; k < width; ++k, at += step) sum = hn::Add(sum, hn::Mul(hn::LoadU(d, at), hn::Set(d, *weight++)));
    }
    hn::StoreU(sum, d, out + i);
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(convolve);

void convolve_rows(const float* const* rows, int height, int width, const float* weights, int step, std::size_t count,
                   float* out) {
  HWY_DYNAMIC_DISPATCH(convolve)(rows, height, width, weights, step, count, out);
}

void premultiply_interleaved(float* pixels, int channels, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i, pixels += channels)
    for (int c = 0; c + 1 < channels; ++c) pixels[c] *= pixels[channels - 1];
}

}  // namespace leaven::kernels
#endif
