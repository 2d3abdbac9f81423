// What the report says of a table: each column before and after, and how near new rows are to real ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "flow/pool.hpp"
#include "io/table_file.hpp"
#include "ops/table/donors.hpp"

namespace leaven::flow {

/// Rows of a table, evenly thinned to at most twice kMost, with counts over all of them.
class TableSample {
 public:
  explicit TableSample(std::size_t columns) : missing_(columns) {}
  void add(const Block& block, std::size_t row);

  std::uint64_t seen() const { return seen_; }
  std::uint64_t missing(std::size_t column) const { return missing_[column]; }  ///< of all rows seen
  const Block& rows() const { return rows_; }
  static constexpr std::size_t kMost = 10'000;

 private:
  Block rows_{};
  ops::EvenRows even_{kMost};
  std::uint64_t seen_{};
  std::vector<std::uint64_t> missing_;
};

/// Greatest distance between the two distribution functions (Kolmogorov and Smirnov), ties counted once; 0 … 1. Neither
/// may be empty.
double ks_distance(std::vector<double> a, std::vector<double> b);
/// Half the sum of the differences of shares: 0 … 1.
double total_variation(const std::vector<std::string>& a, const std::vector<std::string>& b);
/// Pearson's; 0 where one of them is constant or fewer than two pairs are there. Missing cells (NaN) leave the pair out.
double correlation(const std::vector<double>& a, const std::vector<double>& b);

/// Cards for the report, as markup. `before`: rows of train as they came in, `after`: new rows. Nothing where there are
/// no new rows.
std::string table_cards(const io::TableReader& table, const TableSample& before, const TableSample& after, Pool& pool);

}  // namespace leaven::flow
