#include "learn/generate/small_classes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/value.hpp"

namespace leaven::learn {

namespace {

constexpr const char* kMember = "interpolated";
constexpr const char* kLabels = "interpolated_labels";

class SmallClasses final : public ImageModel {
 public:
  /// `few`: the pictures of small classes.
  SmallClasses(std::unique_ptr<ImageModel> model, ImageData few) : model_(std::move(model)), few_(std::move(few)), items_(few_.classes.size()) {
    for (std::uint32_t i = 0; i < few_.size(); ++i) items_[few_.labels[i]].push_back(i);
  }

  std::vector<float> draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const override {
    const std::vector<std::uint32_t>& own = items_[label];
    if (own.empty()) return model_->draw(label, seed, first, count);
    const Key key = picture_key(seed, label);
    std::vector<float> made;
    for (std::uint64_t i = first; i < first + count; ++i) {
      const std::size_t one = draw_below(key, own.size(), 3 * i), other = own.size() == 1 ? 0 : (one + 1 + draw_below(key, own.size() - 1, 3 * i + 1)) % own.size();
      add_between(own[one], own[other], draw_unit(key, 3 * i + 2), made);
    }
    return made;
  }

  std::vector<float> walk(std::uint32_t label, std::uint64_t seed, std::size_t count) const override {
    const std::vector<std::uint32_t>& own = items_[label];
    if (own.empty()) return model_->walk(label, seed, count);
    std::vector<float> made;
    for (std::size_t i = 0; i < count; ++i) add_between(own.front(), own.back(), count > 1 ? static_cast<double>(i) / static_cast<double>(count - 1) : 0, made);
    return made;
  }

  void save(SavedGenerator& to) const override {
    model_->save(to);
    std::vector<std::string> names;
    for (std::size_t label = 0; label < items_.size(); ++label)
      if (!items_[label].empty()) names.push_back(few_.classes[label]);
    to.card[kMember] = names;
    to.tensors.add(kMember, few_.pixels, {few_.size(), few_.shape.values()});
    to.tensors.add(kLabels, std::vector<std::int32_t>(few_.labels.begin(), few_.labels.end()));
  }

 private:
  void add_between(std::size_t one, std::size_t other, double along, std::vector<float>& to) const {
    for (std::size_t v = 0; v < few_.shape.values(); ++v) to.push_back(few_.of(one)[v] + static_cast<float>(along) * (few_.of(other)[v] - few_.of(one)[v]));
  }

  std::unique_ptr<ImageModel> model_;
  ImageData few_;
  std::vector<std::vector<std::uint32_t>> items_;  ///< of `few_`, by class; none: the model draws
};

}  // namespace

bool any_class_is_learnt(const ImageData& train) {
  std::vector<std::size_t> counts(train.classes.size());
  return std::ranges::any_of(train.labels, [&](std::uint32_t label) { return ++counts[label] >= kFewestLearnt; });
}

bool interpolates(const std::string& kind) { return kind == "deep_smote" || kind == "block_bootstrap"; }

std::unique_ptr<ImageModel> with_small_classes(std::unique_ptr<ImageModel> model, const ImageData& train, bool series, std::vector<std::string>& notes) {
  constexpr std::size_t kMostNotes = 5;
  std::vector<std::uint32_t> few;
  std::vector<std::string> told;
  for (std::uint32_t label = 0; label < train.classes.size(); ++label) {
    const auto count = static_cast<std::size_t>(std::ranges::count(train.labels, label));
    if (count == 0 || count >= kFewestLearnt) continue;
    for (std::uint32_t i = 0; i < train.size(); ++i)
      if (train.labels[i] == label) few.push_back(i);
    told.push_back(count == 1 ? fmt::format("class {} has 1 {}: all its new ones are that one", train.classes[label], series ? "series" : "picture")
                               : fmt::format("class {} has {} {}: its new ones are taken from between them", train.classes[label], count, series ? "series" : "pictures"));
  }
  if (few.empty()) return model;
  const std::size_t more = told.size() > kMostNotes ? told.size() - kMostNotes : 0;
  notes.insert(notes.end(), told.begin(), told.end() - static_cast<std::ptrdiff_t>(more));
  if (more > 0) notes.push_back(fmt::format("so it is with {} more classes of fewer than {}", more, kFewestLearnt));
  return std::make_unique<SmallClasses>(std::move(model), train.picked(few));
}

std::unique_ptr<ImageModel> load_image_model(std::span<const ImageKind> kinds, const SavedGenerator& saved, const ImageCard& card) {
  std::unique_ptr<ImageModel> model = kind_named(kinds, card.kind).load(saved, card.shape, static_cast<std::uint32_t>(card.classes.size()));
  if (!saved.card.contains(kMember)) return model;
  ImageData few{.shape = card.shape, .classes = card.classes};
  for (const std::int32_t label : saved.tensors.integers(kLabels)) {
    if (label < 0 || static_cast<std::size_t>(label) >= card.classes.size()) throw data_error("the generator's file names a class that its card does not have");
    few.labels.push_back(static_cast<std::uint32_t>(label));
  }
  few.pixels = saved.tensors.floats(kMember, few.labels.size() * card.shape.values());
  few.ids.resize(few.labels.size());
  return std::make_unique<SmallClasses>(std::move(model), std::move(few));
}

}  // namespace leaven::learn
