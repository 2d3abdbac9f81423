// What the label column of a manifest means, known only when all its cells were seen.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "io/dataset.hpp"

namespace leaven::io {

/// "cat | dog" and "cat;dog" → "cat;dog": the form in DatasetIndex::labels.
std::string canonical_categories(std::string_view text);

/// An empty cell, NA, nan, null, a dash, or a number that no double holds: no target value, and no class beside numbers.
bool is_no_value(std::string_view text);

class ManifestLabels {
 public:
  /// `says_number`: the column is called target, y, value or score; else whole numbers are classes.
  explicit ManifestLabels(bool says_number) : says_number_(says_number) {}

  /// Returns the index into take().
  std::uint32_t add(std::string_view text);
  LabelKind kind() const;
  /// The texts that were added, in the order of their first use.
  std::vector<std::string> take() { return std::move(texts_); }

 private:
  bool says_number_;
  bool all_numbers_{true}, any_decimal_{}, any_several_{}, any_number_{}, any_{};
  std::vector<std::string> texts_{};
  std::map<std::string, std::uint32_t, std::less<>> numbers_{};
};

}  // namespace leaven::io
