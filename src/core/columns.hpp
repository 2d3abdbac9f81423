// A block of table rows in columns, and the node by which an op changes them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/key.hpp"

namespace leaven {

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
};

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
  };
  std::vector<ColumnShape> columns{};
};

/// Changes some columns of a block in place, row by row independently: rows[i] may depend only on row i, its key and
/// the fitted state that the op put into the function.
struct ColumnFunction {
  std::vector<std::size_t> columns{};  ///< indices of the columns touched
  /// One column at a time; keys: one a row.
  std::function<void(Column& column, std::size_t column_index, std::span<const Key> keys)> apply{};
};

}  // namespace leaven
