// Tables on disk, block by block.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/columns.hpp"
#include "core/table_rules.hpp"
#include "io/column_guess.hpp"
#include "io/dataset.hpp"

namespace leaven::io {

/// Takes blocks and leaves a file.
class TableWriter {
 public:
  virtual ~TableWriter() = default;
  virtual void write(const Block& block) = 0;
  virtual void finish() = 0;  ///< renames into place; without it nothing is left behind
};

/// A row that cannot be used: it is no row of the table, and is counted.
struct BadRow {
  std::uint64_t line{};  ///< in the file, from 1
  std::string reason{};
};

/// One file of a table that several make up.
struct TablePart {
  std::uint64_t end{};                 ///< rows of the table up to its last one
  Split split{Split::none};
  std::vector<std::string> lacking{};  ///< columns that only others have: missing in its rows, and in its like elsewhere
};

/// A table that any part can be read of. Rows are those that can be used, numbered from 0.
class TableReader {
 public:
  virtual ~TableReader() = default;
  virtual const BlockShape& shape() const = 0;
  virtual std::uint64_t rows() const = 0;
  /// Up to `most` rows from `first` on.
  virtual Block read(std::uint64_t first, std::size_t most) const = 0;
  /// What each column is.
  virtual const std::vector<ColumnProfile>& profiles() const = 0;
  /// In the order of the file.
  virtual const std::vector<BadRow>& bad_rows() const = 0;
  /// The files that make it up, rows behind rows; none where it is one file.
  virtual std::vector<TablePart> parts() const { return {}; }
  /// "CSV, UTF-8".
  virtual std::string description() const = 0;
  /// Writes a file of the same format: for CSV the same separator, encoding, byte order mark, line ends, quotes where
  /// needed or where the cell came quoted, and the source's header line, byte for byte, while the block has the source's
  /// columns. Throws Error(environment).
  virtual std::unique_ptr<TableWriter> create(const std::filesystem::path& file) const = 0;
};

/// *.jsonl and *.ndjson as JSON Lines, *.npz and *.npy as NumPy arrays, all else as CSV. Throws Error(usage|data): not there, empty.
std::unique_ptr<TableReader> open_table(const std::filesystem::path& file, const TableRules& rules = {});

/// The first table with the rows of the others behind its own, one table: columns by name, those that only others have behind;
/// a cell is missing where a row's table has no such column. A column is of the narrowest kind that holds all of them
/// (integer and decimal: decimal; numbers and words: categories). Written as the first table is.
std::unique_ptr<TableReader> open_tables(const std::vector<std::filesystem::path>& files, const TableRules& rules = {});

/// The parts of split_tables(), and behind them `more` as rows of train, as one table. A part keeps the spelling of its cells.
/// Throws Error(usage) where the folder holds no such parts.
std::unique_ptr<TableReader> open_split_tables(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& more,
                                               const TableRules& rules = {});

/// A CSV (RFC 4180: quotes, embedded newlines, CRLF or LF; comma, semicolon or tab by looking; UTF-8 with or without
/// byte order mark, or Windows-1252 where nothing in the file is UTF-8). Without a header line columns are called
/// column_1, column_2 … Missing: empty, ?, NA, N/A, nan, null (any case) in columns that are otherwise numbers; in
/// others only the empty cell and ?. Bad rows: another count of cells, zero bytes, bytes that are no UTF-8 in a file
/// that otherwise is, and no number where the rules ask for one. Throws Error(usage|data): empty, UTF-16, two columns
/// of one name, a quote that is never closed.
std::unique_ptr<TableReader> open_csv(const std::filesystem::path& file, const TableRules& rules = {});
/// JSON Lines: one object a line, a column a key, in order of first appearance. Numbers keep their digits; strings are never
/// numbers; null, and keys that a line has not, are missing. Objects and lists inside are texts. Bad rows: lines that are no
/// JSON object, and no number where the rules ask for one.
std::unique_ptr<TableReader> open_jsonl(const std::filesystem::path& file, const TableRules& rules = {});
/// True for a file that is a table for its own sake: *.jsonl, *.ndjson, NumPy arrays of columns alone, or *.csv or *.tsv whose first data row names no existing image file.
bool looks_like_table(const std::filesystem::path& file);

/// The text of a cell as it is written: untouched text as read, changed numbers with the column's decimals, null as "".
std::string cell_text(const Column& column, std::size_t row);

}  // namespace leaven::io
