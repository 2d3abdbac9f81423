// Tables as CSV files: read block by block at any row, written in the source's own dialect.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "core/utf8.hpp"
#include "io/atomic_file.hpp"
#include "io/cell_number.hpp"
#include "io/csv_rows.hpp"
#include "io/manifest_columns.hpp"
#include "io/table_file.hpp"
#include "io/tree_walk.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kRowsBetweenMarks = 4096;

class CsvTable final : public TableReader {
 public:
  explicit CsvTable(const fs::path& path) : file_(open(path)), dialect_(csv_dialect(file_)) {
    CsvScanner scanner(file_, dialect_);
    CsvRow row;
    if (!scanner.next_filled(row)) throw usage_error(name() + ": is empty");
    read_header(row);
    look_at_all_rows(scanner);
  }

  const BlockShape& shape() const override { return shape_; }
  std::uint64_t rows() const override { return rows_; }
  const CsvDialect& dialect() const { return dialect_; }
  const std::string& header_line() const { return header_line_; }

  Block read(std::uint64_t first, std::size_t most) const override {
    Block block;
    block.first = first;
    block.rows = first >= rows_ ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(most, rows_ - first));
    for (std::size_t c = 0; c < shape_.columns.size(); ++c) block.columns.push_back(empty_column(c, block.rows));
    if (block.rows == 0) return block;
    const Mark& mark = marks_[first / kRowsBetweenMarks];
    CsvScanner scanner(file_, dialect_, mark.offset, mark.line);
    CsvRow row;
    for (std::uint64_t skip = first % kRowsBetweenMarks; skip > 0; --skip) next_row(scanner, row);
    for (std::size_t r = 0; r < block.rows; ++r) {
      next_row(scanner, row);
      if (row.cells.size() != shape_.columns.size())
        throw data_error(name() + ":" + std::to_string(row.line) + ": the row has " + std::to_string(row.cells.size()) +
                         " cells, the header " + std::to_string(shape_.columns.size()));
      for (std::size_t c = 0; c < row.cells.size(); ++c) add_cell(block.columns[c], r, row.cells[c]);
    }
    return block;
  }

 private:
  /// Where a row starts.
  struct Mark {
    std::uint64_t offset{}, line{};
  };

  static InputFile open(const fs::path& path) {
    std::error_code error;
    if (!fs::exists(path, error)) throw usage_error(printable(path.native()) + ": does not exist");
    return InputFile(path);
  }

  std::string name() const { return printable(file_.path().native()); }

  void read_header(const CsvRow& row) {
    header_line_ = std::string(row.raw);
    for (const CsvCell& cell : row.cells) {
      std::string text(without_blanks(csv_value(cell)));
      if (!is_utf8(text)) throw data_error(name() + ": the header is no valid UTF-8").with_hint("save it as UTF-8");
      shape_.columns.push_back({std::move(text), Column::Type::text});
    }
  }

  /// Empty lines are no rows, but in a table of one column they are missing cells.
  bool next_row(CsvScanner& scanner, CsvRow& row) const {
    return shape_.columns.size() > 1 ? scanner.next_filled(row) : scanner.next(row);
  }

  void look_at_all_rows(CsvScanner& scanner) {
    std::vector<ColumnType> types(shape_.columns.size());
    CsvRow row;
    while (next_row(scanner, row)) {
      if (rows_ % kRowsBetweenMarks == 0) marks_.push_back({row.offset, row.line});
      ++rows_;
      const std::size_t cells = std::min(row.cells.size(), types.size());
      for (std::size_t c = 0; c < cells; ++c) {
        const CsvCell& cell = row.cells[c];
        types[c].see(cell.quoted ? cell.raw.substr(1, cell.raw.size() - 2) : cell.raw);
      }
    }
    require_header(types);
    for (std::size_t c = 0; c < types.size(); ++c) {
      shape_.columns[c].type = types[c].type();
      places_.push_back(types[c].places());
    }
  }

  /// A first line with numbers above columns of numbers, and with no word above any, is data. Years are good names.
  void require_header(const std::vector<ColumnType>& types) const {
    bool numbers = false, words = false;
    for (std::size_t c = 0; c < types.size(); ++c) {
      if (types[c].type() == Column::Type::text) continue;
      const std::string& text = shape_.columns[c].name;
      const CellNumber cell = cell_number(text);
      const bool year = cell.kind == CellKind::integer && text.size() == 4 && cell.value >= 1800 && cell.value < 2200;
      const bool is_number = cell.kind == CellKind::integer || cell.kind == CellKind::decimal;
      (is_number ? numbers : words) |= !year;
    }
    if (numbers && !words)
      throw usage_error(name() +
                        ": has no header line; its first line is data: " + printable(header_line_.substr(0, 60)))
          .with_hint("put a line with the columns' names first");
    std::set<std::string> names;
    for (const auto& column : shape_.columns)
      if (!names.insert(column.name).second) throw usage_error(name() + ": two columns are called " + column.name);
  }

  Column empty_column(std::size_t index, std::size_t rows) const {
    Column column;
    column.name = shape_.columns[index].name;
    column.type = shape_.columns[index].type;
    column.places = places_[index];
    column.text.resize(rows);
    if (column.type != Column::Type::text) column.number.resize(rows);
    column.null.resize(rows);
    column.changed.resize(rows);
    column.quoted.resize(rows);
    return column;
  }

  static void add_cell(Column& column, std::size_t row, const CsvCell& cell) {
    column.quoted[row] = cell.quoted ? 1 : 0;
    if (cell.quoted)
      column.text[row] = csv_value(cell);
    else
      column.text[row].assign(cell.raw);
    if (column.type == Column::Type::text) {
      column.null[row] = column.text[row].empty() ? 1 : 0;
      return;
    }
    const CellNumber number = cell_number(column.text[row]);
    column.null[row] = number.kind == CellKind::missing ? 1 : 0;
    column.number[row] = number.value;
  }

  InputFile file_;
  CsvDialect dialect_;
  std::string header_line_;
  BlockShape shape_;
  std::vector<int> places_;
  std::uint64_t rows_{};
  std::vector<Mark> marks_;
};

