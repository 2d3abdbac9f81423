// Rows of a CSV (RFC 4180) as they stand in the file. Manifests and tables read through here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/file.hpp"

namespace leaven::io {

struct CsvDialect {
  char separator{','};
  bool bom{};             ///< a UTF-8 byte order mark stands in front
  bool crlf{};            ///< lines end in \r\n
  std::uint64_t start{};  ///< offset of the first row
};

/// By looking at the first rows: the separator that cuts them into the same number of cells, more than one.
/// Throws Error(data) for UTF-16 and for files that hold zero bytes.
CsvDialect csv_dialect(const InputFile& file);

/// Views into the scanner's buffer, valid until the next row.
struct CsvCell {
  std::string_view raw{};  ///< between the separators, quotes included
  bool quoted{};           ///< in quotes from end to end
};
struct CsvRow {
  std::vector<CsvCell> cells{};
  std::string_view raw{};  ///< the row without its line end
  std::uint64_t offset{};  ///< in the file
  std::uint64_t line{};    ///< of the row's start, from 1
  bool blank() const { return raw.empty(); }
};

class CsvScanner {
 public:
  CsvScanner(const InputFile& file, const CsvDialect& dialect);
  /// From a row's start that is known.
  CsvScanner(const InputFile& file, const CsvDialect& dialect, std::uint64_t offset, std::uint64_t line);

  /// False at the end. Throws Error(data) naming file and line for a quote that is never closed.
  bool next(CsvRow& row);
  /// The same without empty lines.
  bool next_filled(CsvRow& row);

 private:
  bool refill();

  const InputFile& file_;
  char separator_;
  std::string buffer_{};
  std::size_t begin_{};            ///< of the next row in the buffer
  std::uint64_t buffer_offset_{};  ///< of the buffer in the file
  std::uint64_t line_{1};
  bool at_end_{};  ///< the buffer holds the file's end
};

/// The cells of one row alone.
std::vector<CsvCell> csv_cells(std::string_view row, char separator);
/// The cell's text: quotes gone, doubled quotes single.
std::string csv_value(const CsvCell& cell);
/// Appends a cell, in quotes where it needs them (separator, line end, leading quote) or `quoted` asks for them.
void append_csv_cell(std::string& to, std::string_view text, char separator, bool quoted);

/// Less spaces, tabs and carriage returns at both ends. Here, since it is asked of every cell, of which few have any.
inline std::string_view without_blanks(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace leaven::io
