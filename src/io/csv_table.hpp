// Tables as CSV files, read at any row.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/csv_rows.hpp"
#include "io/encoding.hpp"
#include "io/table_file.hpp"

namespace leaven::io {

class CsvTable final : public TableReader {
 public:
  CsvTable(const std::filesystem::path& path, const TableRules& rules);

  const BlockShape& shape() const override { return shape_; }
  std::uint64_t rows() const override { return rows_; }
  Block read(std::uint64_t first, std::size_t most) const override;
  const std::vector<ColumnProfile>& profiles() const override { return profiles_; }
  const std::vector<BadRow>& bad_rows() const override { return bad_; }
  std::string description() const override;
  std::unique_ptr<TableWriter> create(const std::filesystem::path& file) const override;

 private:
  /// Where a row starts.
  struct Mark {
    std::uint64_t offset{}, line{};
  };

  std::string name() const;
  std::string cell_value(const CsvCell& cell) const;
  void read_names(const CsvRow& row);
  void name_columns();
  bool comma_allowed() const;
  bool first_line_is_data() const;
  bool next_row(CsvScanner& scanner, CsvRow& row) const;
  bool next_good(CsvScanner& scanner, CsvRow& row) const;
  /// Why the row cannot be used; empty: it can.
  std::string problem_of(const CsvRow& row) const;
  /// What stands in a cell of a column that is told to be numbers, put right where the rules ask for it.
  std::string number_text(std::string_view text, char mark) const;
  bool is_told_number(std::size_t column) const;
  void look_at_all_rows(CsvScanner& scanner);
  void add_cell(Column& column, std::size_t row, const CsvCell& cell) const;
  void repair_cell(Column& column, std::size_t row) const;

  TableRules rules_;
  InputFile file_;
  CsvDialect dialect_;
  EncodingFacts facts_;
  bool latin1_{};
  std::string header_line_{};  ///< empty: the file has none
  BlockShape shape_{};
  std::vector<ColumnProfile> profiles_{};
  std::vector<std::size_t> told_numbers_{};  ///< columns that the rules declare to be numbers
  std::vector<ColumnProfile::Repaired> repaired_{};  ///< by column
  std::uint64_t rows_{};
  std::vector<Mark> marks_{};
  std::vector<BadRow> bad_{};
};

/// Throws Error(usage) for two columns of one name, and for names in the rules that no column has.
void require_known_columns(const std::string& table, const BlockShape& shape, const TableRules& rules);
/// Names that a target has where nobody names one: label, class, target, y.
bool is_usual_target(std::string_view name);
/// Marks the column that the rules name as target, or else the first called as targets usually are.
void mark_target(std::vector<ColumnProfile>& profiles, const TableRules& rules);
/// A column as the profile says, with room for `rows` cells.
Column empty_column(const ColumnProfile& profile, std::size_t rows);
/// The same, its texts to be put there.
Column column_without_texts(const ColumnProfile& profile, std::size_t rows);
/// Reads number and null of a cell from its text.
void set_cell_number(Column& column, std::size_t row, std::string_view text, const TableRules& rules);

}  // namespace leaven::io
