#include "learn/partition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "flow/split.hpp"
#include "recipe/recipe.hpp"

namespace leaven::learn {

namespace {

using io::Split;

/// With a class of its own for each sample, nothing could be learned; a few hundred samples a class are not needed to
/// choose where to stop.
constexpr std::size_t kLeastValidation = 5;
constexpr std::size_t kToldClasses = 3;

recipe::Recipe splitting(double val, double test, const std::string& group, std::uint64_t seed) {
  recipe::Recipe recipe;
  recipe.seed = seed;
  recipe.has_split = true;
  recipe.split.val = val;
  recipe.split.test = test;
  recipe.split.group = group;
  recipe.split.method = group.empty() ? recipe::SplitStage::Method::stratified : recipe::SplitStage::Method::group;
  return recipe;
}

Entries entries_of(const std::vector<Split>& splits, Split wanted, const std::vector<bool>& aside) {
  Entries found;
  for (std::uint32_t e = 0; e < splits.size(); ++e)
    if (splits[e] == wanted && !aside[e]) found.push_back(e);
  return found;
}

/// At most `most` of each class, in a shuffled order.
Entries some_of_each(Entries entries, const io::DatasetIndex& index, std::size_t most, std::uint64_t seed, std::string_view purpose) {
  flow::shuffle(entries, index, seed, purpose);
  std::map<std::uint32_t, std::size_t> taken;
  std::erase_if(entries, [&](std::uint32_t e) { return taken[index.entries[e].label]++ >= most; });
  std::ranges::sort(entries);
  return entries;
}

std::map<std::uint32_t, std::size_t> counts(const Entries& entries, const io::DatasetIndex& index) {
  std::map<std::uint32_t, std::size_t> found;
  for (const std::uint32_t e : entries) ++found[index.entries[e].label];
  return found;
}

void require_classes(const io::DatasetIndex& index, const std::vector<bool>& aside) {
  if (index.label_kind != io::LabelKind::category)
    throw usage_error("prove needs a dataset with one class a sample, and this is " + index.description)
        .with_hint(index.label_kind == io::LabelKind::none ? "put pictures into a folder for each class; of a table, name the column: --target COLUMN" : "");
  std::set<std::uint32_t> classes;
  for (std::size_t e = 0; e < aside.size(); ++e)
    if (!aside[e]) classes.insert(index.entries[e].label);
  if (classes.size() < 2) throw usage_error("prove needs at least two classes, and there is one: " + index.labels[*classes.begin()]);
}

/// The test split, and a copy of the index in which only the own validation split is a split.
class Divider {
 public:
  Divider(const io::DatasetIndex& index, const PartitionOptions& options) : index_(index), options_(options), open_(index), aside_(options.aside) {
    aside_.resize(index.entries.size(), false);
  }

  Partition divide() {
    if (!options_.number) require_classes(index_, aside_);
    choose_test();
    for (std::uint32_t s = 0; s < options_.seeds; ++s) made_.folds.push_back(fold(options_.seed + s));
    tell_shortages();
    return std::move(made_);
  }

 private:
  void choose_test() {
    std::set<Split> own;
    for (std::size_t e = 0; e < aside_.size(); ++e)
      if (!aside_[e]) own.insert(index_.entries[e].split);
    const Split as_test = own.contains(Split::test) ? Split::test : own.contains(Split::val) ? Split::val : Split::none;
    std::vector<bool> is_test(aside_.size());
    made_.drawn = as_test == Split::none;
    if (!made_.drawn) {
      made_.notes.push_back(as_test == Split::test ? "the dataset's own test split is the test split"
                                                   : "the dataset has no test split: its validation split is the test split");
      own_validation_ = as_test == Split::test && own.contains(Split::val);
      for (std::size_t e = 0; e < is_test.size(); ++e) is_test[e] = !aside_[e] && index_.entries[e].split == as_test;
    } else {
      io::DatasetIndex whole = index_;
      for (io::Entry& entry : whole.entries) entry.split = Split::none;
      const auto splits = assigned(whole, splitting(0, options_.test, options_.group, options_.seed));
      for (std::size_t e = 0; e < splits.size(); ++e) is_test[e] = !aside_[e] && splits[e] == Split::test;
    }
    for (std::uint32_t e = 0; e < is_test.size(); ++e)
      if (is_test[e]) made_.test.push_back(e), aside_[e] = true;
    leave_kin_of_test();
    if (made_.test.empty()) throw usage_error("there is nothing to test with").with_hint("a class needs two samples to be divided; or use a larger --test");
    for (io::Entry& entry : open_.entries)
      entry.split = own_validation_ && entry.split == Split::val ? Split::val : own_validation_ ? Split::train : Split::none;
  }

  /// Kin go where the first of them goes.
  std::vector<Split> assigned(const io::DatasetIndex& index, const recipe::Recipe& recipe) const {
    if (options_.kin.empty()) return flow::assign_splits(index, recipe, aside_);
    std::vector<bool> led = aside_;
    std::map<std::uint32_t, std::uint32_t> first;
    for (std::uint32_t e = 0; e < led.size(); ++e)
      if (!aside_[e]) led[e] = first.try_emplace(options_.kin[e], e).first->second != e;
    std::vector<Split> splits = flow::assign_splits(index, recipe, led);
    for (std::uint32_t e = 0; e < led.size(); ++e)
      if (!aside_[e]) splits[e] = splits[first.at(options_.kin[e])];
    return splits;
  }

