// Test-time augmentation: what a model says of an item is the mean over several views of it, and which views those are is chosen
// on validation items (Lyzhov et al. 2020, greedy policy search).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "learn/material.hpp"

namespace leaven::learn {

/// One way to look at items: as they are, or as copy `copy` comes out of a recipe.
struct View {
  const ArmRecipe* recipe{};  ///< null: as they are
  std::uint32_t copy{};
};

class Views {
 public:
  /// Candidates: items as they are, the recipe at a quarter, half and all of its strength, and each of its ops alone at half. All
  /// live longer.
  Views(const Material& material, const ArmRecipe& recipe, const Fold& fold, std::uint64_t seed);

  /// Begins with items as they are and adds, up to kMost, the view that makes the model least surprised by these items, as long as
  /// one does.
  void choose(Learner& learner, const Entries& entries);
  const std::vector<View>& chosen() const { return chosen_; }
  Predictions predict(Learner& learner, const Entries& entries) const;

  static constexpr std::size_t kMost = 8;

 private:
  const Material& material_;
  const Fold& fold_;
  std::uint64_t seed_;
  std::vector<ArmRecipe> candidates_{};
  std::vector<View> chosen_{{}};
};

}  // namespace leaven::learn
