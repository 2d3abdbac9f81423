// `leaven check RECIPE`: reads a recipe as a job would, and says what was understood.
#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "cli/recipe_choice.hpp"
#include "cli/recipe_text.hpp"
#include "core/error.hpp"
#include "flow/preflight.hpp"
#include "flow/recipe_files.hpp"

namespace leaven::cli {

namespace {

/// Where the recipe names the format of its images, what its steps give a usual photo must fit into it.
void require_encodable(const recipe::Recipe& recipe) {
  const recipe::Sink& sink = recipe.sink;
  if (sink.image_format == "same" || sink.layout == "npz") return;
  flow::LoadedSource photo;
  photo.header.format = io::ImageFormat::jpeg;
  photo.header.shape = photo.header.stored = {.width = 640, .height = 480, .channels = 3};
  flow::require_encodable_steps(recipe, photo);
}

}  // namespace

int check(const std::string& recipe) {
  const recipe::Recipe read = load_recipe_or_preset(recipe);
  flow::require_named_files(read);
  require_encodable(read);
  print(describe(read));
  for (const std::string& picture : flow::unreadable_pictures(read, /*look=*/true)) print("note      cannot be read, and others will be drawn: " + picture + "\n");
  print(recipe + ": a valid recipe\n");
  return 0;
}

}  // namespace leaven::cli
