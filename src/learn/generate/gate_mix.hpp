// Training on real samples and new ones, against the real ones alone.
#pragma once

#include <cstddef>
#include <string>

#include "learn/verdict.hpp"

namespace leaven::learn {

/// Samples that must be held out for the gate to judge by.
inline constexpr std::size_t kLeastHeldOut = 20;

struct GateMix {
  std::string name{};    ///< "10 %", "25 %", "50 %", "fill": as many of each class as of the largest
  double inner{};        ///< mean gain on the half that chooses, points of macro-F1
  Verdict verdict{};     ///< of the gains on the other half
};

}  // namespace leaven::learn
