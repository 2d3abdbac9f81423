#include "learn/generate/beginning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "flow/report_text.hpp"
#include "learn/generate/checkpoint.hpp"
#include "learn/generate/generate.hpp"
#include "learn/generate/image_source.hpp"

namespace leaven::learn {

using Json = nlohmann::ordered_json;

namespace {

std::string told(const InputShape& shape, bool series) {
  if (series) return fmt::format("series of {} samples in {}", shape.width, flow::count_text(static_cast<std::uint64_t>(shape.height), "channel", "channels"));
  return fmt::format("{} pictures of {}×{} px", shape.channels == 1 ? "grey" : "colour", shape.width, shape.height);
}

Beginning of_other(const FitOptions& options, const SavedGenerator& other, const ImageKind& kind, const ReadImages& read, bool series, std::vector<std::string>& notes, Json& card) {
  const auto fail = [&](const std::string& what, const std::string& hint) { return usage_error(what).with_place(options.from.string()).with_hint(hint); };
  const ImageCard has = image_card(other);
  const InputShape& shape = read.data.shape;
  if (has.kind != kind.name) throw fail("is a generator of kind " + has.kind + ", and one of kind " + kind.name + " is to begin with it", "--kind " + has.kind);
  if (has.shape != shape || has.series.has_value() != series)
    throw fail("makes " + told(has.shape, has.series.has_value()) + ", and these are " + told(shape, series), series || has.series ? "" : "the same --size in both fits makes sides equal");
  const bool same_data = from_card<std::string>(other.card, "data_digest") == read.digest;
  const bool same_part = from_card<double>(other.card, "held_out_share") == options.held_out && from_card<std::uint64_t>(other.card, "per_class") == options.per_class.value_or(0) &&
                         from_card<std::uint64_t>(other.card, "seed") == options.seed;
  if (same_data && !same_part) throw fail("learnt from the same data, divided otherwise: it has seen what is to be held out now", "--seed, --held-out and --per-class as they were");
  Beginning made{.tensors = other.tensors, .classes_there = has.classes.size()};
  std::size_t known = 0;
  for (const std::string& name : read.data.classes) {
    const auto at = std::ranges::find(has.classes, name);
    made.classes.push_back(at == has.classes.end() ? std::nullopt : std::optional(static_cast<std::uint32_t>(at - has.classes.begin())));
    known += at == has.classes.end() ? 0 : 1;
  }
  const std::string data = from_card<std::string>(other.card, "data");
  card = {{"generator", options.from.filename().string()}, {"hash", other.hash}, {"data", data}, {"classes", has.classes}};
  notes.push_back(fmt::format("begun with the generator {}, fitted on {} with {}, of which {} of the {} here {} known", other.hash, data, flow::count_text(has.classes.size(), "class", "classes"), known,
                              read.data.classes.size(), known == 1 ? "is" : "are"));
  return made;
}

/// What a generator learns that knows all pictures as one class.
Beginning of_pictures(const FitOptions& options, const ReadImages& read, const ImageSplit& split, std::vector<std::string>& notes, Json& card) {
  const InputShape& shape = read.data.shape;
  ReadImages more = read_images(options.pretrain, "", shape.width == shape.height ? shape.width : options.side, options.threads, "", Classes::ignored);
  if (more.data.shape != shape)
    throw usage_error("holds " + told(more.data.shape, false) + ", and what is to be learnt are " + told(shape, false)).with_place(options.pretrain.string()).with_hint("--size makes the sides of both equal");
  for (const std::string& note : more.notes) notes.push_back(options.pretrain.filename().string() + ": " + note);
  std::set<std::string> held_out;
  for (const std::uint32_t i : split.held_out) held_out.insert(read.digests[i]);
  std::vector<std::uint32_t> items;
  for (std::uint32_t i = 0; i < more.data.size(); ++i)
    if (!held_out.contains(more.digests[i])) items.push_back(i);
  if (items.size() < more.data.size()) notes.push_back(flow::count_text(more.data.size() - items.size(), "picture", "pictures") + " of " + options.pretrain.filename().string() + " are held out here, and were not learnt from");
  if (items.empty()) throw usage_error("holds no picture that is not held out").with_place(options.pretrain.string());
  card = {{"pictures", items.size()}, {"data", options.pretrain.filename().string()}, {"data_digest", more.digest}};
  notes.push_back(fmt::format("learnt first from {} of {}, without classes", flow::count_text(items.size(), "picture", "pictures"), options.pretrain.filename().string()));
  return {.tensors = {}, .classes_there = 1, .classes = std::vector<std::optional<std::uint32_t>>(read.data.classes.size()), .pretraining = more.data.picked(items)};
}

}  // namespace

std::optional<Beginning> beginning_of(const FitOptions& options, const std::optional<SavedGenerator>& other, const ImageKind& kind, const ReadImages& read, const ImageSplit& split, std::vector<std::string>& notes, Json& card) {
  if (!other && options.pretrain.empty()) return std::nullopt;
  const bool series = is_series(options.data, options.input_format);
  if (!kind.trains) throw usage_error("the kind " + kind.name + " has no steps of training, so it begins with nothing: leave out " + (other ? "--from" : "--pretrain"));
  if (other) return of_other(options, *other, kind, read, series, notes, card);
  if (series) throw usage_error("--pretrain learns from pictures; series begin with a generator: --from");
  return of_pictures(options, read, split, notes, card);
}

void learn_first(Beginning& beginning, const ImageKind& kind, const ImageFit& fit) {
  const FitWatch watch = [&](const FitProgress& p) { fit.watch({p.step, p.steps, p.loss, p.score, nullptr}); };
  std::vector<std::string> notes;  // of a generator that nobody gets
  ImageFit first{*beginning.pretraining, fit.recipe, fit.seed, fit.steps, watch, fit.stop, notes};
  first.checkpoint = fit.checkpoint;
  SavedGenerator saved;
  fit.checkpoint->enter(FitPart::pretraining);
  kind.fit(first)->save(saved);
  fit.checkpoint->enter(FitPart::training);
  beginning.tensors = std::move(saved.tensors);
  beginning.pretraining.reset();
}

}  // namespace leaven::learn
