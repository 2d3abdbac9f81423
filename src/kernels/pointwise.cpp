#include "kernels/pointwise.hpp"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pointwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/color_run.hpp"
#include "kernels/hue_inl.hpp"
#include "kernels/simd_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

using Float = hn::ScalableTag<float>;
using FloatVec = hn::Vec<Float>;

template <class Function>
HWY_INLINE void each(float* values, int count, bool clamp, const Function& function) {
  const Float d;
  const auto n = static_cast<std::size_t>(count);
  if (clamp) {
    for (std::size_t i = 0; i < n; i += hn::Lanes(d))
      hn::Store(clamp_unit(d, function(d, hn::Load(d, values + i))), d, values + i);
  } else {
    for (std::size_t i = 0; i < n; i += hn::Lanes(d)) hn::Store(function(d, hn::Load(d, values + i)), d, values + i);
  }
}

void run_clamp(float* values, int count) {
  each(values, count, false, [](auto d, auto x) HWY_ATTR {
    return clamp_unit(d, hn::IfThenElseZero(hn::Gt(x, hn::Zero(d)), x));  // NaN compares false
  });
}

void run_affine(float* values, int count, float a, float b, bool clamp) {
  const Float d;
  const auto va = hn::Set(d, a), vb = hn::Set(d, b);
  each(values, count, clamp, [&](auto, auto x) HWY_ATTR { return hn::Add(hn::Mul(x, va), vb); });
}

void run_power(float* values, int count, float a, float at_zero, bool clamp) {
  const Float d;
  const auto va = hn::Set(d, a), vz = hn::Set(d, at_zero);
  const auto lowest = hn::Set(d, clamp ? 0.0f : -HUGE_VALF), highest = hn::Set(d, clamp ? 1.0f : HUGE_VALF);
  // Four vectors side by side: each is one long chain of dependent operations.
  constexpr std::size_t kTogether = 4;
  const std::size_t lanes = hn::Lanes(d);
  const auto n = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < n; i += kTogether * lanes) {
    FloatVec x[kTogether];
    for (std::size_t k = 0; k < kTogether; ++k) x[k] = hn::Load(d, values + i + k * lanes);
    powers_of(d, x, va, vz);
    for (std::size_t k = 0; k < kTogether; ++k)
      hn::Store(hn::Min(hn::Max(x[k], lowest), highest), d, values + i + k * lanes);
  }
}

void run_solarize(float* values, int count, float threshold, bool clamp) {
  const Float d;
  const auto vt = hn::Set(d, threshold), one = hn::Set(d, 1.0f);
  each(values, count, clamp,
       [&](auto, auto x) HWY_ATTR { return hn::IfThenElse(hn::Ge(x, vt), hn::Sub(one, x), x); });
}

void run_quantize(float* values, int count, int mask, float scale) {
  const hn::RebindToSigned<Float> di;
  const Float d;
  const auto vm = hn::Set(di, mask);
  const auto vs = hn::Set(d, scale);
  each(values, count, false, [&](auto tag, auto x) HWY_ATTR {
    const auto level = nearest_int(tag, hn::Mul(clamp_unit(tag, x), vs));
    return hn::Div(hn::ConvertTo(tag, hn::And(level, vm)), vs);
  });
}

void run_round(float* values, int count, float scale) {
  const Float d;
  const auto vs = hn::Set(d, scale);
  each(values, count, false,
       [&](auto tag, auto x) HWY_ATTR { return hn::Div(nearest(tag, hn::Mul(clamp_unit(tag, x), vs)), vs); });
}

void run_look_up(float* values, int count, const float* table, int size, bool clamp) {
  const Float d;
  const auto last = hn::Set(d, static_cast<float>(size - 1));
  each(values, count, clamp, [&](auto tag, auto x) HWY_ATTR {
    // NaN (also in what lies behind the plane's end) must not become an address.
    const auto safe = hn::Min(hn::IfThenElseZero(hn::Gt(x, hn::Zero(tag)), x), hn::Set(tag, 1.0f));
    return hn::GatherIndex(tag, table, nearest_int(tag, hn::Mul(safe, last)));
  });
}

void run_matrix(const Planes& rgb, int count, const std::array<float, 12>& m, bool clamp) {
  const Float d;
  const auto n = static_cast<std::size_t>(count);
  const auto row = [&](std::size_t at, FloatVec r, FloatVec g, FloatVec b) HWY_ATTR {
    const auto sum = hn::Add(hn::Add(hn::Mul(r, hn::Set(d, m[at])), hn::Mul(g, hn::Set(d, m[at + 1]))),
                             hn::Add(hn::Mul(b, hn::Set(d, m[at + 2])), hn::Set(d, m[at + 3])));
    return clamp ? clamp_unit(d, sum) : sum;
  };
  const bool grey = std::equal(m.begin(), m.begin() + 4, m.begin() + 4) && std::equal(m.begin(), m.begin() + 4, m.begin() + 8);
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const auto r = hn::Load(d, rgb.channel[0] + i), g = hn::Load(d, rgb.channel[1] + i),
               b = hn::Load(d, rgb.channel[2] + i);
    const auto first = row(0, r, g, b);
    hn::Store(first, d, rgb.channel[0] + i);
    if (grey) {
      hn::Store(first, d, rgb.channel[1] + i);
      hn::Store(first, d, rgb.channel[2] + i);
      continue;
    }
    hn::Store(row(4, r, g, b), d, rgb.channel[1] + i);
    hn::Store(row(8, r, g, b), d, rgb.channel[2] + i);
  }
}

