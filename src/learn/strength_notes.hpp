// What is odd about strengths that followed a training.
#pragma once

#include <string>
#include <vector>

#include "learn/arms.hpp"
#include "learn/trial.hpp"

namespace leaven::learn {

/// A line for each arm whose rule never moved its strength from 0, or had it at 1 from the second pass on, in all trainings of a regime that
/// went through.
std::vector<std::string> strength_notes(const std::vector<Arm>& arms, const std::vector<Trial>& trials);

}  // namespace leaven::learn
