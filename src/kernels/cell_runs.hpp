// Runs of the cells of a table's column, with the same bits on every target.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "kernels/cell_noise.hpp"

namespace leaven::kernels {

/// x → (x − shift) / unit · factor + offset, in this order.
struct CellLine {
  double shift{}, unit{1}, factor{1}, offset{};
};

/// In place, where `missing` is 0 and the number is finite; `changed` becomes 1 there. Results are rounded to whole numbers of
/// 1/steps, ties to even, unless they have 2^53 or more of them.
void map_cells(const CellLine& line, double steps, std::span<double> numbers, std::span<const std::uint8_t> missing, std::span<std::uint8_t> changed);

/// x → x + amount · unit · noise, where of_value: x + amount · unit · x · noise. `amount` is the row's.
struct CellShift {
  double unit{};
  bool of_value{};
};
using CellAmounts = std::array<double, CellNoise::kRows>;
using CellNumbers = std::array<float, CellNoise::kRows>;

/// The same for up to CellNoise::kRows cells, in place; where amount · unit (· x) is 0 the cell stays as it is, `changed` too.
void shift_cells(const CellShift& shift, double steps, const CellAmounts& amounts, const CellNumbers& noise, std::span<double> numbers,
                 std::span<const std::uint8_t> missing, std::span<std::uint8_t> changed);

}  // namespace leaven::kernels
