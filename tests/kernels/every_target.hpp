// Runs a test body on every SIMD target of this CPU, each forced and proven to have run.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>

#include "kernels/targets.hpp"

namespace leaven::kernels {

template <class Body>
void on_every_target(const Body& body) {
  const auto targets = available_targets();
  ASSERT_GE(targets.size(), 2u);
  for (const Target& target : targets) {
    const ForcedTarget forced(target);
    ASSERT_EQ(current_target(), target.name);
    SCOPED_TRACE(target.name);
    body();
  }
}

/// Small reproducible numbers for test data (Lehmer's generator).
class TestNumbers {
 public:
  explicit TestNumbers(std::uint32_t seed = 1) : state_(seed * 2654435761u % 2147483647u + 1) {}
  std::uint32_t next() { return state_ = static_cast<std::uint32_t>(state_ * std::uint64_t{48271} % 2147483647u); }
  double unit() { return next() / 2147483647.0; }

 private:
  std::uint32_t state_;
};

}  // namespace leaven::kernels
