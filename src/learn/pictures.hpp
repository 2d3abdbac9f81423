// The pictures of a dataset in memory, of one size and kind, as a learner and a recipe need them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/raster.hpp"
#include "io/dataset.hpp"
#include "learn/learner.hpp"

namespace leaven::learn {

/// Entries of a dataset by their place in its index; those not asked for are empty.
class Pictures {
 public:
  struct Options {
    int side{};     ///< px, of what the learner sees; 0: the pictures' own where all have one of at most kOwnSide, else kUsualSide
    int threads{};  ///< 0: all that there are
  };
  static constexpr int kOwnSide = 64, kUsualSide = 64;

  /// Reads the entries named, in parallel. Larger pictures are shrunk so that the longer side is twice what the learner
  /// sees: what a recipe says in px counts at that size. Alpha is laid over white. A broken one is kept out and told in
  /// broken(). Throws Error(usage) when what is left would take more than 4 GB.
  Pictures(const io::DatasetReader& reader, const std::vector<std::uint32_t>& entries, const Options& options);

  const InputShape& shape() const { return shape_; }
  bool has(std::uint32_t entry) const { return !pixels_[entry].empty(); }
  const Raster& pixels(std::uint32_t entry) const { return pixels_[entry]; }
  /// In the size that the learner sees.
  const Raster& seen(std::uint32_t entry) const { return seen_[entry].empty() ? pixels_[entry] : seen_[entry]; }
  const std::string& digest(std::uint32_t entry) const { return digests_[entry]; }
  const io::DatasetIndex& index() const { return index_; }
  /// Id and reason.
  const std::map<std::string, std::string>& broken() const { return broken_; }
  /// For people: how many are seen otherwise than they are stored, beside their size.
  std::vector<std::string> notes() const;
  /// How many have more than 8 bits a channel; they are seen with all of them.
  std::size_t deep() const { return deep_; }
  /// How many are stored in other sides than the learner sees.
  std::size_t resized() const { return resized_; }
  /// The greatest side, before anything was shrunk.
  int largest_side() const { return largest_side_; }

 private:
  void resize_all(int threads);
  void read(const io::DatasetReader& reader, const std::vector<std::uint32_t>& entries, const Options& options);

  const io::DatasetIndex& index_;
  std::vector<Raster> pixels_, seen_;  ///< seen_: only where the size differs
  std::vector<std::string> digests_;
  std::map<std::string, std::string> broken_{};
  InputShape shape_{};
  int largest_side_{};
  std::size_t read_{}, alpha_{}, grey_{}, many_channels_{}, deep_{}, resized_{};
};

/// Without alpha: laid over white.
Raster over_white(Raster image);

}  // namespace leaven::learn
