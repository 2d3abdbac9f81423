#include "kernels/targets.hpp"

// byte_lookup.cpp has a kernel for AVX3_DL; here too, so that it can be forced and named.
#define HWY_WANT_AVX3_DL
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/targets.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

const char* name_of_this() { return hwy::TargetName(HWY_TARGET); }

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(name_of_this);

std::vector<Target> available_targets() {
  std::vector<Target> targets;
  for (std::int64_t left = hwy::SupportedTargets() & HWY_TARGETS; left != 0; left &= left - 1) {
    const std::int64_t bit = left & ~(left - 1);
    targets.push_back({bit, hwy::TargetName(bit)});
  }
  return targets;
}

void force_target(const Target& target) {
  // Better targets have lower bits. Worse ones stay allowed: not every kernel is compiled for every target.
  hwy::SetSupportedTargetsForTest(0);
  hwy::SetSupportedTargetsForTest(hwy::SupportedTargets() & ~(target.bit - 1));
}

void release_target() { hwy::SetSupportedTargetsForTest(0); }

std::string_view current_target() { return HWY_DYNAMIC_DISPATCH(name_of_this)(); }

}  // namespace leaven::kernels
#endif
