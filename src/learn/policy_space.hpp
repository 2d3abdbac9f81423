// The policies that a search looks through: pairs of ops, each with a probability and a strength, as in Fast AutoAugment.
#pragma once

#include <string_view>
#include <vector>

#include "core/op.hpp"
#include "learn/tree_parzen.hpp"
#include "recipe/recipe.hpp"

namespace leaven::learn {

/// Pictures: the ops of RandAugment. Rows and series: ops that have a strength and need nothing else said.
class PolicySpace {
 public:
  explicit PolicySpace(Domain domain);

  /// A point is two ops, one after the other; the values beside each are its probability and its strength.
  PointShape shape() const { return {kOpsEach, names_.size(), 2}; }
  recipe::Recipe recipe_of(const Point& point) const;
  /// One of these by chance for each item; none of them twice.
  recipe::Recipe one_of(const std::vector<Point>& points) const;

  static constexpr std::size_t kOpsEach = 2;
  /// An op that hardly ever runs says nothing of itself.
  static constexpr double kLeastProbability = 0.1;

 private:
  recipe::Step step_of(const Pick& pick) const;
  std::vector<recipe::Step> steps_of(const Point& point) const;

  Domain domain_;
  std::vector<std::string_view> names_{};
};

}  // namespace leaven::learn
