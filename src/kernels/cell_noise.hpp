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

/// Numbers of up to kRows rows in four columns.
struct CellNoise {
  static constexpr std::size_t kRows = 256;
  alignas(64) std::array<std::array<float, kRows>, kColumnsOfABlock> columns;
};

/// Fills `noise` for the rows of `keys`, at most CellNoise::kRows, in columns 4·group … 4·group + 3: what cell_noise_at() of
/// noise_definition.hpp says, bit for bit, on every target. What stands behind the last row is unspecified.
void cell_noise(CellLaw law, std::span<const Key> keys, std::uint32_t group, CellNoise& noise);

}  // namespace leaven::kernels
