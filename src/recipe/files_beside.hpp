// Files that steps name lie beside their recipe, wherever that is today.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/opened_files.hpp"
#include "recipe/recipe.hpp"

namespace leaven::recipe {

/// Every path that the steps name, one of several that are drawn included.
std::vector<std::string> named_files(const std::vector<Step>& steps);
/// Whether one of them lies beside the recipe, so that it matters where that is.
bool names_files_beside(const Recipe& recipe);
/// Names the same files from beside `to` that the steps name from beside `from`, both recipes' files.
void name_from(std::vector<Step>& steps, const std::string& from, const std::string& to);

/// Opens paths that are not absolute in the folder of `recipe_file`, whose name lives longer; "": where the program runs.
class FilesBeside : public OpenedFiles {
 public:
  FilesBeside(OpenedFiles& files, std::string_view recipe_file, std::string hint = {})
      : files_(files), recipe_file_(recipe_file), hint_(std::move(hint)) {}

  std::shared_ptr<const OpenedFile> file(const std::string& path) override {
    return opened([&] { return files_.file(beside(path)); });
  }
  std::shared_ptr<const OpenedImage> image(const std::string& path) override {
    return opened([&] { return files_.image(beside(path)); });
  }

 private:
  std::string beside(const std::string& path) const { return (std::filesystem::path(recipe_file_).parent_path() / path).string(); }

  template <class Open>
  auto opened(const Open& open) const -> decltype(open()) {
    try {
      return open();
    } catch (Error& error) {
      if (!hint_.empty()) error.with_hint(hint_);
      throw;
    }
  }

  OpenedFiles& files_;
  std::string_view recipe_file_;
  std::string hint_;
};

}  // namespace leaven::recipe
