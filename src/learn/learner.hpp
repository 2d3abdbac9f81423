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

/// Of the pictures that a learner sees.
struct InputShape {
  int width{}, height{}, channels{};  ///< 1 or 3
  std::size_t values() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * static_cast<std::size_t>(channels); }
  friend bool operator==(const InputShape&, const InputShape&) = default;
};

/// Standardised pixels, planes of height × width one after another, item after item.
struct Batch {
  std::span<const float> pixels{};
  std::span<const std::uint32_t> labels{};
  std::size_t size() const { return labels.size(); }
};

/// Used by one thread at a time, and draws only from the key that it was made with: equal calls give equal bits.
class Learner {
 public:
  virtual ~Learner() = default;
  /// One step of its optimiser at `rate` times its usual learning rate; the mean loss before the step. What is not
  /// finite is returned as it is.
  virtual double train(const Batch& batch, double rate) = 0;
  /// Probabilities of all classes for each item.
  virtual std::vector<float> predict(std::span<const float> pixels) = 0;
  virtual std::vector<float> weights() const = 0;
  virtual void set_weights(std::span<const float> weights) = 0;
};

struct LearnerKind {
  std::string name{};
  std::string summary{};   ///< for people: "3×3 convolutions 16–32, group norm, …"
  /// Libraries, versions, CPU features and threads: within equal ones the same bits come out.
  std::string machinery{};
  std::function<std::unique_ptr<Learner>(const InputShape& input, std::uint32_t classes, Key key)> make{};
};

}  // namespace leaven::learn
