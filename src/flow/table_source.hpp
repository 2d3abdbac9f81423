// The table that a job works on: opened with the recipe's schema, then prepared.
#pragma once

#include <memory>
#include <vector>

#include "flow/along_table.hpp"
#include "io/table_file.hpp"
#include "plan/columns/columns.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

inline constexpr std::size_t kBlockRows = 4096;

/// True when IN is a file that is a table for its own sake, or a folder of io::split_tables(), or the recipe says `format: table`.
bool is_table(const recipe::Source& source);

/// Opens the table, a file or a folder of io::split_tables(), and those behind it, with the recipe's schema; `label_column:` names the target too.
std::unique_ptr<io::TableReader> open_source(const recipe::Source& source);

/// Throws Error(usage) when there is no row at all, Error(data) with the first place when none can be used.
void require_rows(const io::TableReader& table, const std::filesystem::path& file);

/// Rows that are mixed have shares of classes: where the recipe's method mixes rows and has none yet, a step under prepare: that
/// adds a column for each class.
void add_soft_labels(recipe::Recipe& recipe, const BlockShape& shape);

/// Rows of a table, block by block, in the table's own blocks of kBlockRows.
class TableScan : public Scan {
 public:
  explicit TableScan(const io::TableReader& reader, const RowMask* mask = nullptr) : reader_(reader), mask_(mask) {}
  const Block* next() override;

 private:
  const io::TableReader& reader_;
  const RowMask* mask_;
  std::uint64_t at_{};
  Block block_{};
};

/// The same table after `prepare:` steps; each is fitted on what the steps before it leave of the rows in the mask, one
/// pass a fitted step.
class PreparedTable : public io::TableReader {
 public:
  PreparedTable(std::unique_ptr<io::TableReader> table, const recipe::Recipe& recipe, std::string name);

  /// Fits from train. Adds to fits() under prepare/….
  void fit(const RowMask& train);
  /// Fits as they were saved, from the rows in the mask of this same table.
  void use(plan::FittedOps fits, const RowMask& train);
  /// Fits as they were saved, from another table; no row of this one is left out.
  void use_elsewhere(plan::FittedOps fits);
  /// Rows of the mask that steps leave out, ascending, with the reason.
  const std::vector<std::pair<std::uint64_t, std::string>>& left_out() const { return left_out_; }
  const plan::FittedOps& fits() const { return fits_; }

  /// As the steps leave it: scaling makes decimals of whole numbers.
  const BlockShape& shape() const override { return shape_; }
  std::uint64_t rows() const override { return table_->rows(); }
  Block read(std::uint64_t first, std::size_t most) const override { return read_after(first, most, steps_.size()); }
  /// Of the table as it was read, and of columns that steps add.
  const std::vector<io::ColumnProfile>& profiles() const override { return profiles_; }
  const std::vector<io::BadRow>& bad_rows() const override { return table_->bad_rows(); }
  std::string description() const override { return table_->description(); }
  std::unique_ptr<io::TableWriter> create(const std::filesystem::path& file) const override { return table_->create(file); }
  const io::TableReader& raw() const { return *table_; }

 private:
  class Before;  // the table after the first few steps
  void take(plan::FittedOps fits);
  /// Fits step number `step` where it is not fitted yet, and goes through the table where the step needs all of it.
  void learn(std::size_t step, RowMask& train, bool elsewhere);
  void fill_along(std::size_t step, const RowMask& train, bool elsewhere);
  void find_left_out(std::size_t step, RowMask& train);
  void look_at_shape();
  plan::FittedOps own_fits() const;
  Block read_after(std::uint64_t first, std::size_t most, std::size_t steps, plan::WholeTable* whole = nullptr) const;
  recipe::Recipe first_steps(std::size_t steps) const;

  std::unique_ptr<io::TableReader> table_;
  std::string name_;
  std::uint64_t seed_, epoch_;
  std::vector<recipe::Step> steps_;
  plan::FittedOps fits_{};
  std::map<std::string, CellsAlong> along_{};  ///< by op path
  std::vector<std::pair<std::uint64_t, std::string>> left_out_{};
  BlockShape shape_{};
  std::vector<io::ColumnProfile> profiles_{};
};

}  // namespace leaven::flow
