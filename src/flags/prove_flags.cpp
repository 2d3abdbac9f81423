#include "flags/prove_flags.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "flags/whole_flag.hpp"
#include "core/error.hpp"

namespace leaven::flags {

namespace {

double points(std::string_view flag, const std::string& text) {
  double number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !(number >= 0 && number <= 100))
    throw usage_error(fmt::format("{} must be points from 0 to 100, got {}", flag, text));
  return number;
}

/// Something is left on both sides.
double part(std::string_view flag, const std::string& text) {
  const double number = share(flag, text);
  if (!(number > 0 && number < 1)) throw usage_error(fmt::format("{} must be a share above 0% and below 100%, got {}", flag, text)).with_hint("such as 20%: the rest is to train with");
  return number;
}

void add_data(CLI::App& command, ProveCommand& p) {
  command.option_defaults()->group("Data");
  command.add_option("--data", p.data, "The dataset to prove it on: pictures with a class each, a table, or time series")->type_name("DIR");
  command.add_option("--input-format", p.input_format, "Instead of looking what DIR is")->type_name("F");
  add_whole(command, "--per-class", p.per_class, 1, 1'000'000, "Train on so many of each class (all)");
  command.add_option_function<std::string>("--test", [&p](const std::string& text) { p.test = part("--test", text); },
                                           "Share to test with, where DIR has no test split (20%)")
      ->type_name("SHARE");
  command.add_option("--target", p.target, "Of a table: the column to predict (label, class, target or y)")->type_name("COLUMN");
  command.add_option("--group", p.group, "Regular expression on ids: items whose first bracket is equal stay together; of a table a column")->type_name("REGEX");
  add_whole(command, "--size", p.size, 8, 512, "Side of the pictures that the learner sees (theirs up to 64, else 64)");
}

void add_training(CLI::App& command, ProveCommand& p) {
  command.option_defaults()->group("Training");
  add_whole(command, "--seeds", p.seeds, 2, 200, "Pairs of trainings (6, the least that can be sure)");
  command.add_option("--learner", p.learner, "What is trained: auto; conv_net, plain_conv_net, linear, scattering, knn (pictures); trees, linear, mlp (rows); kernels, dtw, conv_net, linear (series)")->type_name("NAME");
  command.add_option("--backbone", p.backbone, "A trained network for --learner probe (auto), last_block or finetune: TorchScript, or safetensors of a residual network")->type_name("FILE");
  command.add_option("--weights", p.weights, "Safetensors whose weights a TorchScript --backbone takes instead of its own")->type_name("FILE");
  add_whole(command, "--steps", p.steps, 1, 10'000'000, "Steps of each training (800, or 10 epochs if those are more; 100 rounds of trees)");
  add_whole(command, "--epochs", p.epochs, 1, 1'000'000, "The same in times through the training items");
  add_whole(command, "--batch", p.batch, 1, 4096, "Items a step (32)");
  command.add_flag("--no-converged", p.no_converged, "Leave out training until it stops improving");
  command.add_flag("--no-robustness", p.no_robustness, "Leave out the test with noisy, incomplete and otherwise spoilt items");
  add_whole(command, "--seed", p.seed, 0, kAnyWholeNumber, "Another seed, other splits, weights and draws (0)");
}

void add_verdict(CLI::App& command, ProveCommand& p) {
  command.option_defaults()->group("Verdict");
  command.add_option("--metric", p.metric, "What decides: accuracy (usual), macro_f1, auc, worst_class, ece; of numbers r2 (usual), mae")->type_name("NAME");
  command.add_option_function<std::string>("--margin", [&p](const std::string& text) { p.margin = points("--margin", text); },
                                           "Points within which a recipe is harmless (0.3; 1 below 1,000 training items)")
      ->type_name("POINTS");
}

void add_running(CLI::App& command, ProveCommand& p) {
  command.option_defaults()->group("Running");
  command.add_option_function<std::string>("--budget", [&p](const std::string& text) { p.budget = seconds_of("--budget", text); },
                                           "Time for all of it (10m), by fewer steps or seeds; none: no limit")
      ->type_name("TIME");
  add_whole(command, "--threads", p.threads, 1, 1024, "Trainings at once (as many as there are cores)");
  command.add_flag("--quiet", p.quiet, "Print nothing but errors");
}

}  // namespace

