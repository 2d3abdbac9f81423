// Which SIMD instruction sets this CPU has, and how to force one: law tests run every kernel on each of them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace leaven::kernels {

struct Target {
  std::int64_t bit{};       ///< Highway's bit
  std::string_view name{};  ///< "AVX3", "AVX2", "SSE4", "EMU128" (plain scalar code), "NEON"
};

/// Compiled in and present on this CPU, best first; the last one is plain scalar code.
std::vector<Target> available_targets();

/// Kernels called from now on use this target (in the whole process; not while kernels run in other threads).
void force_target(const Target& target);
/// Back to the best one.
void release_target();

/// Name of the target that kernels run on now, said by dispatched code itself.
std::string_view current_target();

/// Forces a target for a scope.
class ForcedTarget {
 public:
  explicit ForcedTarget(const Target& target) { force_target(target); }
  ~ForcedTarget() { release_target(); }
  ForcedTarget(const ForcedTarget&) = delete;
  ForcedTarget& operator=(const ForcedTarget&) = delete;
};

}  // namespace leaven::kernels
