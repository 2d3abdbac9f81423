// A recipe between doing nothing and what it says: one number for all of its steps.
#pragma once

#include "recipe/recipe.hpp"

namespace leaven::recipe {

/// The recipe at `strength` in [0, 1]. A field with a neutral value, whether fixed, drawn or left out, lies that share of the
/// way from its neutral value to what it was (of a log_uniform law in proportions). Ops without such a field run with that share of
/// their probability; but those that give pictures their size or type, and those of tables, stay as they are. Names, order and
/// draws of steps stay too, so equal keys give the same picture more or less strongly changed. 1 is the recipe itself.
Recipe at_strength(const Recipe& recipe, double strength);

}  // namespace leaven::recipe
