// Labels as packed layouts hold them: numbers, with the classes' names beside them where the labels are no numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/dataset.hpp"

namespace leaven::io {

/// A whole .npy of texts.
std::string text_npy(const std::vector<std::string>& texts);

class PackedLabels {
 public:
  /// `soft`: items may come with weights, and every class is named.
  PackedLabels(std::vector<std::string> labels, LabelKind kind, bool soft = false);

  LabelKind kind() const { return kind_; }
  /// Labels are shares of classes().
  bool soft() const { return soft_; }
  /// How much each class that counts at all counts: an item's weights, or 1 for each of its classes.
  std::vector<std::pair<std::string, double>> weights_of(const OutputItem& item) const;
  /// The names that the numbers stand for; empty when the labels are numbers themselves or there are none.
  const std::vector<std::string>& classes() const { return classes_; }
  /// The number of a class: its own value where labels are whole numbers, else its place in classes(); -1: no label.
  std::int64_t number_of(const OutputItem& item) const;
  /// The target of a regression; NaN when the text is no number.
  static double value_of(const OutputItem& item);
  /// The classes of a sample with several: "cat;dog".
  static std::vector<std::string> parts_of(std::string_view label);

  // NumPy: int64 for classes, float64 for targets, a row of 0 and 1 (uint8) for several classes, a row of shares
  // (float32) for mixed ones.
  std::uint64_t bytes_each() const;
  std::string bytes_of(const OutputItem& item) const;
  std::string npy_head(std::uint64_t rows) const;
  /// A whole .npy of the names.
  std::string classes_npy() const;

 private:
  LabelKind kind_;
  bool numbers_{}, soft_{};  ///< numbers_: classes are called by whole numbers, which are written as they are
  std::vector<std::string> classes_{};
};

}  // namespace leaven::io
