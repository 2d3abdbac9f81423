// Which item of a batch is mixed into which, inside of a model: SMOTE on features (after Chawla et al. 2002 and manifold mixup, Verma
// et al. 2019), within a cluster of one class.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/key.hpp"

namespace leaven::learn {

class ClusterMix {
 public:
  /// `clusters`: by entry.
  ClusterMix(std::vector<std::uint32_t> clusters, Key key) : clusters_(std::move(clusters)), key_(key) {}
  /// For each item of batch number `batch` the place of another one of its class and cluster, drawn by chance, and how much of
  /// it, evenly from 0 to 1; where there is no such item, itself and 0.
  void choose(std::uint64_t batch, std::span<const std::uint32_t> entries, std::span<const std::uint32_t> labels, std::vector<std::uint32_t>& partners,
              std::vector<float>& shares) const;

 private:
  std::vector<std::uint32_t> clusters_;
  Key key_;
};

}  // namespace leaven::learn
