#include "flags/generate_flags.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "flags/whole_flag.hpp"
#include "core/error.hpp"
#include "core/op.hpp"

namespace leaven::flags {

void add_generate_flags(CLI::App& command, GenerateCommand& g) {
  command.add_option("ACTION", g.action, "fit: learn a generator from a dataset; sample: draw from it; check: may its samples be used?");
  command.add_option("GENERATOR", g.generator, "Its folder, for sample and check");
  command.add_option("-o,--output", g.out, "fit: folder for the generator; sample: folder for what is drawn")->type_name("OUT");
  command.add_option("--data", g.data, "fit, check: the dataset; sample: the same, where constraints need it")->type_name("DATA");
  command.option_defaults()->group("Fitting");
  command.add_option("--kind", g.kind, "Of tables: copula, bootstrap, tvae, ctgan, wgan; of pictures: cvae, conv_cvae, flow, gan, wgan_gp, gan_r1, deep_smote, pca; of series: series_vae, block_bootstrap (the first)")->type_name("KIND");
  command.add_option("--target", g.target, "The column that is to be predicted: each of its classes is learnt by itself")->type_name("COLUMN");
  command.add_option("--recipe", g.recipe, "fit: a recipe whose schema tells the columns, or that changes pictures while it learns; sample: whose constraints hold")->type_name("FILE");
  command.add_option_function<std::string>("--held-out", [&g](const std::string& text) { g.held_out = share("--held-out", text); },
                                           "Share that the generator never sees, for the gate (20%)")
      ->type_name("SHARE");
  add_whole(command, "--steps", g.steps, 1, 10'000'000, "Steps of training, of kinds that have some; check, of pictures: of each of its trainings (400)");
  add_whole(command, "--seeds", g.seeds, 2, 200, "check, of pictures: pairs of trainings (6, the least that can be sure)");
  add_whole(command, "--size", g.side, 8, 128, "Side of the pictures (theirs up to 64, else 64)");
  command.add_option("--from", g.from, "Of pictures and series: begin with this generator, of the same kind and size, on other classes")->type_name("GENERATOR");
  command.add_option("--pretrain", g.pretrain, "Of pictures: learn from these first, without their classes, for as many steps")->type_name("DATA");
  command.add_option_function<std::string>("--guidance", [&g](const std::string& text) { g.guidance = number("--guidance", text, 0, 20); },
                                           "Of kind flow: how far pictures go towards what tells their class from others (1: no farther). fit: learns how, and draws so; sample, check: otherwise than it was fitted")
      ->type_name("W");
  command.add_option("--input-format", g.input_format, "Of pictures and series, instead of looking what DATA is")->type_name("F");
  command.option_defaults()->group("Sampling");
  add_whole(command, "--rows", g.rows, 1, 1'000'000'000'000, "How many in all (as many as it learnt from)");
  add_whole(command, "--per-class", g.per_class, 1, 1'000'000'000'000, "How many of each class; fit: learn from so many pictures of each, hold out the others");
  command.add_option("--class", g.classes, "Only of these classes")->delimiter(',')->type_name("NAMES");
  command.add_option("--where", g.where, "Only rows with this category: COLUMN=WORD; may be given again")->take_all()->type_name("COLUMN=WORD");
  command.add_flag("--force", g.force, "Sample though the gate refused; lineage says so");
  command.add_flag("--overwrite", g.overwrite, "Write anew what is there; fit: another generator");
  command.option_defaults()->group("Running");
  command.add_flag("--resume", g.resume, "fit: go on where the same command was stopped; begins where nothing is there, does nothing where all is done");
  add_whole(command, "--seed", g.seed, 0, kAnyWholeNumber, "fit: other held-out rows; sample: other samples (0)");
  add_whole(command, "--threads", g.threads, 1, 1024, "Threads (all)");
  command.add_flag("--quiet", g.quiet, "Print nothing but errors");
}

namespace {

/// Flags that not all actions have, and for which they are.
constexpr std::array<std::pair<std::string_view, std::string_view>, 19> kOnlyFor{{{"--kind", "fit"}, {"--target", "fit"}, {"--held-out", "fit"}, {"--size", "fit"}, {"--from", "fit"}, {"--pretrain", "fit"}, {"--input-format", "fit"},
    {"--resume", "fit"}, {"--rows", "sample"}, {"--class", "sample"}, {"--where", "sample"}, {"--force", "sample"}, {"--seeds", "check"}, {"--steps", "fit or check"},
    {"--recipe", "fit or sample"}, {"--per-class", "fit or sample"}, {"--output", "fit or sample"}, {"--overwrite", "fit or sample"}, {"--seed", "fit or sample"}}};

}  // namespace

void check_flags_of_action(const GenerateCommand& g, const CLI::App& command) {
  for (const auto& [flag, actions] : kOnlyFor)
    if (command.count(std::string(flag)) > 0 && actions.find(g.action) == std::string_view::npos) throw usage_error(std::string(flag) + " is for generate " + std::string(actions));
}

void check_generate(const GenerateCommand& g) {
  static constexpr std::array<std::string_view, 3> kActions{"fit", "sample", "check"};
  const auto need = [&](const std::string& value, const char* what) {
    if (value.empty()) throw usage_error("generate " + g.action + " needs " + what).with_hint("see leaven help generate");
  };
  if (g.action.empty()) throw usage_error("generate needs fit, sample or check").with_hint("see leaven help generate");
  if (std::ranges::find(kActions, g.action) == kActions.end())
    throw usage_error("generate does fit, sample and check, not " + g.action).with_hint(did_you_mean(g.action, kActions));
  if (g.action == "fit" && !g.generator.empty()) throw usage_error("generate fit takes no folder but -o, got " + g.generator);
  if (g.action != "fit") need(g.generator, "the folder of the GENERATOR");
  if (g.action != "sample") need(g.data, "the dataset: --data DATA");
  if (g.action != "check") need(g.out, "a folder: -o OUT");
  if (!g.from.empty() && !g.pretrain.empty()) throw usage_error("--from and --pretrain exclude each other").with_hint("--from may name a generator that was fitted with --pretrain");
  if (g.action == "fit" && g.guidance && *g.guidance < 1) throw usage_error("--guidance of a fit must be at least 1; sample and check may try less");
  if (g.resume && g.overwrite) throw usage_error("--resume and --overwrite exclude each other");
  if (g.rows && g.per_class) throw usage_error("--rows and --per-class exclude each other");
  if (g.held_out >= 0.9) throw usage_error("--held-out must leave something to learn from: below 90%");
  for (const std::string& where : g.where)
    if (where.find('=') == std::string::npos || where.starts_with('=')) throw usage_error("--where must be COLUMN=WORD, got " + where);
}

}  // namespace leaven::flags
