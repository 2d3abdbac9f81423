// Noise on the numbers of a table, the same way for every op that adds it.
#pragma once

#include <span>
#include <vector>

#include "kernels/cell_noise.hpp"
#include "ops/table/columns.hpp"

namespace leaven::ops {

/// A ColumnFunction::apply_rows: x' = x + amount·unit·n, n each cell's own. Whole numbers stay whole, decimals keep their places,
/// missing and infinite cells stay.
struct NoiseOnCells {
  kernels::CellLaw law{};
  RowValues amount{};
  std::vector<double> units{};  ///< by column of the table; 0: the column stays
  bool of_value{};              ///< the unit is times the cell's own number

  void operator()(Block& rows, std::span<const std::size_t> columns, std::span<const Key> keys) const;
};

}  // namespace leaven::ops
