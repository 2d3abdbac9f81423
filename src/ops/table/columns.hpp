// What table ops share: which columns they touch, and values by row.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "core/op.hpp"

namespace leaven::ops {

/// Indices of the columns that hold numbers.
std::vector<std::size_t> numeric_columns(const BlockShape& table);

/// Indices of the columns that hold categories, booleans too.
std::vector<std::size_t> category_columns(const BlockShape& table);
/// Both, in order.
std::vector<std::size_t> value_columns(const BlockShape& table);

/// True where the cell holds a number that can be computed with.
inline bool is_number(const Column& column, std::size_t row) { return column.null[row] == 0 && std::isfinite(column.number[row]); }

/// A cell's new number, as the column writes it.
void put_number(Column& column, std::size_t row, double value);
/// A cell's new word.
void put_word(Column& column, std::size_t row, const std::string& word);
void make_missing(Column& column, std::size_t row);

/// What the names of columns end in that say whether the cell beside them lies far.
inline constexpr const char* kFlagEnd = "_outlier";

/// What one pass tells of each column, by column name, given to `see(name, column)` block by block.
template <class See>
void scan_columns(Scan& train, See&& see) {
  while (const Block* block = train.next())
    for (const Column& column : block->columns) see(column);
}

/// A drawn field's value in each row, or `same` for all.
struct RowValues {
  double same{};
  std::vector<double> rows{};
  double operator[](std::size_t row) const { return rows.empty() ? same : rows[row]; }
};
RowValues row_values(const Site& at, const std::string& field, double same);

/// As the column writes it: whole for integers, else with its number of decimals.
double as_written(double value, const Column& column);
/// How many of the smallest steps that it writes make one.
double written_steps(const Column& column);

/// State that fit() saved for `column` under `what`, or nothing where train had no value for it.
const std::vector<double>* fitted_for(const Site& at, const std::string& what, const std::string& column);

/// Key of that state.
std::string fitted_name(const std::string& what, const std::string& column);

}  // namespace leaven::ops
