// Does an op change what an item shows? A model that was trained without the recipe looks at held-out pictures that one
// op has changed; where it is sure of another class again and again, the label may no longer be true (6 turned is 9).
#pragma once

#include <vector>

#include "learn/material.hpp"

namespace leaven::learn {

/// The items as they are first, then all of the recipe, then each of its ops alone, whatever its probability in the recipe.
/// Empty where there is nothing to ask: a number is learned, there are no items, or the recipe changes the columns of all rows.
std::vector<LabelCheck> check_labels(Learner& teacher, const Material& material, const ArmRecipe& recipe, const Fold& fold, const Entries& items,
                                     std::uint64_t seed);

/// Each op of a recipe as a recipe of its own, always done.
std::vector<ArmRecipe> ops_alone(const ArmRecipe& recipe, Domain domain);

/// Whether the teacher knows enough: it recognises what is unchanged better than guessing does (by the lower end of a 95 % interval),
/// and gets `kLeastSkill` of what guessing gets wrong right.
inline constexpr double kLeastSkill = 0.25;
bool can_judge(const std::vector<LabelCheck>& checks);

/// Checks that deserve a warning: the teacher recognises less than `kLeastShare` of what it did unchanged, and less than chance
/// alone would allow on so many items. None where it cannot judge.
inline constexpr double kLeastShare = 0.6;
std::vector<LabelCheck> suspicious(const std::vector<LabelCheck>& checks);

}  // namespace leaven::learn
