// Batches for a learner: which pictures, in which order, changed how. All from keys, so that the arms of a pair differ in
// nothing but the arm.
#pragma once

#include <cstdint>
#include <vector>

#include "learn/engine.hpp"
#include "learn/partition.hpp"
#include "learn/pictures.hpp"

namespace leaven::learn {

/// One time that a picture is shown.
struct Visit {
  std::uint32_t entry{};
  std::uint64_t epoch{};
  std::uint32_t copy{};  ///< from 1, which of the entry's times in this epoch
};

/// Training items without end: each epoch shows every item `times` times, all of them shuffled together.
class Order {
 public:
  Order(const Entries& train, std::uint32_t times, std::uint64_t seed) : train_(train), times_(times), seed_(seed) {}
  Visit at(std::uint64_t position);
  std::uint64_t epoch_size() const { return static_cast<std::uint64_t>(train_.size()) * times_; }

 private:
  const Entries& train_;
  std::uint32_t times_;
  std::uint64_t seed_;
  std::uint64_t epoch_{~std::uint64_t{0}};
  std::vector<std::uint32_t> order_{};  ///< of this epoch: item · times + copy − 1
};

/// Mean and deviation of these pictures as the learner sees them.
Standard standard_of(const Pictures& pictures, const Entries& entries);

/// Pictures as floats. `recipe` null: as they are.
class Feed {
 public:
  Feed(const Pictures& pictures, const Standard& standard, const PictureRecipe* recipe, std::uint64_t seed)
      : pictures_(pictures), standard_(standard), recipe_(recipe), seed_(seed) {}
  void put(const Visit& visit, std::span<float> out) const;
  /// All of them, one after another, each at its first visit.
  std::vector<float> all(const Entries& entries) const;

 private:
  const Pictures& pictures_;
  const Standard& standard_;
  const PictureRecipe* recipe_;
  std::uint64_t seed_;
};

}  // namespace leaven::learn
