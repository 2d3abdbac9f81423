// Eigenvectors of small symmetric matrices.
#pragma once

#include <array>

namespace leaven::ops {

/// Largest value first; vectors[i] belongs to values[i], has length 1, and its largest entry is positive.
struct Eigen3 {
  std::array<double, 3> values{};
  std::array<std::array<double, 3>, 3> vectors{};
};
/// By Jacobi's rotations (1846): exact operations alone, so the same bits on every CPU.
Eigen3 eigen3(std::array<std::array<double, 3>, 3> symmetric);

}  // namespace leaven::ops