class CsvTableWriter final : public TableWriter {
 public:
  CsvTableWriter(const fs::path& path, const CsvTable& like)
      : file_(path), dialect_(like.dialect()), header_line_(like.header_line()) {
    for (const auto& column : like.shape().columns) names_.push_back(column.name);
    file_.cut(0);
    if (dialect_.bom) pending_ = "\xEF\xBB\xBF";
  }
  ~CsvTableWriter() override {
    if (!finished_) file_.discard();
  }
  CsvTableWriter(const CsvTableWriter&) = delete;
  CsvTableWriter& operator=(const CsvTableWriter&) = delete;

  void write(const Block& block) override {
    if (!header_written_) write_header(block);
    for (std::size_t row = 0; row < block.rows; ++row) {
      for (std::size_t c = 0; c < block.columns.size(); ++c) {
        if (c > 0) pending_ += dialect_.separator;
        write_cell(block.columns[c], row);
      }
      end_line();
    }
  }

  void finish() override {
    if (!header_written_) pending_ += header_line_, end_line();
    flush();
    file_.publish();
    finished_ = true;
  }

 private:
  void write_header(const Block& block) {
    header_written_ = true;
    if (std::ranges::equal(block.columns, names_, {}, &Column::name)) {
      pending_ += header_line_;
    } else {
      for (const Column& column : block.columns) {
        if (&column != &block.columns.front()) pending_ += dialect_.separator;
        append_csv_cell(pending_, column.name, dialect_.separator, false);
      }
    }
    end_line();
  }

  void write_cell(const Column& column, std::size_t row) {
    const bool quoted = !column.quoted.empty() && column.quoted[row] != 0;
    if (column.changed[row] == 0)
      append_csv_cell(pending_, column.text[row], dialect_.separator, quoted);
    else
      append_csv_cell(pending_, cell_text(column, row), dialect_.separator, quoted && column.null[row] == 0);
  }

  void end_line() {
    constexpr std::size_t kEnough = 1 << 20;  // bytes kept back
    pending_ += dialect_.crlf ? "\r\n" : "\n";
    if (pending_.size() >= kEnough) flush();
  }

  void flush() {
    file_.append(pending_);
    pending_.clear();
  }

  GrowingFile file_;
  CsvDialect dialect_;
  std::string header_line_, pending_;
  std::vector<std::string> names_;
  bool header_written_{}, finished_{};
};

}  // namespace

std::unique_ptr<TableReader> open_csv(const fs::path& file) { return std::make_unique<CsvTable>(file); }

std::unique_ptr<TableWriter> create_csv(const fs::path& file, const TableReader& like) {
  const auto* source = dynamic_cast<const CsvTable*>(&like);
  if (!source) throw bug("a CSV can be written only like one that was read");
  return std::make_unique<CsvTableWriter>(file, *source);
}

std::string cell_text(const Column& column, std::size_t row) {
  if (column.changed[row] == 0) return column.text[row];
  if (column.null[row] != 0) return {};
  if (column.type == Column::Type::text) return column.text[row];
  const double number = column.number[row];
  const int places = column.type == Column::Type::integer ? 0 : column.places;
  std::array<char, 512> buffer{};  // the largest double has 309 digits before the point
  const auto written =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed, places);
  std::string text(buffer.data(), written.ptr);
  if (text.starts_with('-') && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);  // no minus zero
  return text;
}

bool looks_like_table(const fs::path& file) {
  const std::string extension = lower_extension(file.filename().native());
  std::error_code error;
  if ((extension != "csv" && extension != "tsv") || !fs::is_regular_file(file, error)) return false;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  try {
    return !manifest_columns(InputFile(file), {folder, folder}, {});
  } catch (const Error&) {
    return true;  // open_csv() says what is wrong with it
  }
}

}  // namespace leaven::io
