#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <regex>

#include "core/error.hpp"
#include "flow/table_source.hpp"
#include "io/atomic_file.hpp"
#include "io/codec.hpp"
#include "io/series_file.hpp"
#include "io/table_file.hpp"
#include "learn/generate/checkpoint.hpp"
#include "learn/generate/generate.hpp"
#include "learn/generate/image_source.hpp"
#include "learn/generate/named_kind.hpp"
#include "learn/generate/small_classes.hpp"
#include "learn/generate/training_curve.hpp"
#include "learn/generate/variety.hpp"
#include "ops/families.hpp"
#include "recipe/mixing.hpp"

namespace leaven::learn {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t kGridColumns = 8, kGridClasses = 10;
constexpr int kMostSide = 128;  // px of pictures, as --size allows

double seconds_since(Clock::time_point begun) { return std::chrono::duration<double>(Clock::now() - begun).count(); }

std::optional<std::uint64_t> per_class_of(const Json& card) {
  const auto count = from_card<std::uint64_t>(card, "per_class");
  return count > 0 ? std::optional(count) : std::nullopt;
}

/// The folder, without the grids of another fit.
void make_room(const fs::path& folder, const Checkpoint& checkpoint) {
  static const std::regex kGrid(R"(progress_\d{6,}\.png)");
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw environment_error("cannot be made: " + error.message()).with_place(folder.string());
  if (checkpoint.stands_in(FitPart::training)) return;
  for (const auto& entry : fs::directory_iterator(folder))
    if (std::regex_match(entry.path().filename().string(), kGrid)) fs::remove(entry.path(), error);
}

/// Says before anything is trained what would come of it in vain. Throws Error(data).
void require_enough(const FitOptions& options, const ImageKind& kind, bool series, const ImageData& train, const ImageSplit& split, std::vector<std::string>& notes) {
  const char* const many = series ? "series" : "pictures";
  if (kind.trains && !interpolates(kind.name) && !any_class_is_learnt(train))
    throw data_error(fmt::format("every class has fewer than {} {} to learn from, too few for a network", kFewestLearnt, many)).with_place(options.data.string()).with_hint(series ? "--kind block_bootstrap takes new ones from among them" : "--kind deep_smote takes new ones from between them");
  require_held_out(options, split.held_out.size(), many, notes);
}

/// A row of pictures for each class, as the fit goes on.
void write_progress(const fs::path& folder, const FitProgress& p, const ImageData& train, bool series) {
  ImageData made = train.like();
  for (std::uint32_t label = 0; label < std::min(train.classes.size(), kGridClasses); ++label) {
    const std::vector<float> row = p.so_far->draw(label, 0, 0, kGridColumns);
    for (std::size_t i = 0; i < kGridColumns; ++i) made.add(std::span(row).subspan(i * train.shape.values(), train.shape.values()), label, "");
  }
  const ImageData shown = to_look_at(made, series);
  write_grid(folder / fmt::format("progress_{:06}.png", p.step), shown.pixels, shown.shape, kGridColumns);
}

}  // namespace

bool is_table(const fs::path& data) {
  recipe::Source source;
  source.path = data.string();
  return flow::is_table(source);
}

bool is_series(const fs::path& data, const std::string& format) { return io::holds_series(data, format); }

ImageData to_look_at(const ImageData& data, bool series) { return series ? plotted(data) : data; }

std::optional<PictureRecipe> picture_recipe(const std::string& text, const InputShape& shape) {
  if (text.empty()) return std::nullopt;
  PictureRecipe recipe("recipe", text);
  recipe.end_in(shape.width, shape.height);
  return recipe;
}

void write_grid(const fs::path& file, std::span<const float> pictures, const InputShape& shape, std::size_t columns) {
  io::write_file_atomically(file, io::encode(grid_of(pictures, shape, columns).view(), {}));
}

