#include "tests/house/source_tree.hpp"

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>

namespace leaven::house {

namespace fs = std::filesystem;

namespace {

bool is_text(const fs::path& path) {
  static const std::set<std::string> extensions{".cpp",  ".hpp",  ".txt",   ".md",   ".sh",  ".py",
                                                ".json", ".yaml", ".cmake", ".html", ".css", ".js"};
  static const std::set<std::string> names{"Makefile", "run"};
  return extensions.contains(path.extension().string()) || names.contains(path.filename().string());
}

SourceFile read(const fs::path& path) {
  SourceFile file{.path = fs::relative(path, root()).generic_string()};
  std::ifstream stream(path);
  for (std::string line; std::getline(stream, line);) file.lines.push_back(line);
  return file;
}

std::vector<SourceFile> read_all() {
  std::vector<SourceFile> files;
  for (const auto& entry : fs::directory_iterator(root()))
    if (entry.is_regular_file() && is_text(entry.path())) files.push_back(read(entry.path()));
  for (const std::string& folder : top_folders())
    for (const auto& entry : fs::recursive_directory_iterator(root() / folder))
      if (entry.is_regular_file() && is_text(entry.path())) files.push_back(read(entry.path()));
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

}  // namespace

fs::path root() { return LEAVEN_SOURCE_DIR; }

std::vector<std::string> top_folders() {
  // Named one by one: what else lies in a developer's folder (build folders, data, notes) is not the project's.
  std::vector<std::string> found;
  for (const char* name : {"include", "src", "presets", "python", "tests", "fuzz", "bench", "docs", "examples", "tools"})
    if (fs::is_directory(root() / name)) found.emplace_back(name);
  return found;
}

const std::vector<SourceFile>& source_files() {
  static const std::vector<SourceFile> files = read_all();
  return files;
}

std::vector<Include> includes_of(const SourceFile& file) {
  static const std::regex pattern(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
  std::vector<Include> found;
  std::smatch match;
  for (std::size_t i = 0; i < file.lines.size(); ++i)
    if (std::regex_search(file.lines[i], match, pattern)) found.push_back({i, match[2], match[1] == "\""});
  return found;
}

}  // namespace leaven::house
