// What one training is given: items without end, and held-out items as a learner sees them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "learn/learner.hpp"
#include "learn/metrics.hpp"
#include "learn/partition.hpp"

namespace leaven::learn {

/// Items whose values stay the same.
struct Held {
  std::vector<float> values{};
  std::vector<std::uint32_t> labels{};
  std::uint32_t classes{};       ///< 0: a number is learned
  std::vector<float> targets{};  ///< then: that number, standardised
  std::size_t size() const { return classes > 0 ? labels.size() : targets.size(); }
};

/// The class of an item, or its number.
struct Answer {
  std::uint32_t label{};
  float target{};
  std::uint32_t entry{};  ///< where items are shown one by one
  float weight{1};        ///< see Batch::weights
};

/// Made for one arm and one fold by Material::supply(). All that it fits (means, encoders, the recipe's own fits) it fits on
/// the fold's training items alone. Used by one thread at a time.
class Supply {
 public:
  virtual ~Supply() = default;
  virtual const InputShape& shape() const = 0;
  /// 0: a number is learned.
  virtual std::uint32_t classes() const = 0;
  virtual std::uint64_t epoch_size() const = 0;
  /// Items in a shuffled order without end: each epoch shows all of them, in an order and with draws of its own.
  virtual Answer put(std::uint64_t position, std::span<float> out) = 0;
  /// As they are, but for what a recipe does to every item of every split.
  virtual Held hold(const Entries& entries) = 0;
  /// From here on a training item is changed as strongly as the number in [0, 1] at its entry says. Throws Error(usage) where
  /// items are not changed one by one.
  virtual void show_at(std::vector<double> strengths);
  /// From here on an epoch shows each training item as often as in proportion to the number at its entry. Throws as show_at().
  virtual void show_often(const std::vector<double>& weights);
  /// The item of put() as it is (view 0), or changed anew for each other view. Throws as show_at().
  virtual Answer put_view(std::uint64_t position, std::uint32_t view, std::span<float> out);
  /// Training items as put() shows them, in a draw of their own for each `number`.
  virtual Held shown(const Entries& entries, std::uint64_t number);
};

Predictions predict(Learner& learner, const Held& held);
/// The same for items that need not be in memory as floats all at once.
Predictions predict(Learner& learner, Supply& supply, const Entries& entries);

}  // namespace leaven::learn
