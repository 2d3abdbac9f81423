#include "recipe/presets.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "core/error.hpp"
#include "core/op.hpp"
#include "recipe/recipe.hpp"

namespace leaven::recipe {

namespace fs = std::filesystem;

static std::vector<fs::path> preset_folders() {
  std::vector<fs::path> folders;
  if (const char* own = std::getenv("LEAVEN_PRESETS"); own && *own) folders.emplace_back(own);
  if (const char* config = std::getenv("XDG_CONFIG_HOME"); config && *config) folders.push_back(fs::path(config) / "leaven/presets");
  else if (const char* home = std::getenv("HOME"); home && *home) folders.push_back(fs::path(home) / ".config/leaven/presets");
  return folders;
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (std::size_t i = 0; i < kBuiltInPresetCount; ++i) add(std::string(kBuiltInPresets[i].name));
  for (const fs::path& folder : preset_folders()) {
    std::vector<std::string> own;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
      if (it->path().extension() == ".yaml") own.push_back(it->path().stem().string());
    std::sort(own.begin(), own.end());
    for (const std::string& name : own) add(name);
  }
  return names;
}

PresetText find_preset(std::string_view name) {
  const bool plain = name.find('/') == std::string_view::npos;
  for (const fs::path& folder : preset_folders()) {
    const fs::path file = folder / (std::string(name) + ".yaml");
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    if (plain && in && text << in.rdbuf()) return {text.str(), file.string()};
  }
  for (std::size_t i = 0; i < kBuiltInPresetCount; ++i)
    if (kBuiltInPresets[i].name == name) return {std::string(kBuiltInPresets[i].text), "preset " + std::string(name)};
  const auto known = preset_names();
  const std::vector<std::string_view> views(known.begin(), known.end());
  std::error_code error;
  std::string hint = fs::is_regular_file(name, error) ? "it is a file: --recipe takes files" : did_you_mean(name, views);
  if (hint.empty())
    for (const auto& preset : known) hint += (hint.empty() ? "presets: " : ", ") + preset;
  throw usage_error("there is no preset called " + std::string(name)).with_hint(hint);
}

}  // namespace leaven::recipe
