// `leaven augment IN -o OUT`: the main job.
#include "cli/commands.hpp"
#include "cli/job.hpp"
#include "cli/recipe_choice.hpp"

namespace leaven::cli {

int augment(const JobCommand& command) { return run_job(command, recipe_for(command)); }

}  // namespace leaven::cli
