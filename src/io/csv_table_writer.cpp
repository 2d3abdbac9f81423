// Tables as CSV files, written in the source's own dialect.
#include <algorithm>
#include <utility>

#include "io/atomic_file.hpp"
#include "io/csv_table.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

class CsvTableWriter final : public TableWriter {
 public:
  CsvTableWriter(const fs::path& path, const CsvDialect& dialect, std::string header_line, const BlockShape& shape,
                 bool latin1)
      : file_(path), dialect_(dialect), header_line_(std::move(header_line)), latin1_(latin1) {
    for (const auto& column : shape.columns) names_.push_back(column.name);
    has_header_ = !header_line_.empty();
    file_.cut(0);
    if (dialect_.bom) pending_ = "\xEF\xBB\xBF";
  }
  ~CsvTableWriter() override {
    if (!finished_) file_.discard();
  }
  CsvTableWriter(const CsvTableWriter&) = delete;
  CsvTableWriter& operator=(const CsvTableWriter&) = delete;

  void write(const Block& block) override {
    if (!header_written_ && has_header_) write_header(block);
    for (std::size_t row = 0; row < block.rows; ++row) {
      for (std::size_t c = 0; c < block.columns.size(); ++c) {
        if (c > 0) pending_ += dialect_.separator;
        write_cell(block.columns[c], row);
      }
      end_line();
    }
  }

  void finish() override {
    if (!header_written_ && has_header_) pending_ += header_line_, end_line();
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
        put(column.name, false);
      }
    }
    end_line();
  }

  void write_cell(const Column& column, std::size_t row) {
    const bool quoted = !column.quoted.empty() && column.quoted[row] != 0;
    if (column.changed[row] == 0)
      put(column.text[row], quoted);
    else
      put(cell_text(column, row), quoted && column.null[row] == 0);
  }

  void put(const std::string& text, bool quoted) {
    append_csv_cell(pending_, latin1_ ? utf8_to_latin1(text) : text, dialect_.separator, quoted);
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
  bool latin1_{}, has_header_{}, header_written_{}, finished_{};
};

}  // namespace

std::unique_ptr<TableWriter> CsvTable::create(const fs::path& file) const {
  return std::make_unique<CsvTableWriter>(file, dialect_, header_line_, shape_, latin1_);
}

}  // namespace leaven::io