ImageCard image_card(const SavedGenerator& generator) {
  ImageCard card{.kind = from_card<std::string>(generator.card, "kind")};
  if (!generator.card.contains("shape")) throw usage_error("the generator is of kind " + card.kind + ", which makes no pictures");
  const auto shape = from_card<std::vector<int>>(generator.card, "shape");
  const int most = generator.card.contains("series") ? static_cast<int>(kMostLength) : kMostSide;
  const bool fits = shape.size() == 3 && std::ranges::all_of(shape, [most](int side) { return side > 0 && side <= most; }) && (shape[2] == 1 || shape[2] == 3);
  if (!fits) throw data_error("the generator's card has a broken shape");
  card.shape = {shape[0], shape[1], shape[2]};
  card.classes = from_card<std::vector<std::string>>(generator.card, "classes");
  if (card.classes.empty() || card.classes.size() > 100'000) throw data_error("the generator's card has no classes, or too many");
  if (generator.card.contains("series")) card.series = scale_from(generator.card["series"], static_cast<std::size_t>(card.shape.height));
  if (generator.card.contains("stamps")) {
    card.stamps = {from_card<double>(generator.card["stamps"], "start"), from_card<double>(generator.card["stamps"], "step")};
    if (!std::isfinite(card.stamps->start) || !(card.stamps->step > 0 && std::isfinite(card.stamps->step))) throw data_error("the generator's card has broken stamps");
  }
  return card;
}

SplitImages split_as_fitted(const SavedGenerator& generator, const fs::path& data, int threads) {
  const Json& card = generator.card;
  const std::optional<SeriesScale> series = image_card(generator).series;
  const std::string format = from_card<std::string>(card, "format");
  const ReadImages read = series ? read_series(data, format, threads) : read_images(data, format, from_card<int>(card, "side"), threads, from_card<std::string>(card, "recipe"));
  if (read.digest != from_card<std::string>(card, "data_digest")) throw usage_error("is not the dataset that the generator learnt from, so which pictures it saw is not known").with_place(data.string());
  const ImageSplit split = split_images(read, from_card<double>(card, "held_out_share"), per_class_of(card), from_card<std::uint64_t>(card, "seed"));
  SplitImages parts{read.data.picked(split.train), read.data.picked(split.held_out)};
  if (series) to_unit(parts.train, *series), to_unit(parts.held_out, *series);
  return parts;
}

Fitted fit_images(const FitOptions& options, std::span<const ImageKind> kinds, const FitWatch& watch, const std::atomic<bool>& stop) {
  const bool series = is_series(options.data, options.input_format);
  std::optional<SavedGenerator> other;
  if (!options.from.empty()) other = load_generator(options.from);
  const ImageKind& kind = kind_to_fit(kinds, other && options.kind == "auto" ? image_card(*other).kind : options.kind, series ? "series" : "pictures", options.steps);
  if (options.guidance != 1 && !kind.guided) throw usage_error("--guidance is not for " + kind.name).with_hint("--kind flow can be guided");
  require_room_for(options);
  const auto begun = Clock::now();
  const std::string text = options.recipe.empty() ? std::string() : recipe::to_yaml(recipe::load(options.recipe, ops::op_table()));
  if (series && !text.empty()) throw usage_error("series are learnt as they are: --recipe is for pictures and tables");
  const ReadImages read = series ? read_series(options.data, options.input_format, options.threads) : read_images(options.data, options.input_format, options.side, options.threads, text);
  const ImageSplit split = split_images(read, options.held_out, options.per_class, options.seed);
  ImageData train = read.data.picked(split.train);
  const SeriesScale scale = series ? scale_of(train) : SeriesScale{};
  if (series) to_unit(train, scale);
  Fitted fitted{.kind = kind.name, .train = train.size(), .held_out = split.held_out.size(), .notes = read.notes};
  require_enough(options, kind, series, train, split, fitted.notes);
  if (!text.empty() && !recipe::mixing_steps(recipe::parse(text, ops::op_table())).empty()) fitted.notes.push_back("steps of the recipe that mix pictures do nothing while the generator learns");
  Json begun_with;
  std::optional<Beginning> beginning = beginning_of(options, other, kind, read, split, fitted.notes, begun_with);
  fitted.seconds_reading = seconds_since(begun);
  const auto ready = Clock::now();
  const std::optional<PictureRecipe> recipe = picture_recipe(text, train.shape);
  Json identity{{"kind", kind.name}, {"leaven", LEAVEN_VERSION}, {"data", options.data.filename().string()}, {"data_digest", read.digest}, {"format", options.input_format}, {"side", options.side},
                {"held_out_share", options.held_out}, {"per_class", options.per_class.value_or(0)}, {"seed", options.seed}, {"recipe", text}, {"steps", options.steps}};
  if (options.guidance != 1) identity["guidance"] = options.guidance;
  if (beginning) identity["begun_with"] = begun_with;
  Checkpoint checkpoint(options.out, identity);
  if (std::optional<Fitted> before = taken_up(options, identity, checkpoint)) return *before;
  make_room(options.out, checkpoint);
  TrainingCurve curve;
  checkpoint.carries([&curve](Carried& state) { curve.carry(state); });
  const FitWatch look = [&](const FitProgress& p) {
    if (p.so_far) {  // else it learns from pictures without classes
      curve.add(p);
      write_progress(options.out, p, train, series);
    }
    if (watch) watch(p);
  };
  ImageFit fit{train, recipe ? &*recipe : nullptr, options.seed, options.steps, look, stop, fitted.notes};
  fit.checkpoint = &checkpoint;
  if (beginning && !checkpoint.stands_in(FitPart::training)) {  // else what it began with has gone into what is taken up
    if (beginning->pretraining) learn_first(*beginning, kind, fit);
    fit.from = &*beginning;
  }
  fit.guidance = options.guidance;
  std::unique_ptr<ImageModel> model = kind.fit(fit);
  if (!interpolates(kind.name)) model = with_small_classes(std::move(model), train, series, fitted.notes);
  for (std::string& note : collapsed_classes(train, [&](std::uint32_t label, std::size_t count) { return model->draw(label, options.seed, 0, count); })) fitted.notes.push_back(std::move(note));
  SavedGenerator saved;
  saved.card = {{"kind", kind.name}, {"leaven", LEAVEN_VERSION}, {"data", options.data.filename().string()}, {"data_digest", read.digest}, {"format", options.input_format}, {"side", options.side},
                {"shape", {train.shape.width, train.shape.height, train.shape.channels}}, {"classes", train.classes}, {"train", fitted.train}, {"held_out", fitted.held_out},
                {"held_out_share", options.held_out}, {"per_class", options.per_class.value_or(0)}, {"seed", options.seed}, {"recipe", text}, {"notes", fitted.notes}};
  curve.write(saved.card);
  std::vector<std::uint64_t> counts(train.classes.size());
  for (const std::uint32_t label : train.labels) ++counts[label];
  saved.card["class_counts"] = counts;
  if (series) saved.card["series"] = to_json(scale);
  if (read.stamps) saved.card["stamps"] = {{"start", read.stamps->start}, {"step", read.stamps->step}};
  if (beginning) saved.card["begun_with"] = begun_with;
  model->save(saved);
  save_generator(options.out, saved);
  checkpoint.remove();
  fitted.seconds_fitting = seconds_since(ready);
  fitted.hash = saved.hash;
  return fitted;
}

}  // namespace leaven::learn
