// Elementary functions of runs of floats, with the same bits on every target.
#pragma once

#include <cstddef>

namespace leaven::kernels {

/// Runs are computed up to the next multiple of this many floats, which must be in memory; what they hold does not
/// matter.
inline constexpr std::size_t kRunStep = 16;

/// 2^x, within 3e-7 of the result, in place; x is taken into [−126, 127].
void exp2_run(float* values, std::size_t count);
/// Logarithm to base 2, within 1e-7·max(1, |result|), in place; what is below 2^−126 counts as that.
void log2_run(float* values, std::size_t count);

}  // namespace leaven::kernels
