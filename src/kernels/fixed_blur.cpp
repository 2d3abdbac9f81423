#include "kernels/fixed_blur.hpp"

#include <cmath>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/fixed_blur.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Fixed = hn::ScalableTag<std::uint16_t>;

void widen(const std::uint8_t* in, std::size_t count, std::uint16_t* out) {
  const Fixed d;
  const hn::Rebind<std::uint8_t, Fixed> d8;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d))
    hn::StoreU(hn::ShiftLeft<7>(hn::PromoteTo(d, hn::LoadU(d8, in + i))), d, out + i);
}

void across(const std::uint16_t* const* rows, const std::uint16_t* weights, int radius, std::uint16_t bias,
            std::size_t count, std::uint16_t* out) {
  const Fixed d;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    auto sum = hn::Add(hn::Set(d, bias), hn::MulHigh(hn::LoadU(d, rows[radius] + i), hn::Set(d, weights[0])));
    for (int k = 1; k <= radius; ++k) {
      const auto pair = hn::Add(hn::LoadU(d, rows[radius - k] + i), hn::LoadU(d, rows[radius + k] + i));
      sum = hn::Add(sum, hn::MulHigh(pair, hn::Set(d, weights[k])));
    }
    hn::StoreU(sum, d, out + i);
  }
}

void along(const std::uint16_t* in, const std::uint16_t* weights, int radius, std::uint16_t bias, int step,
           std::size_t count, std::uint16_t* out) {
  const Fixed d;
  const std::uint16_t* middle = in + std::ptrdiff_t{radius} * step;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    auto sum = hn::Add(hn::Set(d, bias), hn::MulHigh(hn::LoadU(d, middle + i), hn::Set(d, weights[0])));
    std::ptrdiff_t away = step;
    for (int k = 1; k <= radius; ++k, away += step) {
      const auto pair = hn::Add(hn::LoadU(d, middle + i - away), hn::LoadU(d, middle + i + away));
      sum = hn::Add(sum, hn::MulHigh(pair, hn::Set(d, weights[k])));
    }
    hn::StoreU(sum, d, out + i);
  }
}

/// Whole vectors only; returns how many it did.
std::size_t narrow(const std::uint16_t* in, std::size_t count, std::uint8_t* out) {
  const Fixed d;
  const hn::RebindToSigned<Fixed> di;
  const hn::Rebind<std::uint8_t, Fixed> d8;
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
    const auto level = hn::ShiftRight<7>(hn::Add(hn::LoadU(d, in + i), hn::Set(d, std::uint16_t{64})));
    hn::StoreU(hn::DemoteTo(d8, hn::BitCast(di, level)), d8, out + i);
  }
  return i;
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(widen);
HWY_EXPORT(across);
HWY_EXPORT(along);
HWY_EXPORT(narrow);

std::optional<HalfTaps> HalfTaps::of(std::span<const float> taps) {
  constexpr std::size_t kMostTaps = 25;
  if (taps.size() > kMostTaps) return std::nullopt;
  HalfTaps half;
  const std::size_t radius = taps.size() / 2;
  double sum = 0;
  for (std::size_t k = 0; k <= radius; ++k) {
    const float tap = taps[radius + k];
    if (!(tap >= 0) || tap != taps[radius - k] || tap >= 1) return std::nullopt;
    sum += static_cast<double>(k == 0 ? tap : 2 * tap);
    half.weights.push_back(static_cast<std::uint16_t>(std::min(65535.0, std::nearbyint(static_cast<double>(tap) * 65536))));
  }
  if (std::abs(sum - 1) > 1e-5) return std::nullopt;
  half.bias = static_cast<std::uint16_t>((radius + 1) / 2);
  return half;
}

void widen_bytes(const std::uint8_t* in, std::size_t count, std::uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(widen)(in, count, out);
}

void blur_across(const std::uint16_t* const* rows, const HalfTaps& taps, std::size_t count, std::uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(across)(rows, taps.weights.data(), taps.radius(), taps.bias, count, out);
}

void blur_along(const std::uint16_t* in, const HalfTaps& taps, int step, std::size_t count, std::uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(along)(in, taps.weights.data(), taps.radius(), taps.bias, step, count, out);
}

void round_to_bytes(const std::uint16_t* in, std::size_t count, std::uint8_t* out) {
  for (std::size_t i = HWY_DYNAMIC_DISPATCH(narrow)(in, count, out); i < count; ++i)
    out[i] = static_cast<std::uint8_t>((in[i] + 64) >> 7);
}

}  // namespace leaven::kernels
#endif
