#include <fmt/format.h>

#include "core/error.hpp"
#include "io/atomic_file.hpp"
#include "learn/generate/gate_file.hpp"
#include "learn/generate/generate.hpp"
#include "learn/generate/image_gate.hpp"
#include "learn/generate/image_source.hpp"
#include "learn/generate/small_classes.hpp"
#include "learn/generate/training_curve.hpp"

namespace leaven::learn {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t kShown = 8, kShownSeries = 4;  // of each class on the page: curves need more room

Json to_json(const ImageGate& g, const std::string& hash, const std::string& machinery) {
  Json mixes = Json::array();
  for (const GateMix& m : g.mixes)
    mixes.push_back({{"mix", m.name}, {"inner", m.inner}, {"gain", m.verdict.mean}, {"lo", m.verdict.interval.lo}, {"hi", m.verdict.interval.hi}, {"verdict", name_of(m.verdict.word)}});
  Json distributions = Json::array();
  for (const MeasuredSamples& m : g.measured) distributions.push_back({{"name", m.name}, {"distance", m.distance()}});
  const Json scores{{"frechet", g.frechet}, {"frechet_of_train", g.frechet_of_train}, {"kernel_distance", g.kernel}, {"precision", g.manifold.precision}, {"recall", g.manifold.recall},
                    {"density", g.manifold.density}, {"coverage", g.manifold.coverage}, {"nearer_train", g.nearer_train}, {"near_ones", g.near_ones}, {"copies", g.copies}, {"teacher_agreement", g.teacher_made},
                    {"teacher_held_out", g.teacher_held_out}, {"accuracy_on_new_alone", g.made_score}, {"accuracy_on_real", g.real_score}, {"best_mix", g.mixes[g.best].name},
                    {"gain", g.mixes[g.best].verdict.mean}};
  return {{"verdict", g.accepted() ? kAccepted : kRefused}, {"generator", hash}, {"reasons", g.reasons}, {"notes", g.notes}, {"scores", scores}, {"distributions", distributions}, {"mixes", mixes}, {"train", g.train},
          {"held_out", g.held_out}, {"made", g.made}, {"machinery", machinery}, {"leaven", LEAVEN_VERSION}};
}

}  // namespace

Checked check_images(const CheckOptions& options, std::span<const ImageKind> kinds, const ClassifierKind& classifier, const std::atomic<bool>& stop) {
  const SavedGenerator saved = load_generator(options.generator, options.guidance);
  const ImageCard card = image_card(saved);
  const SplitImages split = split_as_fitted(saved, options.data, options.threads);
  if (split.train.shape != card.shape || split.train.classes != card.classes) throw data_error("the generator's card names other classes or sizes than its dataset has");
  const auto model = load_image_model(kinds, saved, card);
  const PictureSource draw = [&](std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) { return model->draw(label, seed, first, count); };
  const std::optional<PictureRecipe> recipe = picture_recipe(from_card<std::string>(saved.card, "recipe"), card.shape);
  ImageGateOptions gate_options{.seeds = options.seeds, .series = card.series.has_value(), .recipe = recipe ? &*recipe : nullptr, .threads = options.threads, .watch = options.watch};
  if (options.steps > 0) gate_options.steps = options.steps;
  const ImageGate gate = judge_images(split.train, split.held_out, draw, classifier, gate_options, stop);
  const bool guided = saved.card.contains("guidance");
  const std::size_t each = card.series ? kShownSeries : kShown;
  ImageData shown = split.train.like(), walks = split.train.like();
  for (std::uint32_t label = 0; label < card.classes.size(); ++label) {
    const std::vector<float> made = model->draw(label, 0, 0, each);
    for (std::size_t i = 0; i < each; ++i) shown.add(std::span(made).subspan(i * card.shape.values(), card.shape.values()), label, "");
    const std::vector<float> walk = model->walk(label, 0, each);
    for (std::size_t at = 0; at < walk.size(); at += card.shape.values()) walks.add(std::span(walk).subspan(at, card.shape.values()), label, "");
  }
  io::write_file_atomically(options.generator / kGatePage, gate_page(gate, split.train, shown, walks, training_of(saved.card), card.kind + (guided ? fmt::format(" (guidance {:g})", guidance_of(saved)) : "") + " of " + from_card<std::string>(saved.card, "data")));
  Json file = to_json(gate, saved.hash, classifier.machinery);
  if (guided) file["guidance"] = guidance_of(saved);
  io::write_file_atomically(options.generator / kGateFile, file.dump(1) + "\n");
  return {gate.accepted(), gate_text(gate), options.generator / kGatePage};
}

}  // namespace leaven::learn
