// `leaven profile TABLE`: what each column is taken for, before anything is made of it.
#include <filesystem>

#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "flow/table_profile.hpp"
#include "flow/table_row.hpp"
#include "ops/families.hpp"

namespace leaven::cli {

int profile(const ProfileCommand& command) {
  recipe::Source source;
  if (!command.recipe.empty()) source = recipe::load(command.recipe, ops::op_table()).source;
  source.path = command.table;
  if (!command.target.empty()) source.label_column = source.schema.target = command.target;
  const auto table = flow::open_source(source);
  const std::string name = std::filesystem::path(command.table).filename().string();
  print(command.json ? flow::profile_json(name, *table) : flow::profile_text(name, *table));
  return 0;
}

}  // namespace leaven::cli
