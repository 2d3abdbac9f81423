// What can be trained: the training loop knows no more of a network than this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/key.hpp"

namespace leaven::learn {

/// Of one item as a learner sees it: planes of height × width. A row of a table is one line of numbers, a series a line of
/// each channel.
struct InputShape {
  int width{}, height{}, channels{};
  std::size_t values() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * static_cast<std::size_t>(channels); }
  friend bool operator==(const InputShape&, const InputShape&) = default;
};

/// Standardised values, item after item, each its planes one after another. In rows of tables NaN is a missing number.
struct Batch {
  std::span<const float> values{};
  std::span<const std::uint32_t> labels{};  ///< classes; empty where a number is learned
  std::span<const float> targets{};         ///< that number, standardised
  /// How much items count beside each other; empty: all alike. Of an epoch of rows they add up to as many as there are to train with,
  /// for every arm. For learners that see a whole epoch at once; in a batch all items count alike.
  std::span<const float> weights{};
  std::size_t size() const { return targets.empty() ? labels.size() : targets.size(); }
};

/// Used by one thread at a time, and draws only from the key that it was made with: equal calls give equal bits.
class Learner {
 public:
  virtual ~Learner() = default;
  /// One step of its optimiser at `rate` times its usual learning rate; the mean loss before the step. What is not
  /// finite is returned as it is.
  virtual double train(const Batch& batch, double rate) = 0;
  /// Probabilities of all classes for each item; where a number is learned, that number.
  virtual std::vector<float> predict(std::span<const float> values) = 0;
  /// All that training changes, so that set_weights() brings back what predict() said.
  virtual std::vector<float> weights() const = 0;
  virtual void set_weights(std::span<const float> weights) = 0;
};

struct LearnerKind {
  std::string name{};
  std::string summary{};   ///< for people: "3×3 convolutions 16–32, group norm, …"
  /// Libraries, versions, CPU features and threads: within equal ones the same bits come out.
  std::string machinery{};
  /// `classes` 0: a number is learned.
  std::function<std::unique_ptr<Learner>(const InputShape& input, std::uint32_t classes, Key key)> make{};
  /// Not 0: it learns from all items at once, and takes so many rounds over them, each of them a step; batches and learning
  /// rates are not for it. 1: the first round is the last.
  std::uint32_t rounds{};
};

}  // namespace leaven::learn
