// Decoded pictures on disk, for the later epochs of a training.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/geometry.hpp"
#include "core/raster.hpp"

namespace leaven::flow {

/// Keyed by the content of the picture's file, so that a file that changed is another one, and equal files share one. What
/// comes first stays: an epoch asks for every sample once, and where not all have room, keeping the latest would find
/// none. Several processes may share a folder. Thread-safe.
class SampleCache {
 public:
  /// `most`: bytes of the folder, those of earlier runs counted. Makes the folder; throws Error(environment) when it cannot,
  /// Error(usage) when there are files in it that are not a cache's.
  SampleCache(std::filesystem::path folder, std::uint64_t most);

  /// The rows of the picture that hold the region, origin_y telling the first; nothing when it is not kept. `digest` is that
  /// of the file's bytes, `whole` the picture's shape: a kept one of another shape, or cut off, does not count.
  std::optional<Raster> read(const std::string& digest, const RasterShape& whole, const Region& region) const;
  /// Whether so many bytes more may be kept.
  bool has_room(std::uint64_t bytes) const { return bytes_ + bytes <= most_; }
  /// Written beside and renamed. When that fails (a full disk) nothing more is kept, and nothing else happens.
  void keep(const std::string& digest, const RasterView& picture);

 private:
  std::filesystem::path folder_;
  std::uint64_t most_;
  std::atomic<std::uint64_t> bytes_{};
};

}  // namespace leaven::flow
