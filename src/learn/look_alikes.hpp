// Test pictures that a model has seen before: equal to a training picture, or almost.
#pragma once

#include "learn/material.hpp"
#include "learn/pictures.hpp"

namespace leaven::learn {

/// Almost alike: difference hashes within `kHashDistance` and pixels that correlate by `kLeastCorrelation`. The second
/// keeps apart what only has the same outline; together they find re-encoded and resized copies, not other views.
LookAlikes find_look_alikes(const Pictures& pictures, const Partition& partition);
inline constexpr int kHashDistance = 4;
inline constexpr double kLeastCorrelation = 0.99;

}  // namespace leaven::learn
