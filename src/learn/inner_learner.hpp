// Learners that can be looked into: their features can be mixed, and what they say of several views of an item can be asked to agree.
#pragma once

#include <cstdint>
#include <span>

#include "learn/learner.hpp"

namespace leaven::learn {

/// What is asked of a batch besides its answers; by default nothing.
struct Inside {
  /// Of each item the place of another one in the batch, and how much of that one's features is mixed into its own.
  std::span<const std::uint32_t> partners{};
  std::span<const float> shares{};
  /// kViews: the batch's values hold all items as they are, then all of them changed, then changed once more. Answers are those of
  /// the first.
  std::uint32_t views{1};
  static constexpr std::uint32_t kViews = 3;
};

class InnerLearner : public Learner {
 public:
  double train(const Batch& batch, double rate) final { return train_inside(batch, {}, rate); }
  /// As Learner::train().
  virtual double train_inside(const Batch& batch, const Inside& inside, double rate) = 0;
};

}  // namespace leaven::learn