void run_hue(const Planes& rgb, int count, float sixths) {
  const Float d;
  const auto n = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    auto r = hn::Load(d, rgb.channel[0] + i), g = hn::Load(d, rgb.channel[1] + i), b = hn::Load(d, rgb.channel[2] + i);
    turn_hue(hn::Set(d, sixths), sixths >= 0, r, g, b);
    hn::Store(r, d, rgb.channel[0] + i);
    hn::Store(g, d, rgb.channel[1] + i);
    hn::Store(b, d, rgb.channel[2] + i);
  }
}

void run_lay_over(float* values, const float* cover, int count, float light, float colour) {
  const Float d;
  const auto vl = hn::Set(d, light), vc = hn::Set(d, colour);
  const auto n = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const auto dim = hn::Mul(hn::Load(d, values + i), vl);
    hn::Store(hn::Add(dim, hn::Mul(hn::Load(d, cover + i), hn::Sub(vc, dim))), d, values + i);
  }
}

void run_lighten(float* values, const float* floor, const float* added, int count, float own) {
  const Float d;
  const auto vo = hn::Set(d, own), rest = hn::Set(d, 1 - own);
  const auto n = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const auto x = hn::Load(d, values + i);
    const auto light = hn::Mul(rest, hn::Max(x, hn::Load(d, floor + i)));
    hn::Store(hn::Add(hn::Add(hn::Mul(vo, x), light), hn::Load(d, added + i)), d, values + i);
  }
}

void run_shares(const float* in, int count, float whole, float scale, float* out) {
  const Float d;
  const auto vw = hn::Set(d, whole), vs = hn::Set(d, scale);
  const auto n = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) hn::Store(hn::Mul(vs, clamp_unit(d, hn::Div(hn::Load(d, in + i), vw))), d, out + i);
}

void run_add_noise(float* values, const float* noise, int count, float offset, float scale, bool clamp) {
  const Float d;
  const auto vo = hn::Set(d, offset), vs = hn::Set(d, scale);
  const auto n = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const auto x = hn::Add(hn::Load(d, values + i), hn::Add(hn::Mul(hn::Load(d, noise + i), vs), vo));
    hn::Store(clamp ? clamp_unit(d, x) : x, d, values + i);
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(run_clamp);
HWY_EXPORT(run_affine);
HWY_EXPORT(run_power);
HWY_EXPORT(run_solarize);
HWY_EXPORT(run_quantize);
HWY_EXPORT(run_round);
HWY_EXPORT(run_look_up);
HWY_EXPORT(run_matrix);
HWY_EXPORT(run_hue);
HWY_EXPORT(run_lay_over);
HWY_EXPORT(run_lighten);
HWY_EXPORT(run_shares);
HWY_EXPORT(run_add_noise);

void clamp_values(float* values, int count) { HWY_DYNAMIC_DISPATCH(run_clamp)(values, count); }

void affine(float* values, int count, double a, double b, bool clamp) {
  HWY_DYNAMIC_DISPATCH(run_affine)(values, count, static_cast<float>(a), static_cast<float>(b), clamp);
}

void power(float* values, int count, double a, bool clamp) {
  const float at_zero = a > 0 ? 0.0f : a == 0 ? 1.0f : HUGE_VALF;
  HWY_DYNAMIC_DISPATCH(run_power)(values, count, static_cast<float>(a), at_zero, clamp);
}

void solarize(float* values, int count, double threshold, bool clamp) {
  HWY_DYNAMIC_DISPATCH(run_solarize)(values, count, static_cast<float>(threshold), clamp);
}

void quantize(float* values, int count, int bits, Dtype dtype) {
  const int mask = (0xff << (8 - bits)) & 0xff;
  if (dtype == Dtype::u8) {
    HWY_DYNAMIC_DISPATCH(run_quantize)(values, count, mask, 255.0f);
  } else {
    HWY_DYNAMIC_DISPATCH(run_quantize)(values, count, mask << 8, 65535.0f);
  }
}

void round_to_levels(float* values, int count, Dtype dtype) {
  if (dtype != Dtype::f32) HWY_DYNAMIC_DISPATCH(run_round)(values, count, static_cast<float>(full_scale(dtype)));
}

void look_up(float* values, int count, const float* table, int size, bool clamp) {
  HWY_DYNAMIC_DISPATCH(run_look_up)(values, count, table, size, clamp);
}

void color_matrix(const Planes& rgb, int count, const std::array<float, 12>& m, bool clamp) {
  HWY_DYNAMIC_DISPATCH(run_matrix)(rgb, count, m, clamp);
}

void hue_shift(const Planes& rgb, int count, double turns) {
  HWY_DYNAMIC_DISPATCH(run_hue)(rgb, count, hue_turn(turns).sixths);
}

void lay_over(float* values, const float* cover, int count, float light, float colour) {
  HWY_DYNAMIC_DISPATCH(run_lay_over)(values, cover, count, light, colour);
}

void lighten(float* values, const float* floor, const float* added, int count, float own) {
  HWY_DYNAMIC_DISPATCH(run_lighten)(values, floor, added, count, own);
}

void shares_of(const float* in, int count, float whole, float scale, float* out) {
  HWY_DYNAMIC_DISPATCH(run_shares)(in, count, whole, scale, out);
}

void add_noise(float* values, const float* noise, int count, double offset, double scale, bool clamp) {
  HWY_DYNAMIC_DISPATCH(run_add_noise)
  (values, noise, count, static_cast<float>(offset), static_cast<float>(scale), clamp);
}

}  // namespace leaven::kernels
#endif
