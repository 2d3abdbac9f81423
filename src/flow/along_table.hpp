// Missing cells filled along the rows of a whole table.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/columns.hpp"
#include "core/op.hpp"
#include "ops/table/whole_table.hpp"

namespace leaven::flow {

/// Which rows fits may see: those of train that stay. Empty: all.
using RowMask = std::vector<bool>;

/// What one step fills, found in one pass; memory grows with the touched columns' cells while it is looked for, and with the
/// missing ones after that.
class CellsAlong {
 public:
  /// `read(first)`: the table's blocks as the step finds them, none at the end. Rows of train see train alone, others see all
  /// rows. `before`: the last cells of another table's train, as last_cells() saved them; null: none.
  CellsAlong(const ops::WholeTableStep& step, std::span<const std::size_t> columns, const std::function<Block(std::uint64_t first)>& read,
             const RowMask& train, const Fitted* before);

  /// Puts the cells into the block's missing ones.
  void fill(Block& block) const;
  /// Of train: the last cell of each column and group, with its place.
  const Fitted& last_cells() const { return last_; }

 private:
  struct Gathered;
  struct Cells;
  static std::optional<std::pair<double, double>> last_of(const Fitted& before, Gathered& table, const Cells& cells, std::uint32_t group);
  void keep_last(const Gathered& table, const Cells& cells, const std::vector<std::uint64_t>& order);
  void fill_rows(Gathered& table, const ops::WholeTableStep& step, std::size_t column, const std::vector<std::uint64_t>& order, const RowMask& keeps,
                 const Fitted* before);

  std::map<std::size_t, std::vector<std::pair<std::uint64_t, double>>> cells_{};  ///< by column: row and number, or index of a word
  std::vector<std::string> words_{};
  Fitted last_{};
};

}  // namespace leaven::flow
