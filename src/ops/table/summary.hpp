// What one bounded pass over a column's numbers can tell.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "core/columns.hpp"

namespace leaven::ops {

/// Mean and standard deviation, block after block (Chan, Golub and LeVeque 1983).
class Spread {
 public:
  void add(const Column& column);
  double count() const { return count_; }
  double mean() const { return mean_; }
  double std() const;

 private:
  double count_{}, mean_{}, squares_{};
};

/// Median and other quantiles: exact for 65,536 numbers; of more, sorted buffers are halved and weigh twice (Munro and Paterson 1980),
/// which moves the rank by at most 1/131,072 of the numbers for each doubling.
class Median {
 public:
  void add(double number);
  /// Of an even count the mean of the two in the middle. At least one number must have been added.
  double value() const { return quantile(0.5); }
  /// Between the two nearest ranks in proportion, as NumPy's percentile does.
  double quantile(double share) const;
  /// The numbers kept, ascending, each with how many it stands for.
  std::vector<std::pair<double, std::uint64_t>> weighted() const;
  bool empty() const { return levels_.empty(); }

 private:
  void halve(std::size_t level);
  struct Level {
    std::vector<double> numbers{};
    bool odd{};  ///< which half stays next, in turns, so that errors cancel
  };
  std::vector<Level> levels_;
};

/// The most frequent number, the smallest of several: exact for 65,536 different numbers; of more, counts are lowered
/// together and the rare ones dropped (Misra and Gries 1982).
class Mode {
 public:
  void add(double number);
  double value() const;

 private:
  std::map<double, std::uint64_t> counts_;
  double last_{};
};

}  // namespace leaven::ops
