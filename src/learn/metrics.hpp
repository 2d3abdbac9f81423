// How good a model is, from what it said of items whose classes or numbers are known.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace leaven::learn {

/// What was predicted for a number of items: `classes` probabilities each, one item after another.
struct Predictions {
  std::uint32_t classes{};            ///< 0: one number each
  std::vector<float> probability{};   ///< or that number
  std::vector<std::uint32_t> truth{};
  std::vector<float> targets{};       ///< the truth where it is a number
  std::size_t size() const { return classes > 0 ? truth.size() : targets.size(); }
  std::span<const float> of(std::size_t item) const { return std::span(probability).subspan(item * classes, classes); }
  /// The most probable class; among equals the first.
  std::uint32_t best(std::size_t item) const;
};

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
inline bool is_known(double metric) { return !std::isnan(metric); }

/// All in percent, so that differences are points; kUnknown where a metric is of the other kind of task, or cannot be told from
/// these items.
struct Metrics {
  double accuracy{kUnknown};
  double macro_f1{kUnknown};      ///< classes without an item are left out
  double auc{kUnknown};           ///< one class against the rest, mean over classes that have both (ties count half); kUnknown where none has
  double worst_class{kUnknown};   ///< the least accuracy of a class
  double ece{kUnknown};           ///< expected calibration error, 15 bins of confidence (Guo et al. 2017); less is better
  std::vector<double> class_accuracy{};  ///< kUnknown for classes without an item
  double r2{kUnknown};            ///< of numbers: the share of their variance that is explained; below 0: worse than their mean
  double mae{kUnknown};           ///< mean absolute error, in percent of the deviation of the training numbers; less is better
};
Metrics measure(const Predictions& p);

/// By how many points one test item more or less changes each metric, at most (AUC: an item of the smallest class that is ranked
/// half of the way otherwise). Nothing finer can be told on these items, however many seeds. `of_class`: how many items each class
/// has; empty where a number is learned, whose error then counts its part of all `items`.
Metrics one_item_of(std::span<const std::size_t> of_class, std::size_t items);

/// What says the same of every item, by `share` of each class in training (the most frequent one), or the mean of the training
/// numbers, which is 0: its metrics are those of nothing learned.
Metrics measure_constant(const Predictions& p, std::span<const double> share);

/// How much each item surprises: the negative logarithm of what its class was given, at most 27.6; of numbers the square of
/// the error.
std::vector<double> surprises(const Predictions& p);

/// Area under the ROC curve of scores, where `positive` says which items should score high; 0.5 without both kinds.
double area_under_curve(std::span<const float> score, const std::vector<bool>& positive);

}  // namespace leaven::learn
