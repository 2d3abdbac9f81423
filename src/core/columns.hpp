// A block of table rows in columns, and the node by which an op changes them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/key.hpp"

namespace leaven {

/// What a column means. Only integer and decimal are numbers to an op; all others keep their spelling.
enum class ColumnKind : std::uint8_t { integer, decimal, category, boolean, date_time, id, text };
inline constexpr std::array<std::string_view, 7> kColumnKindNames{"integer",   "decimal", "category", "boolean",
                                                                  "date_time", "id",      "text"};
inline std::string_view name_of(ColumnKind kind) { return kColumnKindNames[static_cast<std::size_t>(kind)]; }

/// One column of a block. Cells keep the text they were read with, so that what nobody touches is written back byte
/// for byte; a changed number is written with `places` decimals.
struct Column {
  enum class Type : std::uint8_t { text, integer, decimal };
  std::string name{};
  Type type{Type::text};
  int places{};                        ///< decimals: the most seen in the column
  std::vector<std::string> text{};     ///< one a row; what is written when !changed
  std::vector<double> number{};        ///< integer, decimal: one a row; unspecified where null
  std::vector<std::uint8_t> null{};    ///< 1: missing
  std::vector<std::uint8_t> changed{}; ///< 1: `number` (or null) holds, not `text`
  std::vector<std::uint8_t> quoted{};  ///< 1: the cell came in quotes, and is written in quotes; empty: none did
  ColumnKind kind{ColumnKind::text};
  char mark{'.'};  ///< before the decimals: a point or a comma
  bool target{};   ///< what a model shall predict: steps leave it alone unless `on:` names it
};

/// Everything but the cells.
inline Column without_cells(const Column& column) {
  return {column.name, column.type, column.places, {}, {}, {}, {}, {}, column.kind, column.mark, column.target};
}

/// Rows [first, first + rows) of a table.
struct Block {
  std::uint64_t first{};
  std::size_t rows{};
  std::vector<Column> columns{};
};

/// The rows of train in id order, block by block: all that a fitted op may see, once.
class Scan {
 public:
  virtual ~Scan() = default;
  /// The next block, or null at the end; valid until the next call.
  virtual const Block* next() = 0;
};

/// What an op may know of a table before it sees cells.
struct BlockShape {
  struct ColumnShape {
    std::string name{};
    Column::Type type{};
    ColumnKind kind{ColumnKind::text};
    bool target{};
  };
  std::vector<ColumnShape> columns{};
};

/// Changes some columns of a block in place, row by row independently: row i may depend only on row i, its key and the
/// fitted state that the op put into the function. One of the two functions is set.
struct ColumnFunction {
  std::vector<std::size_t> columns{};  ///< indices of the columns that may be touched
  /// One column at a time; keys: one a row.
  std::function<void(Column& column, std::size_t column_index, std::span<const Key> keys)> apply{};
  /// Several cells of a row at once. `columns`: those that the step is to touch, ascending; others may be read.
  std::function<void(Block& rows, std::span<const std::size_t> columns, std::span<const Key> keys)> apply_rows{};
};

}  // namespace leaven
