// Does an op change what an item shows? A model that was trained without the recipe looks at held-out pictures that one
// op has changed; where it is sure of another class again and again, the label may no longer be true (6 turned is 9).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "learn/arms.hpp"
#include "learn/trial.hpp"

namespace leaven::learn {

/// Held-out items that the teacher was not trained on, changed by a recipe; null: as they are. Throws Error(usage) when it
/// cannot work on them.
using HeldOut = std::function<Held(const ArmRecipe*)>;
/// The items as they are first, then all of the recipe, then each of its ops alone, whatever its probability in the recipe.
std::vector<LabelCheck> check_labels(Learner& teacher, const ArmRecipe& recipe, Domain domain, const std::vector<std::string>& classes,
                                     const HeldOut& held_out);

/// Checks that deserve a warning: the teacher recognises less than `kLeastShare` of what it did unchanged.
inline constexpr double kLeastShare = 0.6;
std::vector<LabelCheck> suspicious(const std::vector<LabelCheck>& checks);

}  // namespace leaven::learn
