// The project's own files, read once, for the tests of the house's rules.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace leaven::house {

struct SourceFile {
  std::string path{};                ///< from the project's root, '/' between folders: "src/core/key.hpp"
  std::vector<std::string> lines{};  ///< without line ends

  std::string extension() const { return std::filesystem::path(path).extension().string(); }
  bool is_cpp() const { return extension() == ".cpp" || extension() == ".hpp"; }
  bool below(const std::string& folder) const { return path.starts_with(folder + "/"); }
  /// "path:line", counted from 1 as editors do.
  std::string place(std::size_t index) const { return path + ":" + std::to_string(index + 1); }
};

/// The root of the source tree.
std::filesystem::path root();

/// Top-level folders of the project that hold its own files: no build folders, nothing hidden.
std::vector<std::string> top_folders();

/// All text files of the project: those in top_folders() and at the root. Files made by building are not among them.
const std::vector<SourceFile>& source_files();

/// Lines that start with `#include`, each as (line index, name between the quotes or angle brackets, quoted or not).
struct Include {
  std::size_t line{};
  std::string name{};
  bool quoted{};
};
std::vector<Include> includes_of(const SourceFile& file);

}  // namespace leaven::house
