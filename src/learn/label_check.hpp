// Does an op change what a picture shows? A model that was trained without the recipe looks at held-out pictures that one
// op has changed; where it is sure of another class again and again, the label may no longer be true (6 turned is 9).
#pragma once

#include <vector>

#include "learn/trial.hpp"

namespace leaven::learn {

/// The pictures as they are first, then all of the recipe, then each of its ops alone, whatever its probability in the
/// recipe. `held_out` are items that the teacher was not trained on.
std::vector<LabelCheck> check_labels(Learner& teacher, const Pictures& pictures, const Standard& standard,
                                     const PictureRecipe& recipe, const Entries& held_out, std::uint64_t seed);

/// Checks that deserve a warning: the teacher recognises less than `kLeastShare` of what it did unchanged.
inline constexpr double kLeastShare = 0.6;
std::vector<LabelCheck> suspicious(const std::vector<LabelCheck>& checks);

}  // namespace leaven::learn
