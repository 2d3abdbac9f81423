#include "cli/recipe_choice.hpp"

#include <filesystem>

#include "core/error.hpp"
#include "ops/families.hpp"

namespace leaven::cli {

namespace fs = std::filesystem;

namespace {

void set_amount(recipe::Augment& augment, const JobCommand& command) {
  if (!command.times && !command.total && !command.per_class) {
    if (!augment.times && !augment.total && !augment.per_class) augment.times = kDefaultTimes;
    return;
  }
  augment.times = command.times;
  augment.total = command.total;
  augment.per_class = command.per_class;
}

recipe::Originals originals_from(const std::string& word) {
  if (word == "link") return recipe::Originals::link;
  return word == "none" ? recipe::Originals::none : recipe::Originals::copy;
}

}  // namespace

recipe::Recipe load_recipe_or_preset(const std::string& file_or_name) {
  const OpTable& table = ops::op_table();
  std::error_code ignored;
  if (fs::exists(file_or_name, ignored)) return recipe::load(file_or_name, table);
  const bool looks_like_file = file_or_name.find_first_of("./") != std::string::npos;
  return looks_like_file ? recipe::load(file_or_name, table) : recipe::preset(file_or_name, table);
}

recipe::Recipe recipe_for(const JobCommand& command) {
  const OpTable& table = ops::op_table();
  recipe::Recipe recipe = !command.recipe.empty()
                              ? recipe::load(command.recipe, table)
                              : recipe::preset(command.preset.empty() ? kDefaultPreset : command.preset, table);
  if (!command.in.empty()) recipe.source.path = command.in;
  if (!command.out.empty()) recipe.sink.path = command.out;
  set_amount(recipe.augment, command);
  if (command.seed) recipe.seed = *command.seed;
  if (command.limit) recipe.source.limit = *command.limit;
  if (command.quality) recipe.sink.quality = *command.quality;
  if (command.max_bad) recipe.max_bad = *command.max_bad;
  if (!command.input_format.empty()) recipe.source.format = command.input_format;
  if (!command.layout.empty()) recipe.sink.layout = command.layout;
  if (!command.image_format.empty()) recipe.sink.image_format = command.image_format;
  if (!command.originals.empty()) recipe.augment.originals = originals_from(command.originals);
  if (!command.on_error.empty()) recipe.stop_on_error = command.on_error == "stop";
  return recipe;
}

}  // namespace leaven::cli
