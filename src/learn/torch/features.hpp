// Fixed features of items, and learners that only look at those: probes.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "learn/learner.hpp"

namespace leaven::learn {

/// Turns items into features, of which nothing is learned. Used by one thread at a time.
class Features {
 public:
  virtual ~Features() = default;
  virtual std::size_t size() const = 0;
  /// Of items one after another; `out` has size() for each.
  virtual void of(std::span<const float> items, std::span<float> out) const = 0;
};
/// `values`: all training items.
using MakeFeatures = std::function<std::unique_ptr<Features>(const InputShape& shape, std::span<const float> values, Key key)>;

/// Ridge regression: a linear probe that needs no steps. Features are standardised by the training items. The penalty counts
/// in shares of the items, so that showing each of them five times changes nothing. Classes are learned as ±1 each, and the
/// scores become probabilities by a fixed softmax.
LearnerKind ridge_on(std::string name, std::string summary, MakeFeatures features);

/// The kNeighbours nearest training items by the angle between standardised features; equal items count once each.
LearnerKind neighbours_on(std::string name, std::string summary, MakeFeatures features);
inline constexpr std::int64_t kNeighbours = 5;

/// Ridge on random convolution kernels, for series.
LearnerKind ridge_on_random_kernels();

}  // namespace leaven::learn
