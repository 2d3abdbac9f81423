// Pictures for a learner: changed how, and as numbers. All from keys, so that the arms of a pair differ in nothing but the
// arm.
#pragma once

#include <cstdint>
#include <vector>

#include "flow/partners.hpp"
#include "learn/engine.hpp"
#include "learn/partition.hpp"
#include "learn/pictures.hpp"
#include "learn/visits.hpp"

namespace leaven::learn {

/// Mean and deviation of these pictures as the learner sees them.
Standard standard_of(const Pictures& pictures, const Entries& entries);

/// Which training pictures of a fold a recipe mixes into others of them, by the rules of a job (flow::PartnerPool).
class PicturePartners {
 public:
  PicturePartners(const Pictures& pictures, Entries train, const recipe::Recipe& recipe);
  /// Empty for a recipe that mixes nothing.
  plan::ChoosePartner of(std::uint32_t entry) const;

 private:
  const Pictures& pictures_;
  flow::PartnerPool pool_;
  bool mixes_;
};

/// Pictures as floats. `recipe` null: as they are; `partners` null: each is its own.
class Feed {
 public:
  Feed(const Pictures& pictures, const Standard& standard, const PictureRecipe* recipe, std::uint64_t seed, const PicturePartners* partners = nullptr)
      : pictures_(pictures), standard_(standard), recipe_(recipe), seed_(seed), partners_(partners) {}
  void put(const Visit& visit, std::span<float> out) const;
  /// All of them, one after another, each at one visit of the first epoch.
  std::vector<float> all(const Entries& entries, std::uint32_t copy = 1) const;

 private:
  const Pictures& pictures_;
  const Standard& standard_;
  const PictureRecipe* recipe_;
  std::uint64_t seed_;
  const PicturePartners* partners_;
};

}  // namespace leaven::learn
