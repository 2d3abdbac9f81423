// What table ops share: which columns they touch, and values by row.
#pragma once

#include <string>
#include <vector>

#include "core/op.hpp"

namespace leaven::ops {

/// Indices of the columns that hold numbers.
std::vector<std::size_t> numeric_columns(const BlockShape& table);

/// A drawn field's value in each row, or `same` for all.
struct RowValues {
  double same{};
  std::vector<double> rows{};
  double operator[](std::size_t row) const { return rows.empty() ? same : rows[row]; }
};
RowValues row_values(const Site& at, const std::string& field, double same);

/// As the column writes it: whole for integers, else with its number of decimals.
double as_written(double value, const Column& column);

/// State that fit() saved for `column` under `what`, or nothing where train had no value for it.
const std::vector<double>* fitted_for(const Site& at, const std::string& what, const std::string& column);

/// Key of that state.
std::string fitted_name(const std::string& what, const std::string& column);

}  // namespace leaven::ops
