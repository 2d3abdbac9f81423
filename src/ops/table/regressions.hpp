// Missing numbers from the other numbers of their row, by means and covariances that are found in turns: iterative imputation.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "core/op.hpp"

namespace leaven::ops {

/// The regression of any columns on any others, all from one covariance.
class JointRegressions {
 public:
  /// From rows of train, row by row, NaN where missing; every column has some number. Expectation-maximisation for a
  /// multivariate normal law (Dempster, Laird and Rubin 1977; Little and Rubin, "Statistical analysis with missing data",
  /// 11.2): missing cells are predicted from those that are there, then mean and covariance are found anew, the part of the
  /// covariance that predictions do not show added. At most `rounds` of both.
  JointRegressions(std::span<const double> cells, std::size_t columns, int rounds);
  explicit JointRegressions(const Fitted& fitted);
  void save(Fitted& to) const;

  /// Fills NaN cells of rows, one after another; what rows with the same gaps share is kept in between.
  class Completer {
   public:
    explicit Completer(const JointRegressions& regressions) : regressions_(regressions) {}
    void complete(std::span<double> row);

   private:
    const JointRegressions& regressions_;
    std::map<std::vector<bool>, std::vector<double>> weights_{};
  };

 private:
  /// Row by row of the missing columns: one weight for each column that is there.
  std::vector<double> weights_for(const std::vector<bool>& missing) const;
  double step(std::span<const double> cells, std::span<double> filled);

  std::size_t columns_{};
  std::vector<double> mean_{}, unit_{}, lowest_{}, highest_{};
  std::vector<double> middle_{}, covariance_{};  ///< in standard deviations (`unit`) from `mean`
};

}  // namespace leaven::ops
