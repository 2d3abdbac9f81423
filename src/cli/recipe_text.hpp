// A recipe in words, for `leaven check`.
#pragma once

#include <string>

#include "recipe/recipe.hpp"

namespace leaven::cli {

/// Stages and steps as they were understood, many lines.
std::string describe(const recipe::Recipe& recipe);

}  // namespace leaven::cli
