#include "ops/table/cell_shift.hpp"

#include <algorithm>

#include "kernels/cell_runs.hpp"

namespace leaven::ops {

namespace {

constexpr std::size_t kRows = kernels::CellNoise::kRows;

/// Of the rows from `first` on.
kernels::CellAmounts amounts_of(const RowValues& amount, std::size_t first, std::size_t rows) {
  kernels::CellAmounts amounts{};
  if (amount.rows.empty()) amounts.fill(amount.same);
  else std::ranges::copy(std::span(amount.rows).subspan(first, rows), amounts.begin());
  return amounts;
}

}  // namespace

void NoiseOnCells::operator()(Block& rows, std::span<const std::size_t> columns, std::span<const Key> keys) const {
  kernels::CellNoise noise{};
  for (std::size_t begin = 0, end = 0; begin < columns.size(); begin = end) {
    const std::size_t group = columns[begin] / kernels::kColumnsOfABlock;
    while (end < columns.size() && columns[end] / kernels::kColumnsOfABlock == group) ++end;
    for (std::size_t first = 0; first < rows.rows; first += kRows) {
      const std::size_t here = std::min(kRows, rows.rows - first);
      kernels::cell_noise(law, keys.subspan(first, here), static_cast<std::uint32_t>(group), noise);
      const kernels::CellAmounts amounts = amounts_of(amount, first, here);
      for (const std::size_t index : columns.subspan(begin, end - begin)) {
        if (units[index] == 0) continue;
        Column& column = rows.columns[index];
        kernels::shift_cells({units[index], of_value}, written_steps(column), amounts, noise.columns[index % kernels::kColumnsOfABlock],
                             std::span(column.number).subspan(first, here), std::span(column.null).subspan(first, here), std::span(column.changed).subspan(first, here));
      }
    }
  }
}

}  // namespace leaven::ops
