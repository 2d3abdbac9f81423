// Images that look alike though their bytes differ: the same photo in another size or quality.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/raster.hpp"

namespace leaven::flow {

/// The difference hash: the image's grey is averaged over 9 × 8 equal cells, and each of the 64 bits says whether a cell
/// is darker than its right neighbour; the first cell's bit is the lowest. In whole numbers throughout, so the same on
/// every machine. Nothing for an image without any such difference (a plain colour): it looks like nothing in particular.
std::optional<std::uint64_t> difference_hash(const RasterView& image);

/// Finds, among hashes added so far, one within a Hamming distance. By the pigeonhole principle, two hashes that differ in
/// at most d bits agree in one of d + 1 blocks of bits, so only those that share a block are compared (Norouzi, Punjani,
/// Fleet: "Fast search in Hamming space with multi-index hashing", CVPR 2012). Blocks of less than four bits sort nothing
/// out; then all are compared.
class HammingIndex {
 public:
  /// 0 ≤ distance ≤ 64.
  explicit HammingIndex(int distance);
  void add(std::uint64_t hash, std::uint32_t item);

  struct Found {
    std::uint32_t item{};
    int distance{};
  };
  /// The nearest; among equals the one added first.
  std::optional<Found> nearest(std::uint64_t hash) const;

 private:
  std::uint64_t block(std::uint64_t hash, int b) const;

  int distance_, blocks_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint32_t> items_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> buckets_;  ///< block number and bits → positions
};

}  // namespace leaven::flow
