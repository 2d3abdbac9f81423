// One column's law, as a map from a standard normal number: the part of a Gaussian copula that knows values.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace leaven::learn {

/// Steps: values[i] for z between edges[i − 1] and edges[i]. Otherwise knots: values[i] at edges[i], straight in between,
/// the first and last value beyond.
struct Marginal {
  bool steps{true};
  std::vector<double> edges{};
  std::vector<double> values{};
  std::vector<double> shares{};  ///< steps: how often each value was seen; known while fitting alone

  /// A map that is looked up quickly; call after edges were set.
  void prepare();
  double at(double z) const;

 private:
  std::vector<std::uint16_t> guide_{};  ///< how many edges lie below each of kCells places
  static constexpr int kCells = 256;
  static constexpr double kReach = 4;   ///< |z|
};

/// Of numbers without NaN, at least one: steps where few are different, else quantiles.
Marginal marginal_of(std::vector<double> numbers);
/// Of numbers that are all that there is of their rows, so that whoever draws one again has told of a row: quantiles with eight rows or
/// more between them, and each number that as many rows have.
Marginal marginal_of_lone(std::vector<double> numbers);
/// Of things counted, in order: values 0, 1, 2, … Counts of 0 are never drawn.
Marginal marginal_of_counts(std::span<const std::uint64_t> counts);

/// How a marginal sees the normal number behind a value: normal scores, and the coefficients of the map z → score in
/// Hermite polynomials, by which a correlation of scores becomes that of the normal numbers.
struct Scores {
  std::vector<double> of_step{};  ///< E[z | step], deviation 1; empty: knots
  std::vector<double> hermite{};  ///< of orders 1, 2, …; {1} for knots
};
Scores scores_of(const Marginal& marginal);
/// The score of a value that the marginal was made of.
double score_of(const Marginal& marginal, const Scores& scores, double value);

/// The correlation of two normal numbers whose scores correlate by `seen` (Lancaster 1957: Σ ρⁿ·a_n·b_n = seen).
double latent_correlation(double seen, std::span<const double> a, std::span<const double> b);

}  // namespace leaven::learn
