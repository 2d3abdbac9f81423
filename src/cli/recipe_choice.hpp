// Which recipe a command works with.
#pragma once

#include <string>

#include "cli/commands.hpp"
#include "recipe/recipe.hpp"

namespace leaven::cli {

/// A recipe file, or else a preset of that name.
recipe::Recipe load_recipe_or_preset(const std::string& file_or_name);

/// What augment and run are to do: the recipe or preset, and the flags over it.
recipe::Recipe recipe_for(const JobCommand& command);

}  // namespace leaven::cli
