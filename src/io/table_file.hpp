// Tables on disk, block by block.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/columns.hpp"

namespace leaven::io {

/// A CSV (RFC 4180: quotes, embedded newlines, CRLF or LF, UTF-8 with or without byte order mark; comma, semicolon or
/// tab by looking) with a header line. Column types are those of all rows: one pass when opened. Missing: empty, ?, NA,
/// N/A, nan, null (any case) in columns that are otherwise numbers; in text columns only the empty cell.
class TableReader {
 public:
  virtual ~TableReader() = default;
  virtual const BlockShape& shape() const = 0;
  virtual std::uint64_t rows() const = 0;
  /// Up to `most` rows from `first` on. Throws Error(data) naming file and line for a row with another count of cells.
  virtual Block read(std::uint64_t first, std::size_t most) const = 0;
};

/// Throws Error(usage|data): not there, empty, no header.
std::unique_ptr<TableReader> open_csv(const std::filesystem::path& file);
/// True for a file that is a table for its own sake: *.csv or *.tsv whose first data row names no existing image file.
bool looks_like_table(const std::filesystem::path& file);

/// The same dialect as the source: separator, byte order mark, line ends, quotes only where needed or where the cell
/// came quoted. The header line is the source's, byte for byte, while the block has the source's columns.
class TableWriter {
 public:
  virtual ~TableWriter() = default;
  virtual void write(const Block& block) = 0;
  virtual void finish() = 0;  ///< renames into place; without it nothing is left behind
};
/// `like` came from open_csv(). Throws Error(environment).
std::unique_ptr<TableWriter> create_csv(const std::filesystem::path& file, const TableReader& like);

/// The text of a cell as it is written: untouched text as read, changed numbers with the column's decimals, null as "".
std::string cell_text(const Column& column, std::size_t row);

}  // namespace leaven::io
