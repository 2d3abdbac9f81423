#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/generated.hpp"
#include "flow/report_text.hpp"
#include "flow/table_source.hpp"
#include "flow/table_roster.hpp"
#include "io/atomic_file.hpp"
#include "learn/generate/gate_file.hpp"
#include "learn/generate/generate.hpp"
#include "learn/generate/image_source.hpp"
#include "learn/generate/sampled_folder.hpp"
#include "learn/generate/table_model.hpp"
#include "learn/generate/table_source.hpp"
#include "learn/generate/train_part.hpp"
#include "ops/families.hpp"
#include "recipe/mixing.hpp"

namespace leaven::learn {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kFillFile = "leaven.fill.json";
constexpr const char* kFitRecipe = "leaven.fit.yaml";

/// Training samples of each class, and what tells them from others.
struct Have {
  std::map<std::string, std::uint64_t> counts{};
  std::string digest{};
  InputShape shape{};  ///< of pictures
};

Have look_at_pictures(const recipe::Recipe& recipe, const std::string& text, int threads) {
  const ReadImages read = read_images(recipe.source.path, recipe.source.format, 0, threads, text);
  Have have{.counts = {}, .digest = read.digest, .shape = read.data.shape};
  for (const std::uint32_t label : read.data.labels) ++have.counts[read.data.classes[label]];
  return have;
}

Have look_at_rows(const recipe::Recipe& recipe, const std::string& text, const std::string& target) {
  const auto reader = open_for_generator(recipe.source.path, text, target);
  const ReadTable read = read_for_generator(*reader, recipe.source.path, text);
  const std::vector<std::string> classes = classes_of(read.data);
  if (classes.size() < 2) throw usage_error("generate: fills classes, and no column of " + recipe.source.path + " says which").with_hint("name it: --target COLUMN");
  Have have{.counts = {}, .digest = read.digest, .shape = {}};
  for (const std::uint32_t label : classes_by_row(read.data))
    if (label != kNoClass) ++have.counts[classes[label]];
  return have;
}

std::map<std::string, std::uint64_t> lacking(const Have& have, std::optional<std::uint64_t> per_class) {
  std::uint64_t goal = per_class.value_or(0);
  if (!per_class)
    for (const auto& [label, count] : have.counts) goal = std::max(goal, count);
  std::map<std::string, std::uint64_t> counts;
  for (const auto& [label, count] : have.counts) counts[label] = goal > count ? goal - count : 0;
  return counts;
}

/// The recipe that changes pictures while they are learnt from: without mixing, and without any step where they cannot work on
/// pictures as small as the generator's.
recipe::Recipe for_fit(recipe::Recipe recipe, const InputShape& shape, std::vector<std::string>& notes) {
  const auto drop = [&](const std::string& why) {
    if (!recipe.steps.empty()) notes.push_back("the generator learnt from pictures as they are: " + why);
    recipe.steps.clear();
  };
  if (!recipe::mixing_steps(recipe).empty()) drop("the recipe mixes them");
  try {
    const auto steps = picture_recipe(recipe::to_yaml(recipe), shape);
    const std::vector<float> grey(shape.values(), 0.5F);
    steps->made(raster_of(grey, shape).view(), {.seed = recipe.seed, .sample = "grey", .copy = 1}, "");
  } catch (const Error& error) {
    if (error.fault() != Fault::usage) throw;
    drop(error.message());
  }
  return recipe;
}

/// What would be far more than the gate found to be best.
void note_shares(const KnownGate& gate, const Have& have, Filled& filled) {
  if (!gate.scores.contains("best_mix") || !gate.scores["best_mix"].is_string()) return;
  const std::string best = gate.scores["best_mix"].get<std::string>();
  std::string worst;
  double most = 0;
  for (const auto& [label, count] : filled.counts)
    if (const double share = static_cast<double>(count) / static_cast<double>(count + have.counts.at(label)); share > most) most = share, worst = label;
  if (most > 0.5) filled.notes.push_back(fmt::format("{:.0f} % of class {} will be new; the mix that the gate found best was {}", most * 100, worst, best));
}

}  // namespace

