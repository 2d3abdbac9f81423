// `leaven presets [NAME]`: the recipes that come with Leaven, and the user's own.
#include <fmt/format.h>

#include <algorithm>
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
  const std::vector<std::string> names = recipe::preset_names();
  std::size_t widest = 0;
  for (const std::string& preset : names) widest = std::max(widest, preset.size());
  for (const std::string& preset : names)
    print(fmt::format("{:{}}  {}{}\n", preset, widest, preset == kDefaultPreset ? "(the default) " : "", recipe::preset_summary(preset)));
  return 0;
}

}  // namespace leaven::cli
