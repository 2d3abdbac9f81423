// `leaven plan RECIPE`: what the planner makes of the program of one image, series or row, pass by pass.
#include "plan/raster/planner.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "cli/recipe_choice.hpp"
#include "core/error.hpp"
#include "flags/flag_values.hpp"
#include "flow/recipe_files.hpp"
#include "flow/report_text.hpp"
#include "flow/sample_task.hpp"
#include "flow/series_task.hpp"
#include "flow/table_source.hpp"
#include "plan/columns/columns.hpp"
#include "plan/draw_program.hpp"

namespace leaven::cli {

namespace {

/// A header and no pixels: of the file named, else of a JPEG of the size asked for.
flow::LoadedSource source_to_plan_for(const PlanCommand& command) {
  std::error_code error;
  if (!command.image.empty() && !std::filesystem::is_regular_file(command.image, error)) throw usage_error("--image: there is no file " + command.image);
  if (!command.image.empty()) return flow::load_source_file(command.image);
  const auto [width, height] = flags::size_of("--size", command.size);
  flow::LoadedSource source;
  source.header.format = io::ImageFormat::jpeg;
  source.header.shape = source.header.stored = {.width = width, .height = height, .channels = 3};
  return source;
}

std::string step_text(const ProgramStep& step) {
  std::string text = step.path;
  for (const FieldInfo& field : step.op.info().fields)
    text += fmt::format("{} {}={}", text == step.path ? "  " : ",", field.name, to_text(field.get(step.op.data())));
  return text;
}

void print_program(const Program& program, const std::string& title) {
  print(title + "\n");
  for (const ProgramStep& step : program.steps) print("  " + step_text(step) + "\n");
  if (program.steps.empty()) print("  no step runs for this copy\n");
}

/// The domain of the first step; images where there is none.
Domain domain_of(const std::vector<recipe::Step>& steps) {
  for (const recipe::Step& step : steps) {
    if (step.op) return step.op->domain;
    if (!step.steps.empty()) return domain_of(step.steps);
  }
  return Domain::raster;
}

std::string pass_text(const plan::TimePass& pass) { return fmt::format("time: {} to one interpolation", flow::count_text(pass.maps.size(), "map", "maps")); }
std::string pass_text(const plan::ValuesPass& pass) {
  std::string text = "values, channel by channel:";
  for (const plan::ValuesPass::Item& item : pass.items) text += " " + item.step->path;
  return text;
}
std::string pass_text(const plan::WholePass& pass) {
  return "the whole series: " + pass.step->path + (pass.step->partners.empty() ? "" : fmt::format(" with {}", flow::count_text(pass.step->partners.size(), "partner", "partners")));
}

int plan_series(const PlanCommand& command, const recipe::Recipe& recipe) {
  SeriesShape shape{.length = 128, .channels = 1, .names = {"x"}};
  std::string sample = "a series of 128 samples", label;
  if (!command.image.empty()) {
    const auto reader = io::open_dataset(command.image, {recipe.source.format, "", recipe.source.label_column, "", 0});
    if (!reader->index().series) throw usage_error(command.image + ": holds no series");
    const io::Entry& entry = reader->index().entries.front();
    shape = flow::load_series(*reader, entry).shape;
    sample = entry.id;
    label = reader->index().labels[entry.label];
  }
  const DrawContext context{.seed = recipe.seed, .epoch = recipe.epoch, .sample = sample, .copy = command.copy};
  const plan::DrawnSeries drawn = plan::draw_series(recipe, context, shape, label);
  print_program(drawn.program, fmt::format("program of copy {} of {} ({} × {}), seed {}", command.copy, sample, shape.length, shape.channels, recipe.seed));
  print("\npasses\n");
  const plan::SeriesPlan made = plan::plan_series(drawn.lowered, recipe.fuse && !command.unfused);
  for (const auto& pass : made.passes) std::visit([](const auto& p) { print("  " + pass_text(p) + "\n"); }, pass);
  print(fmt::format("  out: {} × {}\n", drawn.out.length, drawn.out.channels));
  return 0;
}

/// Of the first row, as a job would make a copy of it: fits are those of the whole table.
int plan_table(const PlanCommand& command, recipe::Recipe recipe) {
  if (command.image.empty()) throw usage_error("the plan of a table's recipe needs its columns").with_hint("--image data.csv names the table");
  recipe.source.path = command.image;
  const std::string name = std::filesystem::path(command.image).filename().string();
  flow::PreparedTable table(flow::open_source(recipe.source), recipe, name);
  table.fit({});
  const auto fits = plan::fit_columns(recipe, [&] { return std::make_unique<flow::TableScan>(table); });
  const std::string id = name + "#0";
  const std::vector<DrawContext> context{{.seed = recipe.seed, .epoch = recipe.epoch, .sample = id, .copy = command.copy}};
  Block row = table.read(0, 1);
  const Block before = table.raw().read(0, 1), prepared = row;
  const std::vector<std::string> labels{""};
  const auto programs = plan::run_columns(recipe, context, labels, fits, row);
  for (const recipe::Step& step : recipe.prepare)
    if (step.op) print(fmt::format("every row first: {}\n", step.op->name));
  print_program(programs[0], fmt::format("program of copy {} of {} ({} columns), seed {}", command.copy, id, row.columns.size(), recipe.seed));
  print("\ncells that change\n");
  for (std::size_t c = 0; c < row.columns.size(); ++c) {
    const std::string was = c < before.columns.size() ? io::cell_text(before.columns[c], 0) : "", ready = io::cell_text(prepared.columns[c], 0), now = io::cell_text(row.columns[c], 0);
    if (was != ready || ready != now) print(fmt::format("  {}: {}{} → {}\n", row.columns[c].name, was, was == ready ? "" : " → " + ready, now));
  }
  return 0;
}

}  // namespace

int plan(const PlanCommand& command) {
  recipe::Recipe recipe = load_recipe_or_preset(command.recipe);
  if (command.seed) recipe.seed = *command.seed;
  const Domain domain = domain_of(recipe.steps.empty() ? recipe.prepare : recipe.steps);
  if (domain == Domain::series) return plan_series(command, recipe);
  if (domain == Domain::columns || recipe.balance.method != recipe::BalanceMethod::none) return plan_table(command, std::move(recipe));
  const flow::LoadedSource source = source_to_plan_for(command);
  const RasterShape shape = source.shape();
  const std::string sample = command.image.empty() ? "sample" : command.image;
  const DrawContext context{.seed = recipe.seed, .epoch = recipe.epoch, .sample = sample, .copy = command.copy};
  const plan::DrawnProgram drawn = plan::draw_program(recipe, context, shape, "", {}, {&flow::recipe_files(), nullptr});

  print_program(drawn.program, fmt::format("program of copy {} of {} ({}), seed {}", command.copy, sample, leaven::describe(shape), recipe.seed));

  const auto watch = [&](std::string_view pass, const plan::RasterPlan& so_far) {
    print(fmt::format("\nafter {}\n{}", pass, plan::describe(so_far, drawn.lowered)));
  };
  plan::plan_raster(drawn.lowered, shape, flow::plan_options(source, recipe.fuse && !command.unfused, recipe.decode_scaled), watch);
  return 0;
}

}  // namespace leaven::cli
