// Nearest rows of a matrix, searched by all threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "flow/balance/row_matrix.hpp"
#include "flow/pool.hpp"
#include "kernels/neighbours.hpp"
#include "recipe/balance.hpp"

namespace leaven::flow {

/// Rows as points in a space: each column shifted to mean 0 and, when scaled, divided by its standard deviation (a
/// constant column by 1).
struct RowSpace {
  std::vector<double> points{};        ///< row by row, `dims` numbers each; empty: `numbers` are told in means and units
  std::span<const double> numbers{};   ///< of the matrix that the space is of, which must live longer; places are worked out when asked
  std::vector<std::int32_t> codes{};
  std::size_t dims{}, words{};
  double mismatch{};                   ///< added to a squared distance for every different category
  bool missing{};                      ///< some point holds NaN
  std::vector<double> mean{}, unit{};  ///< of each number column: point = (number − mean) / unit
  recipe::NeighbourSearch search{};
  double most_compared{kMostCompared};

  /// Cells: 200,000 rows of 64 columns with as many, some minutes of two cores.
  static constexpr double kMostCompared = 200'000.0 * 200'000.0 * 64;

  double at(std::size_t row, std::size_t d) const {
    return points.empty() ? (numbers[row * dims + d] - mean[d]) / unit[d] : points[row * dims + d];
  }
};

/// `scale`: in standard deviations of the column over all rows of the matrix.
RowSpace space_of(const RowMatrix& matrix, bool scale);
/// The squared median standard deviation of the numbers of `rows`: what a different category weighs (SMOTE-NC).
double category_weight(const RowSpace& space, std::span<const std::uint32_t> rows);

/// The k nearest among `points` of every row in `queries` (both are rows of the space), itself left out, nearest first,
/// of equal ones the one that stands first in `points`. Rows found are rows of the space; fewer than k: kNoRow. A missing
/// cell is left out of the distance, which is scaled up by the share of the cells that are there. Exact, unless `search`
/// says otherwise or says nothing and more than `most_compared` cells would be compared: then a graph finds nearly all.
struct Neighbours {
  std::size_t k{};
  bool approximate{};
  std::vector<kernels::Nearest> list{};  ///< k for each query
  std::span<const kernels::Nearest> of(std::size_t query) const { return std::span(list).subspan(query * k, k); }
};
Neighbours nearest(const RowSpace& space, std::span<const std::uint32_t> points, std::span<const std::uint32_t> queries,
                   std::size_t k, Pool& pool);

}  // namespace leaven::flow
