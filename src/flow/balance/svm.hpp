// A support vector machine with a Gaussian kernel, for SVM-SMOTE.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace leaven::flow {

/// Two classes, C-SVC, by sequential minimal optimisation with pairs chosen to second order (Fan, Chen and Lin, JMLR 6, 2005).
/// Deterministic, one thread.
class Svm {
 public:
  /// `points` row by row, `dims` numbers each, `positive` one flag a row; kernel exp(−gamma·|a − b|²).
  Svm(std::span<const double> points, std::size_t dims, const std::vector<bool>& positive, double c, double gamma);
  /// Above 0: positive; within ±1 inside the margin.
  double decide(std::span<const double> point) const;

 private:
  double kernel(std::span<const double> a, std::span<const double> b) const;

  std::size_t dims_{};
  double gamma_{}, offset_{};
  std::vector<double> support_{}, weights_{};  ///< rows with a multiplier above 0, and label times multiplier
};

}  // namespace leaven::flow
