// Every image file below a folder, and what else lies there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "io/dataset.hpp"

namespace leaven::io {

/// Counts by kind what is no sample: well-known files by name, others by extension.
class Strays {
 public:
  void add_file(std::string_view name);
  void add(const std::string& kind, std::uint64_t count = 1);
  /// A file that add_file() counted among others of its kind is told of by name.
  void name(std::string_view file, const std::string& text);
  std::map<std::string, std::uint64_t> take() { return std::move(counts_); }
  const std::map<std::string, std::uint64_t>& counts() const { return counts_; }

 private:
  std::map<std::string, std::uint64_t> counts_{};
};

struct TreeListing {
  std::vector<std::string> images{};  ///< relative, '/'-separated, sorted bytewise
  std::vector<NotASample> broken{};   ///< sorted by path
  Strays strays{};
};

/// Links to files are followed. Links to folders are followed where they lead outside the tree, each folder once: the
/// same files for any order in which the file system lists them, and no loops. The decoder judges content: what is
/// named like an image is one here.
TreeListing list_tree(const std::filesystem::path& root);
/// The same walk for all that steps of a recipe may name: images, fonts (ttf, otf, ttc) and arrays (npy).
std::vector<std::string> list_named_files(const std::filesystem::path& root);

/// jpg, jpeg, jpe, jfif, png, webp, tif, tiff in any case.
bool has_image_extension(std::string_view name);
/// Names that are never samples: hidden ones, what operating systems leave behind, Leaven's own files beside the
/// classes.
bool is_house_keeping(std::string_view name);
/// Without the point, lower case; empty when there is none.
std::string lower_extension(std::string_view name);

}  // namespace leaven::io
