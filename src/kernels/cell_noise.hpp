// Noise of a table's cells: each row has a stream of its own, and each block of it serves four neighbouring columns.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/key.hpp"

namespace leaven::kernels {

enum class CellLaw : std::uint8_t {
  normal,   ///< standard; |value| ≤ 5.77
  uniform,  ///< in [−1, 1]
  laplace,  ///< of standard deviation 1; |value| ≤ 11.8
};

inline constexpr std::size_t kColumnsOfABlock = 4;

/// Cells of a column, one a row. Decimals: results are rounded to whole numbers of 1/steps, ties to even, unless they have 2^53 or
/// more of them.
struct NoisyColumn {
  double unit{};  ///< 0: the column stays as it is
  double steps{1};
  double* numbers{};
  const std::uint8_t* missing{};
  std::uint8_t* changed{};
};

/// How much noise.
struct NoiseAmount {
  double same{};                   ///< in every row
  std::span<const double> rows{};  ///< one a row, instead
  bool of_value{};                 ///< times the cell's own number
};

/// x → x + amount · unit (· x) · noise in the rows of `keys`, where `missing` is 0, the number is finite and amount · unit (· x) is not
/// 0; `changed` becomes 1 there. `columns` are those of block `group`, columns 4·group … 4·group + 3; the noise is what
/// cell_noise_at() of noise_definition.hpp says, bit for bit, on every target.
void add_cell_noise(CellLaw law, const NoiseAmount& amount, std::span<const Key> keys, std::uint32_t group,
                    const std::array<NoisyColumn, kColumnsOfABlock>& columns);

}  // namespace leaven::kernels
