// Tables in NumPy arrays: a matrix of numbers and arrays of one column each, in an .npz or .npy.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "io/table_file.hpp"

namespace leaven::io {

/// One array of the table, as it is written again.
struct NpyColumns {
  std::string name{};
  char kind{};                 ///< as in NpyHeader: u, i, f, b, U, S
  std::uint64_t item_bytes{};
  bool matrix{};               ///< rows × columns, else one column
  std::size_t columns{1};
};

/// Whether it is an .npz or .npy of nothing but columns of one length, numbers among them: arrays of one or two dimensions, and
/// perhaps names of columns or classes. Images and series have more.
bool looks_like_npy_table(const std::filesystem::path& file);
/// Columns of a matrix are called as an array of texts called columns, feature_names or names says, else column_1, column_2 …;
/// other arrays are columns of their name. Floats are decimals, NaN among them is missing. Throws Error(usage|data).
std::unique_ptr<TableReader> open_npy_table(const std::filesystem::path& file, const TableRules& rules);
/// The same arrays, with as many rows as come; integers become floats where a cell is missing. Columns that came later are
/// arrays of their own, or in an .npy more columns. `npz`: else one .npy. Held in memory until the end. `names`: of the matrix's columns, empty: none.
std::unique_ptr<TableWriter> create_npy_table(const std::filesystem::path& file, std::vector<NpyColumns> arrays, std::string names_array, bool npz);

}  // namespace leaven::io
