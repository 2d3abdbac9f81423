// Pictures for a learner: changed how, and as numbers. All from keys, so that the arms of a pair differ in nothing but the
// arm.
#pragma once

#include <cstdint>
#include <vector>

#include "learn/engine.hpp"
#include "learn/pictures.hpp"
#include "learn/visits.hpp"

namespace leaven::learn {

/// Mean and deviation of these pictures as the learner sees them.
Standard standard_of(const Pictures& pictures, const Entries& entries);

/// Pictures as floats. `recipe` null: as they are.
class Feed {
 public:
  Feed(const Pictures& pictures, const Standard& standard, const PictureRecipe* recipe, std::uint64_t seed)
      : pictures_(pictures), standard_(standard), recipe_(recipe), seed_(seed) {}
  void put(const Visit& visit, std::span<float> out) const;
  /// All of them, one after another, each at one visit of the first epoch.
  std::vector<float> all(const Entries& entries, std::uint32_t copy = 1) const;

 private:
  const Pictures& pictures_;
  const Standard& standard_;
  const PictureRecipe* recipe_;
  std::uint64_t seed_;
};

}  // namespace leaven::learn
