// `leaven check RECIPE`: reads a recipe as a job would, and says what was understood.
#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "cli/recipe_choice.hpp"
#include "cli/recipe_text.hpp"
#include "recipe/recipe.hpp"

namespace leaven::cli {

int check(const std::string& recipe) {
  const recipe::Recipe read = load_recipe_or_preset(recipe);
  print(describe(read));
  print(recipe + ": a valid recipe\n");
  return 0;
}

}  // namespace leaven::cli
