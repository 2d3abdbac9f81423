// What fits keep of train's cells: words with their counts, and rows to take cells from.
#pragma once

#include <map>

#include "ops/table/columns.hpp"

namespace leaven::ops {

/// Counts of the words of each column of categories, block after block.
class WordCounts {
 public:
  void add(const Column& column);
  Fitted fitted() const;

 private:
  std::map<std::string, std::map<std::string, double>> counts_;
};

/// Counts of each category of each column, most frequent first, of equal ones the smaller bytewise; at most 1,024.
Fitted fit_words(Scan& train);
/// The counts, with the words in `words`; null where train had none.
const FittedValues* fitted_words(const Site& at, std::size_t column);

/// Cells of up to 4,096 rows of train, evenly spread, of numbers and categories; missing ones left out.
Fitted fit_donor_cells(Scan& train);
class DonorCells {
 public:
  explicit DonorCells(const Site& at);
  /// Into the cell goes the donor at `place` of [0, 1); nothing where there is none.
  void put(Column& column, std::size_t row, std::size_t index, double place) const;

 private:
  std::vector<const FittedValues*> cells_;
};

/// Rows of train evenly spread while their number is not known: every row, until there are twice too many; then every
/// second, and so on.
class EvenRows {
 public:
  explicit EvenRows(std::size_t most) : most_(most) {}
  /// Whether row number `row` is kept; `thin()` says that every second of those kept must go.
  bool keeps(std::uint64_t row) const { return row % step_ == 0; }
  bool full(std::size_t kept) const { return kept >= 2 * most_; }
  void thin() { step_ *= 2; }

 private:
  std::size_t most_;
  std::uint64_t step_{1};
};

}  // namespace leaven::ops
