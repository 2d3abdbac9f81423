// Test pictures that a model has seen before: equal to a training picture, or almost.
#pragma once

#include "learn/material.hpp"
#include "learn/pictures.hpp"

namespace leaven::learn {

/// Almost alike: difference hashes within `kHashDistance` and pixels that correlate by `kLeastCorrelation`. The second
/// keeps apart what only has the same outline; together they find re-encoded and resized copies, not other views.
LookAlikes find_look_alikes(const Pictures& pictures, const Partition& partition);
/// By entry of the index: equal for entries of `used` that look almost alike, or are linked by others that do; the first of them.
std::vector<std::uint32_t> look_alike_groups(const Pictures& pictures, const Entries& used);
inline constexpr int kHashDistance = 4;
inline constexpr double kLeastCorrelation = 0.99;

}  // namespace leaven::learn
