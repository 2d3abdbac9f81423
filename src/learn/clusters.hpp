// Groups of training items that look alike, and what follows from them: which are shown more often, or changed more strongly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/key.hpp"

namespace leaven::learn {

struct Clusters {
  std::vector<std::uint32_t> of{};   ///< of each item
  std::vector<std::size_t> sizes{};  ///< of each cluster; none is empty
  std::vector<double> apart{};       ///< of each cluster: how far the fifth nearest item is from one of its own, in the mean
};

/// k-means from the starts of k-means++ (Arthur and Vassilvitskii 2007), the best of ten; equal points may leave fewer clusters.
/// Throws Error(usage) for more clusters than points.
std::vector<std::uint32_t> k_means(std::span<const double> points, std::size_t dims, std::size_t clusters, Key key);

/// Of items of `size` values each: on their first principal components, with a quarter, half or all of √items clusters, whichever
/// are told apart best by the distances to their middles (simplified silhouette).
Clusters clusters_of(std::span<const float> values, std::size_t size, Key key);

/// Of each item, in [0, 1]: half where items lie as far apart as in the mean, more where they lie thinly.
std::vector<double> strength_by_density(const Clusters& clusters);
/// Of each item: 1 / √ size of its cluster.
std::vector<double> weight_by_size(const Clusters& clusters);

}  // namespace leaven::learn
