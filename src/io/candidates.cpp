// Where containers of samples may lie: near the top of a folder, behind folders that are only packaging.
#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "core/utf8.hpp"
#include "io/dataset_formats.hpp"
#include "io/file.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostFolders = 8;  // more of them are classes, and nobody looks for containers in classes
constexpr int kDeepest = 3;              // MNIST/raw/…, cifar-100-binary/…

bool may_be_container(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kEnds{"csv", "tsv", "ts", "bin", "gz",   "npz", "npy",
                                                         "tar", "tgz", "json", "yaml", "yml"};
  return std::ranges::find(kEnds, lower_extension(name)) != kEnds.end() || name.find("idx") != std::string_view::npos ||
         name.find("ubyte") != std::string_view::npos ||
         (lower_extension(name) == "txt" && split_in_name(name) != Split::none);  // else labels of pictures, by the thousand
}

/// Names in a folder, split into files and folders, links followed; nothing for a folder that cannot be read.
std::pair<std::vector<std::string>, std::vector<std::string>> names_in(const fs::path& folder) {
  std::vector<std::string> files, folders;
  std::error_code error;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator(); at.increment(error)) {
    std::string name = at->path().filename().native();
    if (is_house_keeping(name)) continue;
    std::error_code ignored;
    if (at->is_directory(ignored))
      folders.push_back(std::move(name));
    else if (at->is_regular_file(ignored))  // opening a pipe would wait for ever
      files.push_back(std::move(name));
  }
  std::ranges::sort(files);
  std::ranges::sort(folders);
  return {std::move(files), std::move(folders)};
}

void add_candidates(const fs::path& root, const std::string& folder, int depth, std::vector<std::string>& found) {
  const auto [files, folders] = names_in(folder.empty() ? root : root / folder);
  const std::string prefix = folder.empty() ? "" : folder + "/";
  for (const std::string& file : files)
    if (may_be_container(file) && is_utf8(file)) found.push_back(prefix + file);
  if (depth == kDeepest || folders.size() > kMostFolders) return;
  for (const std::string& below : folders) add_candidates(root, prefix + below, depth + 1, found);
}

}  // namespace

Candidates candidates_in(const fs::path& in) {
  if (!fs::is_directory(in)) return {in.has_parent_path() ? in.parent_path() : fs::path("."), {in.filename().native()}};
  Candidates found{in, {}};
  // Folders that hold nothing but one folder are packaging: ids do without them.
  for (int depth = 0; depth < kDeepest; ++depth) {
    const auto [files, folders] = names_in(found.root);
    if (!files.empty() || folders.size() != 1) break;
    found.root /= folders.front();
  }
  add_candidates(found.root, "", 0, found.files);
  std::ranges::sort(found.files);
  return found;
}

}  // namespace leaven::io
