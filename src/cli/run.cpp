// `leaven run RECIPE`: a job whose recipe names its source and sink itself.
#include "cli/commands.hpp"
#include "cli/job.hpp"
#include "cli/recipe_choice.hpp"
#include "core/error.hpp"

namespace leaven::cli {

int run(const JobCommand& command) {
  const recipe::Recipe recipe = recipe_for(command);
  if (recipe.source.path.empty())
    throw usage_error("the recipe names no source to read")
        .with_place(command.recipe)
        .with_hint("add source: {path: …}, or use leaven augment IN -o OUT --recipe " + command.recipe);
  if (recipe.sink.path.empty())
    throw usage_error("the recipe names no sink to write to")
        .with_place(command.recipe)
        .with_hint("add sink: {path: …}, or say -o OUT");
  return run_job(command, recipe);
}

}  // namespace leaven::cli
