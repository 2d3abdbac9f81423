// Ways to train that came out as what they are compared with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "learn/arms.hpp"
#include "learn/trial.hpp"

namespace leaven::learn {

/// A phrase for each arm with a recipe whose every training is, to the bit, that of the arm it is compared with, and for one whose
/// strength should differ between items and does not.
std::vector<std::string> arms_without_effect(const std::vector<Arm>& arms, const std::vector<Trial>& trials, std::string_view one);

}  // namespace leaven::learn
