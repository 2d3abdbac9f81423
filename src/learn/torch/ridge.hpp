// Ridge regression on features that are computed once: a linear probe that needs no steps.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "learn/learner.hpp"

namespace leaven::learn {

/// Turns an item into features.
class Features {
 public:
  virtual ~Features() = default;
  virtual std::size_t size() const = 0;
  virtual void of(std::span<const float> item, std::span<float> out) const = 0;
};
/// From all training items.
using MakeFeatures = std::function<std::unique_ptr<Features>(const InputShape& shape, std::span<const float> values, Key key)>;

/// Features are standardised by the training items. The penalty counts in shares of the items, so that showing each of them
/// five times changes nothing. Classes are learned as ±1 each, and the scores become probabilities by a fixed softmax.
LearnerKind ridge_on(std::string name, std::string summary, MakeFeatures features);

/// Ridge on random convolution kernels, for series.
LearnerKind ridge_on_random_kernels();

}  // namespace leaven::learn
