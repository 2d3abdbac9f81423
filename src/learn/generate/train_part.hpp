// The part of a dataset that a generator may learn from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "flow/table_source.hpp"
#include "io/dataset.hpp"

namespace leaven::learn {

struct TrainPart {
  std::unique_ptr<io::DatasetReader> reader{};
  std::vector<std::uint32_t> entries{};  ///< of the reader's index, ascending
};
/// Pictures of train: by the dataset's own split, or as the recipe (its text; empty: none) cleans and divides it. Throws
/// Error(usage) for a dataset without one class a picture, where `classes` are needed.
TrainPart train_part(const std::filesystem::path& data, const std::string& format, const std::string& recipe, int threads, bool classes = true);

/// The same of a table's rows: a mask; empty where all are of train. `name`: of the file, by which rows are drawn for.
flow::RowMask train_rows(const io::TableReader& table, const std::string& recipe, const std::string& name);

}  // namespace leaven::learn
