#include "learn/views.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "learn/label_check.hpp"
#include "learn/statistics.hpp"
#include "recipe/strength.hpp"

namespace leaven::learn {

namespace {

void add(std::vector<float>& sum, const std::vector<float>& more) {
  sum.resize(more.size());
  for (std::size_t i = 0; i < more.size(); ++i) sum[i] += more[i];
}

/// The mean of `count` predictions whose sum this is.
Predictions mean_of_views(Predictions p, std::vector<float> sum, std::size_t count) {
  for (float& value : sum) value /= static_cast<float>(count);
  p.probability = std::move(sum);
  return p;
}

}  // namespace

Views::Views(const Material& material, const ArmRecipe& recipe, const Fold& fold, std::uint64_t seed) : material_(material), fold_(fold), seed_(seed) {
  for (const double strength : {0.25, 0.5, 1.0}) candidates_.push_back(arm_recipe(recipe.name, recipe::at_strength(recipe.recipe, strength), material.domain()));
  for (const ArmRecipe& op : ops_alone(recipe, material.domain())) candidates_.push_back(arm_recipe(op.name, recipe::at_strength(op.recipe, 0.5), material.domain()));
}

void Views::choose(Learner& learner, const Entries& entries) {
  chosen_ = {{}};
  if (entries.empty()) return;
  const HeldOut held_out = material_.held_out(fold_, entries, seed_);
  const auto ask = [&](const View& view) { return leaven::learn::predict(learner, held_out(view.recipe, view.copy)); };
  Predictions now = ask({});
  std::vector<float> sum = now.probability;
  double best = mean_of(surprises(now));
  // Of each candidate the view that comes next: other draws than those of its earlier ones.
  std::vector<View> next;
  std::vector<std::vector<float>> said;
  for (const ArmRecipe& candidate : candidates_) {
    View view{&candidate, 1};
    try {
      said.push_back(ask(view).probability);
      next.push_back(view);
    } catch (const Error& error) {
      // An op may need what stands before it in the recipe.
      if (error.fault() != Fault::usage) throw;
    }
  }
  while (chosen_.size() < kMost) {
    std::size_t winner = next.size();
    for (std::size_t c = 0; c < next.size(); ++c) {
      std::vector<float> with = sum;
      add(with, said[c]);
      const double here = mean_of(surprises(mean_of_views(now, std::move(with), chosen_.size() + 1)));
      if (here < best) best = here, winner = c;
    }
    if (winner == next.size()) return;
    add(sum, said[winner]);
    chosen_.push_back(next[winner]);
    ++next[winner].copy;
    said[winner] = ask(next[winner]).probability;
  }
}

Predictions Views::predict(Learner& learner, const Entries& entries) const {
  constexpr std::size_t kAtOnce = 512;
  Predictions all{material_.classes(), {}, {}, {}};
  for (std::size_t from = 0; from < entries.size(); from += kAtOnce) {
    const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(from);
    const Entries some(begin, begin + static_cast<std::ptrdiff_t>(std::min(kAtOnce, entries.size() - from)));
    const HeldOut held_out = material_.held_out(fold_, some, seed_);
    Predictions part;
    std::vector<float> sum;
    for (const View& view : chosen_) {
      part = leaven::learn::predict(learner, held_out(view.recipe, view.copy));
      add(sum, part.probability);
    }
    part = mean_of_views(std::move(part), std::move(sum), chosen_.size());
    all.probability.insert(all.probability.end(), part.probability.begin(), part.probability.end());
    all.truth.insert(all.truth.end(), part.truth.begin(), part.truth.end());
    all.targets.insert(all.targets.end(), part.targets.begin(), part.targets.end());
  }
  return all;
}

}  // namespace leaven::learn
