#include "learn/arms.hpp"

#include <algorithm>
#include <filesystem>

#include "core/error.hpp"
#include "ops/families.hpp"
#include "recipe/mixing.hpp"
#include "recipe/policies.hpp"

namespace leaven::learn {

namespace {

namespace fs = std::filesystem;

/// Throws Error(usage) for a recipe whose copies belong to several pictures: learners are trained on one class a picture.
PictureRecipe without_partners(PictureRecipe recipe) {
  const std::vector<const recipe::Step*> mixing = recipe::mixing_steps(recipe.steps());
  if (!mixing.empty())
    throw usage_error(recipe.name() + " mixes in other samples, and prove trains on one class a picture").with_op(mixing.front()->op->name).with_place(mixing.front()->place.text());
  return recipe;
}

PictureRecipe recipe_named(const std::string& name) {
  std::error_code ignored;
  if (fs::exists(name, ignored) || name.find_first_of("./") != std::string::npos)
    return {fs::path(name).stem().string(), recipe::load(name, ops::op_table())};
  if (recipe::find_policy(name)) return {name, "leaven: 1\nsteps: [" + name + "]"};
  const std::vector<std::string> presets = recipe::preset_names();
  if (std::ranges::find(presets, name) != presets.end()) return {name, recipe::preset(name, ops::op_table())};
  std::vector<std::string_view> known{kNone, kDup};
  known.insert(known.end(), presets.begin(), presets.end());
  for (const recipe::Policy& policy : recipe::policies()) known.push_back(policy.name);
  throw usage_error("there is no recipe file, preset or policy " + name).with_hint(did_you_mean(name, known));
}

}  // namespace

std::vector<Arm> arms_for(const std::string& recipe_or_preset, const std::vector<std::string>& against) {
  std::vector<Arm> arms;
  const auto add = [&](Arm arm) {
    // Two files may share a name; the arms of one name would share their results.
    const std::string name = arm.name;
    for (int n = 2; std::ranges::find(arms, arm.name, &Arm::name) != arms.end(); ++n) arm.name = name + " (" + std::to_string(n) + ")";
    arms.push_back(std::move(arm));
  };
  const auto add_recipe = [&](const std::string& name) {
    PictureRecipe recipe = without_partners(recipe_named(name));
    std::string shown = recipe.name();
    if (shown == kNone || shown == kDup) shown += " (recipe)";
    add({std::move(shown), kTimes, std::move(recipe)});
  };
  add_recipe(recipe_or_preset);
  add({kDup, kTimes, {}});
  bool none = false;
  for (const std::string& name : against) {
    if (name == kDup || (name == kNone && none)) continue;
    if (name == kNone) {
      none = true;
      add({kNone, 1, {}});
    } else {
      add_recipe(name);
    }
  }
  return arms;
}

}  // namespace leaven::learn
