#include "cli/job.hpp"

#include <fmt/format.h>

#include "cli/print.hpp"
#include "cli/progress.hpp"
#include "cli/summary.hpp"
#include "core/error.hpp"
#include "flags/interrupt.hpp"
#include "flow/job.hpp"
#include "flow/report_text.hpp"

namespace leaven::cli {

namespace {

flow::JobOptions options_for(const JobCommand& command, const recipe::Recipe& recipe) {
  flow::JobOptions options;
  options.recipe = recipe;
  options.threads = command.threads;
  options.shard = command.shard;
  options.shards = command.shards;
  options.resume = command.resume;
  options.overwrite = command.overwrite;
  options.dry_run = command.dry_run;
  options.command = command.command_line;
  return options;
}

std::string recipe_text(const JobCommand& command, const recipe::Recipe& recipe) {
  if (!recipe.file.empty()) return recipe.file;
  if (recipe.steps.empty() && recipe.balance.method != recipe::BalanceMethod::none)
    return fmt::format("balance by {}, seed {}", recipe::name_of(recipe.balance.method), recipe.seed);
  if (recipe.steps.empty()) return "none: samples stay as they are";
  const bool usual = command.preset.empty();
  return fmt::format("preset {}{}, seed {}", recipe.name, usual ? " (the default: mild, and safe for labels)" : "",
                     recipe.seed);
}

/// What would stop the job is told before anything is learnt.
void try_without_generating(const JobCommand& command, recipe::Recipe recipe) {
  recipe.generate.reset();
  flow::JobOptions options = options_for(command, recipe);
  options.dry_run = true;
  flow::run_job(options, [](const flow::Progress&) {}, false);
}

}  // namespace

int run_job(const JobCommand& command, const recipe::Recipe& asked) {
  recipe::Recipe recipe = asked;
  if (recipe.generate && command.dry_run) {
    recipe.generate.reset();
    if (!command.quiet) complain("note: what generate: would add is not counted in a dry run\n");
  } else if (recipe.generate) {
    // What lies in OUT already was made with generate:, and would differ from the trial.
    if (!command.resume && command.shards == 1) try_without_generating(command, recipe);
    if (const int code = draw_generated(command, recipe); code != 0) return code;
  }
  const ProgressStyle style = progress_style(command.progress, command.quiet);
  const flags::Interrupt interrupt;
  ProgressView view(style);
  const flow::JobSummary summary = flow::run_job(
      options_for(command, recipe), [&view](const flow::Progress& progress) { view.show(progress); }, interrupt.stop());
  view.finish();

  if (style == ProgressStyle::json)
    print(summary_json(summary));
  else if (command.dry_run)
    print(flow::describe_dry_run(summary));
  else if (!command.quiet)
    print(summary_text(summary, recipe_text(command, recipe)));
  if (summary.unmet > 0) {
    complain(fmt::format("leaven: {} that were asked for could not be made; {} says why\n", flow::count_text(summary.unmet, "row", "rows"),
                         (summary.out / flow::kSetAsideFile).string()));
    return exit_code(Fault::data);
  }
  if (!summary.too_many_broken) return 0;
  complain(fmt::format(
      "leaven: {} of {} samples could not be used, more than the {:g} % that are allowed (allow more with --max-bad)\n",
      summary.broken, summary.sources, recipe.max_bad * 100));
  return exit_code(Fault::data);
}

}  // namespace leaven::cli
