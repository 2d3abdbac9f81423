// How good a classifier is, from the probabilities that it gave to items whose classes are known.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace leaven::learn {

/// What was predicted for a number of items: `classes` probabilities each, one item after another.
struct Predictions {
  std::uint32_t classes{};
  std::vector<float> probability{};
  std::vector<std::uint32_t> truth{};
  std::size_t size() const { return truth.size(); }
  std::span<const float> of(std::size_t item) const { return std::span(probability).subspan(item * classes, classes); }
  /// The most probable class; among equals the first.
  std::uint32_t best(std::size_t item) const;
};

/// All in percent, so that differences are points; −1: not known.
struct Metrics {
  double accuracy{};
  double macro_f1{};      ///< classes without an item are left out
  double auc{};           ///< one class against the rest, mean over classes that have both (ties count half)
  double worst_class{};   ///< the least accuracy of a class
  double ece{};           ///< expected calibration error, 15 bins of confidence (Guo et al. 2017); less is better
  std::vector<double> class_accuracy{};  ///< −1 for classes without an item
};
Metrics measure(const Predictions& p);

/// Area under the ROC curve of scores, where `positive` says which items should score high; 0.5 without both kinds.
double area_under_curve(std::span<const float> score, const std::vector<bool>& positive);

}  // namespace leaven::learn