void check_prove(const ProveCommand& p) {
  if (!p.recipe.empty() && !p.preset.empty()) throw usage_error("RECIPE and --preset exclude each other");
  if (p.steps && p.epochs) throw usage_error("--steps and --epochs exclude each other");
  if (p.external.empty()) return;
  if (p.external.find("{data}") == std::string::npos && p.external.find("{arm}") == std::string::npos)
    throw usage_error("--external must name {data}, the folder that it trains on, or {arm}: else it does the same with and without the recipe").with_hint("such as 'python train.py {data} {seed} {arm}'");
  const std::pair<const char*, bool> ours[] = {{"--learner", p.learner != "auto"}, {"--backbone", !p.backbone.empty()}, {"--weights", !p.weights.empty()}, {"--steps", p.steps.has_value()}, {"--epochs", p.epochs.has_value()}, {"--batch", p.batch != ProveCommand{}.batch}};
  for (const auto& [flag, said] : ours)
    if (said) throw usage_error(fmt::format("{} says how learners of Leaven train, and --external trains with a program of yours", flag)).with_hint("write it into the command");
}

double seconds_of(std::string_view flag, const std::string& text) {
  if (text == "none") return 0;
  double all = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    double number{};
    const auto [rest, error] = std::from_chars(at, end, number);
    const double unit = rest == end ? 0 : *rest == 's' ? 1 : *rest == 'm' ? 60 : *rest == 'h' ? 3600 : 0;
    if (error != std::errc{} || unit == 0 || !(number >= 0) || !std::isfinite(number)) {
      all = 0;
      break;
    }
    all += number * unit;
    at = rest + 1;
  }
  if (!(all > 0)) throw usage_error(fmt::format("{} must be a time such as 90s, 10m or 1h, or none, got {}", flag, text));
  return all;
}

void add_prove_flags(CLI::App& command, ProveCommand& p) {
  command.add_option("RECIPE", p.recipe, "A recipe (YAML or JSON), a preset or a policy");
  command.add_option("--preset", p.preset, "A preset instead")->type_name("NAME");
  command.add_option("-o,--output", p.out, "Folder for the proof (./leaven.proof); the same command goes on from it")->type_name("OUT");
  command.add_option("--against", p.against, "Other ways to train: none, dup, presets, policies, recipes, each with a strength that follows the training as NAME@ent_augment, @cuda, @ada or @0/0.5/1, in another way as NAME@cluster_strength, @cluster_weight, @cluster_mix, @consistency or @views, by another learner as NAME@linear, or as an ensemble NAME+NAME; of a table methods of balance (none,dup)")->delimiter(',')->type_name("ARMS");
  add_data(command, p);
  add_training(command, p);
  command.add_option("--external", p.external, "Train with your own program: a shell command with {data}, {seed}, {arm}")->type_name("COMMAND");
  add_verdict(command, p);
  add_running(command, p);
}

void add_tune_flags(CLI::App& command, TuneCommand& t) {
  command.add_option("-o,--output", t.best, "The recipe that did best (./best.yaml)")->type_name("RECIPE");
  command.add_option("--proof", t.prove.out, "Folder for the proof (beside it: best.proof); the same command goes on from it")->type_name("OUT");
  command.add_option("--start", t.start, "A recipe, preset or policy to try as well")->type_name("RECIPE");
  add_whole(command, "--level", t.level, 0, 3, "0: presets and TrivialAugment; 1: a grid of RandAugment too; 2: a policy searched by density matching instead; 3: as 1, then a schedule of strength for the best (1)");
  add_data(command, t.prove);
  add_training(command, t.prove);
  add_verdict(command, t.prove);
  add_running(command, t.prove);
}

}  // namespace leaven::flags
