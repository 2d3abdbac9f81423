// `leaven check RECIPE`: reads a recipe as a job would, and says what was understood.
#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "cli/recipe_choice.hpp"
#include "cli/recipe_text.hpp"
#include "core/error.hpp"
#include "flow/preflight.hpp"
#include "flow/recipe_files.hpp"
#include "recipe/files_beside.hpp"

namespace leaven::cli {

namespace {

/// Files that steps name are there and can be read.
void open_files(const std::vector<recipe::Step>& steps, OpenedFiles& files) {
  for (const recipe::Step& step : steps) {
    recipe::Step own = step;
    own.steps.clear();
    try {
      for (const std::string& path : recipe::named_files({own}))
        if (files.file(path)->bytes.empty() && path.ends_with('/')) throw usage_error("the folder " + path + " holds no images");
    } catch (Error& error) {
      throw error.with_place(step.place.text());
    }
    open_files(step.steps, files);
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
  recipe::FilesBeside files(flow::recipe_files(), read.file);
  open_files(read.steps, files);
  require_encodable(read);
  print(describe(read));
  print(recipe + ": a valid recipe\n");
  return 0;
}

}  // namespace leaven::cli
