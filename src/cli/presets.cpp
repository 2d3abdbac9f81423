// `leaven presets [NAME]`: the recipes that come with Leaven, and the user's own.
#include <string_view>

#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "ops/families.hpp"
#include "recipe/recipe.hpp"

namespace leaven::cli {

int presets(const std::string& name) {
  if (!name.empty()) {
    print(recipe::to_yaml(recipe::preset(name, ops::op_table())));
    return 0;
  }
  for (const std::string& preset : recipe::preset_names())
    print(preset + (preset == kDefaultPreset ? "  (the default)\n" : "\n"));
  return 0;
}

}  // namespace leaven::cli
