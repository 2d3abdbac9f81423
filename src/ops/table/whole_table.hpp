// Steps that need a whole table: they add columns, leave rows out, or fill cells from the rows before and after.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/columns.hpp"
#include "core/op.hpp"

namespace leaven::ops {

/// Stands in ColumnFunction::apply_rows, where whoever has the whole table finds it (`whole_table_of`); called like any other
/// function of rows, it says that it cannot work there.
struct WholeTableStep {
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  /// A column that comes behind the others.
  struct Added {
    std::size_t of{npos};  ///< it comes with this column, and only where the step is to touch that one
    Column column{};       ///< without cells; "0" is put in every row first
  };
  std::vector<Added> adds{};
  bool leaves_out{};
  /// All rows of a block, as apply_rows has them; `left_out`: why a row is to go, "" where it stays.
  std::function<void(Block& rows, std::span<const std::size_t> columns, std::span<const Key> keys, std::span<std::string> left_out)> rows{};

  /// Or: the cells of one column along the table: NaN where missing (of words: their numbers, which mean nothing), places
  /// ascending: the numbers or times of the column `order`, or else 0, 1, 2, …. Puts numbers into missing cells.
  std::function<void(std::span<const double> places, std::span<double> cells)> along{};
  std::string order{}, group{};  ///< names of columns; rows with another cell in `group` are another table
  bool carries{};                ///< the last cell of train stands before the first of another table

  [[noreturn]] void operator()(Block& rows, std::span<const std::size_t> columns, std::span<const Key> keys) const;
};

/// Null where the function is one of rows by themselves.
const WholeTableStep* whole_table_of(const ColumnFunction& function);
Nodes whole_table_node(std::vector<std::size_t> columns, WholeTableStep step);

}  // namespace leaven::ops
