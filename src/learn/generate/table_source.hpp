// The table that a generator learns from, and its two parts.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "learn/generate/saved.hpp"
#include "learn/generate/table_data.hpp"

namespace leaven::learn {

/// `recipe`: text of one whose schema tells the columns; empty: none. Throws as io::open_table().
std::unique_ptr<io::TableReader> open_for_generator(const std::filesystem::path& file, const std::string& recipe, const std::string& target);

/// Throws Error(usage) that names the first column that differs.
void require_same_columns(const TableData& model, const TableData& data);

/// What a fit sees of the table: rows of train. Throws Error(data) that names the file.
ReadTable read_for_generator(const io::TableReader& reader, const std::filesystem::path& file, const std::string& recipe);

struct SplitTable {
  TableData train{}, held_out{};
};
/// The two parts as the fit divided them. Throws Error(usage) when the table is not the one that was fitted.
SplitTable split_as_fitted(const SavedGenerator& generator, const std::filesystem::path& data);

}  // namespace leaven::learn
