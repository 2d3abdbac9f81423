#include "cli/recipe_choice.hpp"

#include <filesystem>

#include "core/error.hpp"
#include "flow/table_source.hpp"
#include "io/series_file.hpp"
#include "ops/families.hpp"

namespace leaven::cli {

namespace fs = std::filesystem;

namespace {

void set_amount(recipe::Augment& augment, const JobCommand& command) {
  if (!command.times && !command.total && !command.per_class) {
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
  recipe::Source in;
  in.path = command.in;
  in.format = command.input_format;
  const bool rows = !command.in.empty() && flow::is_table(in);
  const bool series = !command.in.empty() && io::holds_series(command.in, command.input_format);
  const std::string usual = rows ? kDefaultTablePreset : series ? kDefaultSeriesPreset : kDefaultPreset;
  recipe::Recipe recipe = !command.recipe.empty() ? recipe::load(command.recipe, table)
                                                  : recipe::preset(command.preset.empty() ? usual : command.preset, table);
  // Balancing makes new rows by itself; the usual steps are for copies.
  if (rows && command.recipe.empty() && command.preset.empty() && (command.per_class || command.total || !command.balance.empty())) {
    recipe.steps.clear();
    if (command.balance.empty()) recipe.balance.method = recipe::BalanceMethod::automatic;
  }
  if (!command.in.empty()) recipe.source.path = command.in;
  if (!command.out.empty()) recipe.sink.path = command.out;
  if (!command.target.empty()) recipe.source.label_column = recipe.source.schema.target = command.target;
  if (!command.balance.empty()) {
    recipe.balance.method = recipe::balance_method(command.balance);
    recipe.augment.times.reset(), recipe.augment.total.reset(), recipe.augment.per_class.reset();
  }
  set_amount(recipe.augment, command);
  const bool any = recipe.augment.times || recipe.augment.total || recipe.augment.per_class;
  // What is generated is enough where no step would make copies differ.
  const bool generated_alone = recipe.generate && recipe.steps.empty();
  if (!any && recipe.balance.method == recipe::BalanceMethod::none) recipe.augment.times = generated_alone ? 0 : kDefaultTimes;
  if (!command.together.empty()) {
    recipe.augment.together = command.together;
    recipe::require_group_expression("--together", recipe.augment.together_expression());
  }
  if (command.seed) recipe.seed = *command.seed;
  if (command.limit) recipe.source.limit = *command.limit;
  if (command.quality) recipe.sink.quality = *command.quality;
  if (command.max_bad) recipe.max_bad = *command.max_bad;
  if (!command.input_format.empty()) recipe.source.format = command.input_format;
  if (!command.layout.empty()) recipe.sink.layout = command.layout;
  if (!command.metadata.empty()) recipe.sink.keep_metadata = command.metadata == "keep";
  if (!command.image_format.empty()) recipe.sink.image_format = command.image_format;
  if (!command.originals.empty()) recipe.augment.originals = originals_from(command.originals);
  if (!command.on_error.empty()) recipe.stop_on_error = command.on_error == "stop";
  return recipe;
}

}  // namespace leaven::cli