  std::function<bool(std::uint32_t)> is_kin_of(const Entries& entries) const {
    std::set<std::uint32_t> kin;
    if (!options_.kin.empty())
      for (const std::uint32_t e : entries) kin.insert(options_.kin[e]);
    return [this, kin](std::uint32_t e) { return !kin.empty() && kin.contains(options_.kin[e]); };
  }

  void leave_kin_of_test() {
    std::size_t left = 0;
    const auto kin = is_kin_of(made_.test);
    for (std::uint32_t e = 0; e < aside_.size(); ++e)
      if (!aside_[e] && kin(e)) aside_[e] = true, ++left;
    if (left > 0) made_.notes.push_back(fmt::format("{} items come from the same source as a test item, or are its source, and were left out", left));
  }

  Fold fold(std::uint64_t seed) const {
    const auto splits = own_validation_ ? flow::assign_splits(open_, recipe::Recipe{}, aside_)
                                        : assigned(open_, splitting(options_.validation, 0, options_.group, seed));
    Fold fold{entries_of(splits, Split::train, aside_), entries_of(splits, Split::val, aside_)};
    if (own_validation_) std::erase_if(fold.train, is_kin_of(fold.validation));
    if (!options_.per_class) return fold;
    fold.train = some_of_each(std::move(fold.train), index_, *options_.per_class, seed, "prove/train");
    fold.validation = some_of_each(std::move(fold.validation), index_, std::max<std::size_t>(*options_.per_class, kLeastValidation), seed, "prove/validation");
    return fold;
  }

  void tell_shortages() {
    const Fold& first = made_.folds.front();
    if (first.train.empty()) throw usage_error("there is nothing to train on").with_hint("use a smaller --test");
    if (first.validation.empty()) made_.notes.push_back("there is nothing to validate with: training until it stops improving is left out");
    if (options_.number) return;
    const auto train = counts(first.train, index_), test = counts(made_.test, index_);
    std::vector<std::string> untrained, untested, few;
    for (const auto& [label, count] : test)
      if (!train.contains(label)) untrained.push_back(fmt::format("class {} has no sample to train on: its {} test samples count as wrong", index_.labels[label], count));
    for (const auto& [label, count] : train) {
      if (!test.contains(label)) untested.push_back(fmt::format("class {} has no sample to test with: nothing is known of it", index_.labels[label]));
      if (options_.per_class && count < *options_.per_class)
        few.push_back(fmt::format("class {} has {} samples to train on, not {}", index_.labels[label], count, *options_.per_class));
    }
    tell(untrained, "have no sample to train on");
    tell(untested, "have no sample to test with");
    tell(few, "have as few samples");
  }

  /// Of many classes the first ones, and how many more.
  void tell(std::vector<std::string>& notes, std::string_view also) {
    const std::size_t more = notes.size() > kToldClasses ? notes.size() - kToldClasses : 0;
    notes.resize(notes.size() - more);
    for (std::string& note : notes) made_.notes.push_back(std::move(note));
    if (more > 0) made_.notes.push_back(fmt::format("{} more classes {}", more, also));
  }

  const io::DatasetIndex& index_;
  const PartitionOptions& options_;
  io::DatasetIndex open_;
  std::vector<bool> aside_;  ///< what is in no fold: the test items and what is not to be used
  bool own_validation_{};
  Partition made_{};
};

}  // namespace

Entries Partition::used() const {
  std::set<std::uint32_t> all(test.begin(), test.end());
  for (const Fold& fold : folds) {
    all.insert(fold.train.begin(), fold.train.end());
    all.insert(fold.validation.begin(), fold.validation.end());
  }
  return {all.begin(), all.end()};
}

void Partition::remove(const Entries& gone) {
  const std::set<std::uint32_t> out(gone.begin(), gone.end());
  const auto clean = [&](Entries& entries) { std::erase_if(entries, [&](std::uint32_t e) { return out.contains(e); }); };
  clean(test);
  for (Fold& fold : folds) clean(fold.train), clean(fold.validation);
}

Entries evenly(const Entries& entries, const io::DatasetIndex& index, std::size_t most) {
  std::map<std::uint32_t, std::uint32_t> seen;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ranked;  // how many of its class stand before it
  for (const std::uint32_t e : entries) ranked.emplace_back(seen[index.entries[e].label]++, e);
  std::ranges::stable_sort(ranked, {}, [](const auto& pair) { return pair.first; });
  ranked.resize(std::min(most, ranked.size()));
  Entries chosen;
  for (const auto& [rank, entry] : ranked) chosen.push_back(entry);
  std::ranges::sort(chosen);
  return chosen;
}

Partition divide(const io::DatasetIndex& index, const PartitionOptions& options) { return Divider(index, options).divide(); }

}  // namespace leaven::learn
