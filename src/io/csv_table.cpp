// Tables as CSV files: read block by block at any row.
#include "io/csv_table.hpp"

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "core/utf8.hpp"
#include "io/cell_number.hpp"
#include "io/encoding.hpp"
#include "io/manifest_columns.hpp"
#include "io/npy_table.hpp"
#include "io/repaired_number.hpp"
#include "io/table_file.hpp"
#include "io/tree_walk.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kRowsBetweenMarks = 4096;

InputFile open(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) throw usage_error(printable(path.native()) + ": does not exist");
  return InputFile(path);
}

std::string_view unquoted(const CsvCell& cell) {
  return cell.quoted ? cell.raw.substr(1, cell.raw.size() - 2) : cell.raw;
}

/// A first line with numbers above columns of numbers, and with no word above any, is data. Years are good names.
bool is_data(const std::vector<std::string>& first, const std::vector<ColumnGuess>& below) {
  bool numbers = false, words = false;
  for (std::size_t c = 0; c < below.size() && c < first.size(); ++c) {
    const ColumnProfile profile = below[c].profile();
    const bool truths = profile.kind == ColumnKind::boolean && !profile.words.empty() &&
                        cell_number(profile.words[0].first).kind == CellKind::integer;
    if (profile.type() == Column::Type::text && !truths) continue;
    const CellNumber cell = cell_number(first[c]);
    const bool year = cell.kind == CellKind::integer && first[c].size() == 4 && cell.value >= 1800 && cell.value < 2200;
    const bool is_number = cell.kind == CellKind::integer || cell.kind == CellKind::decimal;
    (is_number ? numbers : words) |= !year;
  }
  return numbers && !words;
}

}  // namespace

CsvTable::CsvTable(const fs::path& path, const TableRules& rules)
    : rules_(rules), file_(open(path)), dialect_(csv_dialect(file_)), facts_(encoding_facts(file_)) {
  using Encoding = TableRules::Encoding;
  latin1_ = rules.encoding == Encoding::latin1 || (rules.encoding == Encoding::any && facts_.broken && !facts_.utf8);
  CsvScanner scanner(file_, dialect_);
  CsvRow row;
  if (!scanner.next_filled(row)) throw usage_error(name() + ": is empty");
  read_names(row);
  if (rules.header.value_or(!first_line_is_data())) {
    header_line_ = std::string(row.raw);
    look_at_all_rows(scanner);
  } else {
    name_columns();
    CsvScanner again(file_, dialect_);
    look_at_all_rows(again);
  }
}

std::string CsvTable::name() const { return printable(file_.path().native()); }

std::string CsvTable::cell_value(const CsvCell& cell) const {
  return latin1_ ? latin1_to_utf8(csv_value(cell)) : csv_value(cell);
}

void CsvTable::read_names(const CsvRow& row) {
  for (const CsvCell& cell : row.cells) {
    std::string text(without_blanks(cell_value(cell)));
    if (!is_utf8(text))
      throw data_error(name() + ": the header is no valid UTF-8")
          .with_hint("save the file as UTF-8, or say schema: {encoding: latin1} in a recipe");
    shape_.columns.push_back({std::move(text), Column::Type::text});
  }
}

void CsvTable::name_columns() {
  for (std::size_t c = 0; c < shape_.columns.size(); ++c) shape_.columns[c].name = "column_" + std::to_string(c + 1);
}

bool CsvTable::comma_allowed() const { return rules_.decimal_comma.value_or(dialect_.separator != ','); }

bool CsvTable::first_line_is_data() const {
  constexpr int kRowsLookedAt = 200;
  std::vector<std::string> first;
  std::vector<ColumnGuess> below;
  const TableRules none;
  for (const auto& column : shape_.columns) {
    first.push_back(column.name);
    below.emplace_back(std::string(), none, comma_allowed());
  }
  CsvScanner scanner(file_, dialect_);
  CsvRow row;
  scanner.next_filled(row);
  for (int i = 0; i < kRowsLookedAt && scanner.next_filled(row); ++i)
    for (std::size_t c = 0; c < std::min(row.cells.size(), below.size()); ++c) below[c].see(unquoted(row.cells[c]), row.line);
  return is_data(first, below);
}

