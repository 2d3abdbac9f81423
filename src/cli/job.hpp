// What `augment` and `run` share once they know their recipe.
#pragma once

#include "cli/commands.hpp"
#include "recipe/recipe.hpp"

namespace leaven::cli {

/// Runs the job with its progress shown and Ctrl-C heeded, and says how it went. Returns the exit code.
int run_job(const JobCommand& command, const recipe::Recipe& recipe);

/// Has leaven-learn draw what `generate:` of the recipe asks for, into flow::generator_folder(). Returns its exit code.
int draw_generated(const JobCommand& command, const recipe::Recipe& recipe);

}  // namespace leaven::cli
