// Gradient-boosted trees by XGBoost: what is hardest to beat on tables.
#pragma once

#include "learn/learner.hpp"

namespace leaven::learn {

/// A round is a tree for each class (one for two classes, or for a number). One thread, exact to the bit for equal items.
LearnerKind boosted_trees();

}  // namespace leaven::learn
