// Several trained learners as one.
#pragma once

#include <memory>
#include <vector>

#include "learn/learner.hpp"

namespace leaven::learn {

/// Predictions are means over the members; weights are theirs, one after another. It is not trained any more: train() throws
/// Error(bug).
std::unique_ptr<Learner> ensemble_of(std::vector<std::unique_ptr<Learner>> members);

}  // namespace leaven::learn
