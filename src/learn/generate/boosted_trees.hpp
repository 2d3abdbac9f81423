// Gradient-boosted trees on a table: the learner by which the gate tells what rows are worth and whether they can be told
// from real ones.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "learn/generate/table_data.hpp"
#include "learn/metrics.hpp"

namespace leaven::learn {

/// Friedman 2001, with second-order leaves (Chen and Guestrin 2016) and columns cut into at most 64 bins. Draws nothing:
/// equal rows give equal trees.
class BoostedTrees {
 public:
  struct Options {
    int rounds{60};
    double rate{0.2};
    static constexpr int kDepth = 4;
  };
  /// Learns `truth` (a class of `classes` for each row) from all numbers and words but the target. At least one row.
  BoostedTrees(const TableData& data, std::span<const std::uint32_t> truth, std::uint32_t classes, const Options& options);
  BoostedTrees(const TableData& data, std::span<const std::uint32_t> truth, std::uint32_t classes) : BoostedTrees(data, truth, classes, Options{}) {}
  /// Of a table with the same columns and dictionaries.
  Predictions predict(const TableData& data, std::span<const std::uint32_t> truth) const;

 private:
  static constexpr std::size_t kBins = 64, kSplits = (1U << Options::kDepth) - 1, kLeaves = 1U << Options::kDepth;
  struct Feature {
    std::size_t column{};
    std::vector<double> cuts{};               ///< of numbers
    std::vector<std::uint8_t> bin_of_word{};  ///< of word + 1
  };
  /// A whole tree of kDepth levels: a row goes right where its bin is above the split's.
  struct Tree {
    std::array<std::uint16_t, kSplits> feature{};
    std::array<std::uint8_t, kSplits> bin{};
    std::array<float, kLeaves> leaf{};
  };
  using Bins = std::vector<std::vector<std::uint8_t>>;  ///< by feature, then row

  void find_features(const TableData& data, std::span<const std::uint32_t> truth, std::uint32_t classes);
  Bins bins_of(const TableData& data) const;
  Tree grow(const Bins& bins, const std::vector<float>& gradient, const std::vector<float>& curvature, double rate, std::vector<std::uint8_t>& leaf_of_row) const;
  static std::size_t leaf_of(const Tree& tree, const Bins& bins, std::size_t row);

  std::vector<Feature> features_{};
  std::vector<std::vector<Tree>> rounds_{};  ///< one tree an output
  std::vector<float> start_{};               ///< of each output
  std::uint32_t classes_{};
};

}  // namespace leaven::learn
