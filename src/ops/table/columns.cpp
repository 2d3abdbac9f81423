#include "ops/table/columns.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"

namespace leaven::ops {

std::vector<std::size_t> numeric_columns(const BlockShape& table) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (table.columns[i].type != Column::Type::text) indices.push_back(i);
  return indices;
}

std::vector<std::size_t> category_columns(const BlockShape& table) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (const ColumnKind kind = table.columns[i].kind; table.columns[i].type == Column::Type::text && (kind == ColumnKind::category || kind == ColumnKind::boolean))
      indices.push_back(i);
  return indices;
}

std::vector<std::size_t> value_columns(const BlockShape& table) {
  std::vector<std::size_t> indices = numeric_columns(table);
  for (const std::size_t i : category_columns(table)) indices.push_back(i);
  std::ranges::sort(indices);
  return indices;
}

void put_number(Column& column, std::size_t row, double value) {
  column.number[row] = as_written(value, column);
  column.null[row] = 0;
  column.changed[row] = 1;
}

void put_word(Column& column, std::size_t row, const std::string& word) {
  column.text[row] = word;
  column.null[row] = 0;
  column.changed[row] = 1;
}

void make_missing(Column& column, std::size_t row) {
  column.null[row] = 1;
  column.changed[row] = 1;
}

RowValues row_values(const Site& at, const std::string& field, double same) {
  RowValues values{.same = same};
  if (!at.per_row) return values;
  if (const auto found = at.per_row->find(field); found != at.per_row->end()) values.rows = found->second;
  return values;
}

double written_steps(const Column& column) {
  static constexpr std::array<double, 16> kUnits{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  return column.type == Column::Type::decimal ? kUnits[static_cast<std::size_t>(std::clamp(column.places, 0, 15))] : 1;
}

double as_written(double value, const Column& column) {
  const double unit = written_steps(column);
  const double steps = value * unit;
  return std::fabs(steps) < 0x1p53 ? std::nearbyint(steps) / unit : value;
}

std::string fitted_name(const std::string& what, const std::string& column) { return what + " of " + column; }

const std::vector<double>* fitted_for(const Site& at, const std::string& what, const std::string& column) {
  if (!at.fitted) throw bug("an op that needs a fit was not fitted");
  const auto found = at.fitted->find(fitted_name(what, column));
  return found == at.fitted->end() || found->second.empty() ? nullptr : &found->second;
}

}  // namespace leaven::ops
