// Runs of the cells of a table's column, with the same bits on every target.
#pragma once

#include <cstdint>
#include <span>

namespace leaven::kernels {

/// x → (x − shift) / unit · factor + offset, in this order.
struct CellLine {
  double shift{}, unit{1}, factor{1}, offset{};
};

/// In place, where `missing` is 0 and the number is finite; `changed` becomes 1 there. Results are rounded to whole numbers of
/// 1/steps, ties to even, unless they have 2^53 or more of them.
void map_cells(const CellLine& line, double steps, std::span<double> numbers, std::span<const std::uint8_t> missing, std::span<std::uint8_t> changed);

}  // namespace leaven::kernels
