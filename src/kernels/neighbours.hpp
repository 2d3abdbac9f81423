// Exact nearest rows: float32 to pass by what is too far, float64 to decide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace leaven::kernels {

/// Rows to search in or for. `numbers`: rows × dims, row by row, best of mean 0 and about unit size; no NaN.
/// `codes`: rows × words, category numbers. The squared distance of two rows is Σ (a − b)² over the numbers, in
/// double and in this order, plus `mismatch` for every pair of different codes.
struct NeighbourRows {
  std::span<const double> numbers{};
  std::span<const std::int32_t> codes{};
  std::size_t rows{}, dims{}, words{};
  double mismatch{};

  /// Squared length of the row's numbers.
  double norm(std::size_t row) const {
    double sum = 0;
    for (std::size_t i = 0; i < dims; ++i) sum += numbers[row * dims + i] * numbers[row * dims + i];
    return sum;
  }
};

/// The same rows laid out for the search: panels of 64 rows, float32, dimension by dimension. In few dimensions a panel
/// holds rows that lie near each other (the leaves of a k-d tree: Bentley, Communications of the ACM 18, 1975); the box
/// around them, and the one around 64 such panels, tell when a query may pass them by.
class NeighbourIndex {
 public:
  explicit NeighbourIndex(const NeighbourRows& rows);
  static constexpr std::size_t kPanel = 64;
  /// Boxes in more dimensions reach nearly everything.
  static constexpr std::size_t kMostBoxedDims = 8;
  const NeighbourRows& rows() const { return rows_; }
  std::size_t panels() const { return (rows_.rows + kPanel - 1) / kPanel; }
  const float* panel(std::size_t p) const { return numbers_.data() + p * kPanel * rows_.dims; }
  const std::int32_t* panel_codes(std::size_t p) const { return codes_.data() + p * kPanel * rows_.words; }
  const float* half_norms(std::size_t p) const { return half_norms_.data() + p * kPanel; }
  /// Of the longest row in the panel.
  double reach(std::size_t p) const { return reach_[p]; }
  /// The row in a place of the panels.
  std::uint32_t row_at(std::size_t place) const { return order_[place]; }
  /// Its numbers, in double.
  const double* exact(std::size_t place) const { return (ordered_.empty() ? rows_.numbers.data() : ordered_.data()) + place * rows_.dims; }
  bool boxed() const { return boxes_.count > 0; }
  /// Ends of boxes along each dimension; `count` is rounded up to whole vectors of 8, and nothing is in what was added.
  struct Boxes {
    std::size_t count{};
    std::vector<double> lowest{}, highest{};  ///< dimension, box
  };
  const Boxes& boxes() const { return boxes_; }   ///< one a panel
  const Boxes& blocks() const { return blocks_; } ///< one for kBlock panels
  static constexpr std::size_t kBlock = 64;

 private:
  void put_near_together(std::span<std::uint32_t> rows);
  void find_boxes();

  NeighbourRows rows_;
  std::vector<std::uint32_t> order_{};
  Boxes boxes_{}, blocks_{};
  std::vector<double> ordered_{};    ///< rows_.numbers in the order of the panels, so that a panel's rows lie together; empty: as they are
  std::vector<float> numbers_{};     ///< panel, dimension, row
  std::vector<std::int32_t> codes_{};
  std::vector<float> half_norms_{};  ///< |row|²/2; infinity behind the last row
  std::vector<double> reach_{};
};

inline constexpr std::uint32_t kNoRow = 0xffffffff;

struct Nearest {
  std::uint32_t row{};
  double squared{};  ///< distance
};

/// For queries [first, last) the `k` nearest rows, nearest first, of equal ones the smaller number first;
/// `found`: (last − first) × k, padded with {kNoRow, infinity}. `own[q]` is a row that query q must not find (itself),
/// or kNoRow; empty: none. The answer is exact, so it is the same on every CPU.
void find_nearest(const NeighbourIndex& index, const NeighbourRows& queries, std::size_t first, std::size_t last,
                  std::size_t k, std::span<const std::uint32_t> own, std::span<Nearest> found);

/// Distances where cells are missing (NaN): Σ (a − b)² over what both rows have, times dims ÷ how many that are;
/// infinity where they share nothing. `rows` is laid out by panels of 64: panel, dimension, row. In double, summed
/// dimension by dimension, so the same on every CPU. `out`: one a row, rounded up to whole panels.
void masked_distances(std::span<const double> panels, std::size_t dims, std::span<const double> query,
                      std::span<double> out);
/// The layout that masked_distances() reads; NaN behind the last row.
std::vector<double> masked_panels(std::span<const double> numbers, std::size_t rows, std::size_t dims);

}  // namespace leaven::kernels
