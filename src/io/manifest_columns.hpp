// Which columns of a CSV name images, labels and splits.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/csv_rows.hpp"
#include "io/dataset.hpp"

namespace leaven::io {

/// Folders that paths in a manifest may be relative to.
struct ManifestPlaces {
  std::filesystem::path csv_folder{}, in{};
  /// The file that a cell names, when it is there.
  std::optional<std::filesystem::path> find(const std::string& cell) const;
};

struct ManifestColumns {
  ManifestShape shape{};
  CsvDialect dialect{};
  bool label_says_number{};  ///< the label's column is called target, y, value or score
  /// Without a label's column: those of 0 and 1, each called after a class (one-hot, or several labels an image).
  std::vector<std::pair<std::size_t, std::string>> classes{};
};

/// Nothing when the CSV names no image that is there. Throws Error(usage) when a column that the options name is not
/// there, listing those that are.
std::optional<ManifestColumns> manifest_columns(const InputFile& csv, const ManifestPlaces& places,
                                                const OpenOptions& options);

}  // namespace leaven::io