/// Empty lines are no rows, but in a table of one column they are missing cells.
bool CsvTable::next_row(CsvScanner& scanner, CsvRow& row) const {
  return shape_.columns.size() > 1 ? scanner.next_filled(row) : scanner.next(row);
}

std::string CsvTable::problem_of(const CsvRow& row) const {
  if (row.cells.size() != shape_.columns.size())
    return "the row has " + std::to_string(row.cells.size()) + " cells, the " + (header_line_.empty() ? "first row " : "header ") +
           std::to_string(shape_.columns.size());
  if (facts_.zero && row.raw.find('\0') != std::string_view::npos) return "the row holds a zero byte";
  if (facts_.broken && !latin1_ && !is_utf8(row.raw)) return "the row is no valid UTF-8";
  for (const std::size_t c : told_numbers_) {
    const char mark = comma_allowed() ? ',' : '.';
    const std::string repaired = number_text(unquoted(row.cells[c]), rules_.decimal_comma.value_or(false) ? ',' : '.');
    const std::string_view text = repaired.empty() ? unquoted(row.cells[c]) : repaired;
    CellNumber cell = cell_number(text);
    if (cell.kind == CellKind::text) cell = cell_number(text, mark);
    const auto& column = shape_.columns[c];
    const bool whole = rules_.kinds.at(column.name) == ColumnKind::integer;
    if (is_missing_word(text, rules_) || (cell.kind == CellKind::decimal && !whole)) continue;
    if (cell.kind == CellKind::text || cell.kind == CellKind::decimal)
      return column.name + " must be a " + (whole ? "whole number" : "number") + ", got " + printable(text.substr(0, 60));
  }
  return {};
}

bool CsvTable::next_good(CsvScanner& scanner, CsvRow& row) const {
  while (next_row(scanner, row))
    if (problem_of(row).empty()) return true;
  return false;
}

void CsvTable::look_at_all_rows(CsvScanner& scanner) {
  require_known_columns(name(), shape_, rules_);
  std::vector<ColumnGuess> guesses;
  for (std::size_t c = 0; c < shape_.columns.size(); ++c) {
    guesses.emplace_back(shape_.columns[c].name, rules_, comma_allowed());
    const auto told = rules_.kinds.find(shape_.columns[c].name);
    if (told != rules_.kinds.end() && storage_of(told->second) != Column::Type::text) told_numbers_.push_back(c);
  }
  repaired_.resize(shape_.columns.size());
  CsvRow row;
  while (next_row(scanner, row)) {
    if (std::string problem = problem_of(row); !problem.empty()) {
      bad_.push_back({row.line, std::move(problem)});
      continue;
    }
    if (rows_ % kRowsBetweenMarks == 0) marks_.push_back({row.offset, row.line});
    ++rows_;
    for (std::size_t c = 0; c < guesses.size(); ++c) {
      const std::string_view text = unquoted(row.cells[c]);
      if (rules_.repair && is_told_number(c))
        if (const std::string repaired = number_text(text, rules_.decimal_comma.value_or(false) ? ',' : '.'); !repaired.empty()) {
          guesses[c].see(repaired, row.line);
          if (repaired_[c].cells++ == 0) repaired_[c] = {1, row.line, std::string(text)};
          continue;
        }
      if (latin1_ || (row.cells[c].quoted && text.find('"') != std::string_view::npos)) guesses[c].see(cell_value(row.cells[c]), row.line);
      else guesses[c].see(text, row.line);
    }
  }
  for (const ColumnGuess& guess : guesses) profiles_.push_back(guess.profile());
  mark_target(profiles_, rules_);
  for (std::size_t c = 0; c < profiles_.size(); ++c) {
    profiles_[c].repaired = repaired_[c];
    shape_.columns[c].type = profiles_[c].type();
    shape_.columns[c].kind = profiles_[c].kind;
    shape_.columns[c].target = profiles_[c].target;
  }
}

