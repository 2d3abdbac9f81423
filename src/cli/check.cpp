// `leaven check RECIPE`: reads a recipe as a job would, and says what was understood.
#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "cli/recipe_choice.hpp"
#include "cli/recipe_text.hpp"
#include "core/error.hpp"
#include "flow/preflight.hpp"
#include "flow/recipe_files.hpp"
#include "recipe/recipe.hpp"

namespace leaven::cli {

namespace {

/// Files that steps name are there and can be read.
void open_files(const std::vector<recipe::Step>& steps) {
  for (const recipe::Step& step : steps) {
    for (const auto& [field, setting] : step.settings) {
      const auto* path = std::get_if<std::string>(&setting.fixed);
      if (!field->facts.file || setting.is_drawn() || !path || path->empty()) continue;
      try {
        flow::recipe_files().file(*path);
      } catch (Error& error) {
        throw error.with_place(step.place.text());
      }
    }
    open_files(step.steps);
  }
}

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
  open_files(read.steps);
  require_encodable(read);
  print(describe(read));
  print(recipe + ": a valid recipe\n");
  return 0;
}

}  // namespace leaven::cli
