// Symmetric matrices, row by row in one vector: eigenvalues, roots, Cholesky factors. Only + - * / and sqrt, so the same
// bits on every CPU.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace leaven::learn {

struct Eigen {
  std::vector<double> values{};   ///< ascending
  std::vector<double> vectors{};  ///< row i belongs to value i
};
/// Cyclic Jacobi rotations (Golub and Van Loan, section 8.5); `matrix` is size × size and symmetric.
Eigen eigen_of(std::vector<double> matrix, std::size_t size);

/// vectorsᵀ · diag(f(values)) · vectors, of a matrix whose eigenvalues below 0 are rounding: they count as 0.
std::vector<double> root_of(const std::vector<double>& matrix, std::size_t size);

/// The nearest correlation matrix in the sense of clipped eigenvalues: none below `least`, ones on the diagonal.
std::vector<double> as_correlation(std::vector<double> matrix, std::size_t size, double least);

/// Lower triangle L with L·Lᵀ = matrix, zeros above. A pivot that is not above 0 counts as 0, with its column.
std::vector<double> cholesky(const std::vector<double>& matrix, std::size_t size);

}  // namespace leaven::learn