Filled fill(const FillOptions& options, std::span<const TableKind> table_kinds, std::span<const ImageKind> image_kinds, const ClassifierKind& classifier,
            const FitWatch& watch, const std::atomic<bool>& stop) {
  recipe::Recipe recipe = recipe::load(options.recipe, ops::op_table());
  if (!recipe.generate) throw usage_error("the recipe has no generate:").with_place(options.recipe.string());
  const recipe::Generate& asked = *recipe.generate;
  Filled filled{.generator = flow::generator_folder(recipe)};
  // Where data and result lie makes no other generator.
  recipe::Recipe essence = recipe;
  essence.source.path.clear(), essence.sink.path.clear();
  const std::string text = recipe::to_yaml(essence);
  const bool table = flow::is_table(recipe.source);
  if (!table && is_series(recipe.source.path, recipe.source.format))
    throw usage_error("generate: fills classes of pictures and tables, not of series").with_place(recipe.source.path).with_hint("leaven generate fit and sample make series, which can be put beside the others");
  const std::string target = recipe.source.schema.target.empty() ? recipe.source.label_column : recipe.source.schema.target;
  const Have have = table ? look_at_rows(recipe, text, target) : look_at_pictures(recipe, text, options.threads);
  filled.counts = lacking(have, asked.per_class);
  const std::string all = text + have.digest + LEAVEN_VERSION, key = digest_of(all.data(), all.size());
  const fs::path done = filled.generator / kFillFile, samples = flow::generated_folder(recipe);
  std::ifstream before(done);
  const bool any = std::ranges::any_of(filled.counts, [](const auto& one) { return one.second > 0; });
  if (const Json known = Json::parse(before, nullptr, false); known.is_object() && known.value("fill", "") == key) {
    filled.done_before = true;
    if (any) filled.gate = gate_of(filled.generator, load_generator(filled.generator)).word;
    return filled;
  }
  if (!options.resume && !options.overwrite) require_no_stopped_fit(filled.generator);
  std::error_code error;
  fs::remove(done, error);
  fs::create_directories(samples, error);
  if (error) throw environment_error("cannot be made: " + error.message()).with_place(samples.string());

  if (!any) {
    filled.notes.emplace_back("no class lacks samples: nothing was learnt, and nothing generated");
    SampledFolder(samples, true).publish({}, Json{{"synthetic", true}, {"leaven", LEAVEN_VERSION}}.dump(1) + "\n");
    io::write_file_atomically(done, Json{{"fill", key}, {"counts", filled.counts}}.dump(1) + "\n");
    return filled;
  }
  const fs::path fit_recipe = filled.generator / kFitRecipe;
  io::write_file_atomically(fit_recipe, table ? text : recipe::to_yaml(for_fit(essence, have.shape, filled.notes)));
  const FitOptions fit{.data = recipe.source.path, .out = filled.generator, .kind = asked.kind, .target = target, .recipe = fit_recipe.string(), .held_out = asked.held_out,
                       .seed = recipe.seed, .steps = asked.steps, .input_format = recipe.source.format, .threads = options.threads, .overwrite = true, .resume = options.resume, .tell = options.tell, .to_be_accepted = !asked.force};
  const Fitted fitted = table ? fit_table(fit, table_kinds, watch, stop) : fit_images(fit, image_kinds, watch, stop);
  filled.notes.insert(filled.notes.end(), fitted.notes.begin(), fitted.notes.end());
  const auto told = [&](std::uint32_t trained, std::uint32_t all_trainings) {
    if (options.tell) options.tell(fmt::format("gate: {} of {} trainings", trained, all_trainings));
  };
  const CheckOptions check{.generator = filled.generator, .data = recipe.source.path, .threads = options.threads, .watch = told};
  try {
    filled.gate = (table ? check_table(check, table_kinds, stop) : check_images(check, image_kinds, classifier, stop)).text;
  } catch (const Error& refusal) {
    if (refusal.fault() != Fault::data || !asked.force) throw;
    filled.notes.push_back("the gate cannot judge: " + refusal.message());  // the hint is one for fit
  }
  const KnownGate gate = gate_of(filled.generator, load_generator(filled.generator));
  if (gate.word == kRefused && !asked.force)
    throw Error(Fault::refused, "generate: the gate refuses the samples: " + (gate.reasons.empty() ? std::string("no reason is written") : gate.reasons.front()))
        .with_place((filled.generator / kGatePage).string())
        .with_hint("another kind:, more data, or force: true, which lineage and report will say");
  note_shares(gate, have, filled);
  const SampleOptions draw{.generator = filled.generator, .out = samples, .counts = filled.counts, .recipe = table && !recipe.constraints.empty() ? fit_recipe.string() : "",
                           .data = recipe.source.path, .seed = recipe.seed, .threads = options.threads, .force = asked.force, .overwrite = true};
  table ? sample_table(draw, table_kinds, stop) : sample_images(draw, image_kinds, stop);
  io::write_file_atomically(done, Json{{"fill", key}, {"counts", filled.counts}}.dump(1) + "\n");
  return filled;
}

}  // namespace leaven::learn
