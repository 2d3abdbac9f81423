// `leaven plan RECIPE`: what the planner makes of one image's program, pass by pass.
#include "plan/raster/planner.hpp"

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/flag_values.hpp"
#include "cli/print.hpp"
#include "cli/recipe_choice.hpp"
#include "flow/recipe_files.hpp"
#include "flow/sample_task.hpp"
#include "plan/draw_program.hpp"

namespace leaven::cli {

namespace {

RasterShape shape_to_plan_for(const PlanCommand& command) {
  if (!command.image.empty()) return flow::load_source_file(command.image).shape();
  const auto [width, height] = size_of("--size", command.size);
  return {.width = width, .height = height, .channels = 3};
}

std::string step_text(const ProgramStep& step) {
  std::string text = step.path;
  for (const FieldInfo& field : step.op.info().fields)
    text += fmt::format("{} {}={}", text == step.path ? "  " : ",", field.name, to_text(field.get(step.op.data())));
  return text;
}

}  // namespace

int plan(const PlanCommand& command) {
  recipe::Recipe recipe = load_recipe_or_preset(command.recipe);
  if (command.seed) recipe.seed = *command.seed;
  const RasterShape shape = shape_to_plan_for(command);
  const std::string sample = command.image.empty() ? "sample" : command.image;
  const DrawContext context{.seed = recipe.seed, .epoch = recipe.epoch, .sample = sample, .copy = command.copy};
  const plan::DrawnProgram drawn = plan::draw_program(recipe, context, shape, "", {}, {&flow::recipe_files(), nullptr});

  print(fmt::format("program of copy {} of {} ({}), seed {}\n", command.copy, sample, leaven::describe(shape),
                    recipe.seed));
  for (const ProgramStep& step : drawn.program.steps) print("  " + step_text(step) + "\n");
  if (drawn.program.steps.empty()) print("  no step runs for this copy\n");

  const bool fuse = recipe.fuse && !command.unfused;
  const auto watch = [&](std::string_view pass, const plan::RasterPlan& so_far) {
    print(fmt::format("\nafter {}\n{}", pass, plan::describe(so_far, drawn.lowered)));
  };
  plan::plan_raster(drawn.lowered, shape, plan::PlanOptions{fuse}, watch);
  return 0;
}

}  // namespace leaven::cli
