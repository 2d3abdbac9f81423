// What `leaven tune` tries: presets, published policies and ops, of the data's own kind.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/op.hpp"

namespace leaven::learn {

/// Something that was tried, and how it did: one number for each training, the metric on held-out training data.
struct Candidate {
  std::string name{}, yaml{};
  std::vector<double> scores{};  ///< of the last round that it was in
  int round{};                   ///< from 1
  std::string failure{};         ///< why a training with it broke down; empty: none did
  double mean() const;
};

/// What is tried at a level, milder first: among equals the first one wins. What level 2 finds comes behind these. `number`: one is to be
/// predicted, and methods that need classes are left out.
std::vector<Candidate> candidates_for(int level, const std::string& start, Domain domain = Domain::raster, bool number = false);

/// The grid of RandAugment, and a recipe of it.
inline constexpr std::array kRandAugmentN{1, 2, 3};
inline constexpr std::array kRandAugmentMagnitude{3, 6, 9};
std::string rand_augment(int n, int magnitude);

}  // namespace leaven::learn