Block CsvTable::read(std::uint64_t first, std::size_t most) const {
  Block block;
  block.first = first;
  block.rows = first >= rows_ ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(most, rows_ - first));
  for (const ColumnProfile& profile : profiles_) {
    // Texts are made row by row: if they were there before, they would have left the cache until they are filled.
    block.columns.push_back(column_without_texts(profile, block.rows));
    block.columns.back().text.reserve(block.rows);
  }
  if (block.rows == 0) return block;
  const Mark& mark = marks_[first / kRowsBetweenMarks];
  CsvScanner scanner(file_, dialect_, mark.offset, mark.line);
  CsvRow row;
  for (std::uint64_t skip = first % kRowsBetweenMarks; skip > 0; --skip) next_good(scanner, row);
  for (std::size_t r = 0; r < block.rows; ++r) {
    if (!next_good(scanner, row)) throw data_error(name() + ": has fewer rows than when it was opened; it has been changed");
    for (std::size_t c = 0; c < row.cells.size(); ++c) add_cell(block.columns[c], r, row.cells[c]);
    for (const std::size_t c : told_numbers_) repair_cell(block.columns[c], r);
  }
  return block;
}

void CsvTable::add_cell(Column& column, std::size_t row, const CsvCell& cell) const {
  column.quoted[row] = cell.quoted ? 1 : 0;
  if (cell.quoted || latin1_) {
    column.text.push_back(cell_value(cell));
    set_cell_number(column, row, column.text.back(), rules_);
  } else {
    column.text.emplace_back(cell.raw);
    set_cell_number(column, row, cell.raw, rules_);
  }
}

void CsvTable::repair_cell(Column& column, std::size_t row) const {
  if (!rules_.repair || column.null[row] != 0) return;
  std::string repaired = number_text(column.text[row], column.mark);
  if (repaired.empty()) return;
  column.text[row] = std::move(repaired);
  set_cell_number(column, row, column.text[row], rules_);
  column.changed[row] = 1;
  column.quoted[row] = 0;  // they were for the groups
}

/// Empty: it is a number or missing as it stands, or none that can be made one.
std::string CsvTable::number_text(std::string_view text, char mark) const {
  if (!rules_.repair || is_missing_word(text, rules_) || cell_number(text).kind != CellKind::text) return {};
  if (comma_allowed() && cell_number(text, ',').kind != CellKind::text) return {};
  const Comma comma = rules_.decimal_comma.value_or(false) ? Comma::decimal : comma_allowed() ? Comma::may_be_decimal : Comma::groups;
  return repaired_number(text, comma, mark);
}

bool CsvTable::is_told_number(std::size_t column) const { return std::ranges::find(told_numbers_, column) != told_numbers_.end(); }

std::string CsvTable::description() const {
  const std::string separator = dialect_.separator == '\t' ? "TSV" : dialect_.separator == ';' ? "CSV with semicolons" : dialect_.separator == '|' ? "CSV with bars" : "CSV";
  return separator + ", " + (latin1_ ? "Windows-1252" : "UTF-8") + (header_line_.empty() ? ", no header line" : "");
}

std::unique_ptr<TableReader> open_csv(const fs::path& file, const TableRules& rules) {
  return std::make_unique<CsvTable>(file, rules);
}

bool looks_like_table(const fs::path& file) {
  const std::string extension = lower_extension(file.filename().native());
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return false;
  if (extension == "jsonl" || extension == "ndjson") return true;
  if (extension == "npz" || extension == "npy") return looks_like_npy_table(file);
  if (extension != "csv" && extension != "tsv") return false;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  try {
    return !manifest_columns(InputFile(file), {folder, folder}, {});
  } catch (const Error&) {
    return true;  // open_csv() says what is wrong with it
  }
}

}  // namespace leaven::io
