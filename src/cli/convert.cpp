// `leaven convert IN -o OUT --layout L`: a job that makes no copies.
#include "cli/commands.hpp"
#include "cli/job.hpp"

namespace leaven::cli {

int convert(const JobCommand& command) {
  recipe::Recipe recipe;
  recipe.name = "convert";
  recipe.source.path = command.in;
  recipe.source.format = command.input_format;
  if (command.limit) recipe.source.limit = *command.limit;
  recipe.augment.times = 0;
  recipe.sink.path = command.out;
  recipe.sink.layout = command.layout;
  if (command.max_bad) recipe.max_bad = *command.max_bad;
  recipe.stop_on_error = command.on_error == "stop";
  return run_job(command, recipe);
}

}  // namespace leaven::cli
