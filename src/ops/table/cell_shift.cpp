#include "ops/table/cell_shift.hpp"

#include <array>

namespace leaven::ops {

void NoiseOnCells::operator()(Block& rows, std::span<const std::size_t> columns, std::span<const Key> keys) const {
  for (std::size_t begin = 0, end = 0; begin < columns.size(); begin = end) {
    const std::size_t group = columns[begin] / kernels::kColumnsOfABlock;
    std::array<kernels::NoisyColumn, kernels::kColumnsOfABlock> noisy{};
    for (; end < columns.size() && columns[end] / kernels::kColumnsOfABlock == group; ++end) {
      Column& column = rows.columns[columns[end]];
      noisy[columns[end] % kernels::kColumnsOfABlock] = {units[columns[end]], written_steps(column), column.number.data(), column.null.data(), column.changed.data()};
    }
    kernels::add_cell_noise(law, {amount.same, amount.rows, of_value}, keys, static_cast<std::uint32_t>(group), noisy);
  }
}

}  // namespace leaven::ops
