// Cells of a row that no source holds, from those of its parents.
#pragma once

#include <span>

#include "core/columns.hpp"
#include "core/lineage.hpp"
#include "core/op.hpp"
#include "flow/balance/row_matrix.hpp"
#include "flow/balance/sampler.hpp"

namespace leaven::flow {

/// What some methods know of whole classes, in the form in which leaven.fitted.json keeps it, under this path.
inline constexpr const char* kBalanceFit = "balance";
Fitted fit_balance(const RowMatrix& matrix, recipe::BalanceMethod method, bool scale);

class RowMaker {
 public:
  /// `shape`: columns without cells, as they are written.
  RowMaker(const RowMatrix& matrix, std::vector<Column> shape, recipe::BalanceMethod method, const recipe::Balance& rules, const Fitted& fitted);

  /// A block with no row yet.
  Block empty() const;
  /// Appends the row. Whole numbers stay whole, decimals keep their places, categories are spelt as some parent spells
  /// them, ids are left empty, a cell is missing where the first parent's is (where only another's is, it is the first's).
  void append(const Synthetic& row, std::span<const std::uint32_t> voters, Block& to) const;
  /// `name`: of the table, for ids. `row` must come from the matrix.
  SynthesisRecord record(const Synthetic& row, std::span<const std::uint32_t> voters, const std::string& name) const;

 private:
  std::vector<double> place(const Synthetic& row) const;
  /// The numbers of the cells that cutmix takes from the partner, then of the words.
  std::vector<bool> taken_cells(const Synthetic& row) const;
  void take_cells(const Synthetic& row, std::vector<double>& numbers) const;
  std::int32_t word_of(const Synthetic& row, std::size_t w, std::span<const std::uint32_t> voters, const std::vector<bool>& taken) const;
  void move_in_ball(const Synthetic& row, std::vector<double>& numbers) const;
  std::int32_t voted(std::size_t w, std::span<const std::uint32_t> voters, std::int32_t own) const;

  const RowMatrix& matrix_;
  std::vector<Column> shape_;
  recipe::BalanceMethod method_;
  recipe::Balance rules_;
  std::vector<std::vector<double>> middle_{};  ///< of each class, by number column; only polynom_fit
  std::vector<double> unit_{};                 ///< of each number column; only g_smote
};

}  // namespace leaven::flow
