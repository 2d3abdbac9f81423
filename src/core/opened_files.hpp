// Files that ops show (overlays, fonts). Ops do not open files themselves: who knows formats hands them in by Site.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/raster.hpp"

namespace leaven {

struct OpenedFile {
  std::vector<std::byte> bytes{};
  std::string digest{};  ///< XXH3-128 of the bytes, as lineage has it
};
struct OpenedImage {
  Raster pixels{};
  std::string digest{};  ///< of the file's bytes
};

/// Each file is read once and kept, and so is that one cannot be read. Thread-safe. Both throw Error(usage): a file that a recipe names must be there.
class OpenedFiles {
 public:
  virtual ~OpenedFiles() = default;
  virtual std::shared_ptr<const OpenedFile> file(const std::string& path) = 0;
  /// Of any format that Leaven reads; arrays of numbers (.npy) of rows × columns (× channels) are float images.
  virtual std::shared_ptr<const OpenedImage> image(const std::string& path) = 0;
};

}  // namespace leaven
