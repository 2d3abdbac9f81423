// What `augment` and `run` share once they know their recipe.
#pragma once

#include "cli/commands.hpp"
#include "recipe/recipe.hpp"

namespace leaven::cli {

/// Runs the job with its progress shown and Ctrl-C heeded, and says how it went. Returns the exit code.
int run_job(const JobCommand& command, const recipe::Recipe& recipe);

}  // namespace leaven::cli
