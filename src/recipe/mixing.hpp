// Steps that mix in other samples, and where they may stand.
#pragma once

#include "recipe/recipe.hpp"

namespace leaven::recipe {

/// Whether the step, or one inside it, takes other samples.
bool takes_partners(const Step& step);
/// Every step of the recipe that takes other samples.
std::vector<const Step*> mixing_steps(const Recipe& recipe);
/// Whether a step asks what is marked on the picture itself.
bool reads_marks(const Recipe& recipe);
/// Whether copies can come out that belong to several classes: a mixing step takes partners of other classes.
bool makes_soft_labels(const Recipe& recipe);
/// The first step that does; null for none.
const Step* step_of_soft_labels(const Recipe& recipe);

/// What a partner goes through are the steps before the one that mixes it in, which has a meaning at the top level alone:
/// throws Error(usage) with the place of a step that stands deeper than in a one_of there.
void require_mixing_on_top(const std::vector<Step>& steps);

}  // namespace leaven::recipe
