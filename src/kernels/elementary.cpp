#include "kernels/elementary.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/elementary.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

using Float = hn::CappedTag<float, kRunStep>;

void exp2_floats(float* values, std::size_t count) {
  const Float d;
  const hn::RebindToSigned<Float> di;
  const auto magic = hn::Set(d, 12582912.0f);  // brings the whole part into the last bits
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto x = hn::Min(hn::Max(hn::LoadU(d, values + i), hn::Set(d, -126.0f)), hn::Set(d, 127.0f));
    const auto shifted = hn::Add(x, magic);
    const auto power = polynomial(d, hn::Sub(x, hn::Sub(shifted, magic)), kExp2Terms);
    const auto scaled = hn::Add(hn::BitCast(di, power), hn::ShiftLeft<23>(hn::BitCast(di, shifted)));
    hn::StoreU(hn::BitCast(d, scaled), d, values + i);
  }
}

void log2_floats(float* values, std::size_t count) {
  const Float d;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d))
    hn::StoreU(log2_of(d, hn::Max(hn::LoadU(d, values + i), hn::Set(d, 1.17549435e-38f))), d, values + i);
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(exp2_floats);
HWY_EXPORT(log2_floats);

void exp2_run(float* values, std::size_t count) { HWY_DYNAMIC_DISPATCH(exp2_floats)(values, count); }
void log2_run(float* values, std::size_t count) { HWY_DYNAMIC_DISPATCH(log2_floats)(values, count); }

}  // namespace leaven::kernels
#endif
