#include "io/coco_places.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <tuple>
#include <unordered_map>

#include "io/annotated_formats.hpp"

namespace leaven::io {

namespace {

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// "..\\images\\a.jpg" and "/data/images/a.jpg" as "images/a.jpg".
std::string tidy(std::string name) {
  std::ranges::replace(name, '\\', '/');
  std::string path;
  for (const std::filesystem::path& part : std::filesystem::path(name).lexically_normal())
    if (part != ".." && part != "." && part != "/" && !part.empty()) path += (path.empty() ? "" : "/") + part.native();
  return path;
}

/// "train2017" of "annotations/instances_train2017.json".
std::string_view last_word(std::string_view json) {
  const std::string_view stem = base_name(without_extension(json));
  return stem.substr(stem.rfind('_') + 1);
}

using ByName = std::unordered_multimap<std::string_view, const std::string*>;

/// How many of some images lie below each folder under their names.
std::map<std::string, std::size_t> votes(const std::vector<std::string>& names, const ByName& there) {
  constexpr std::size_t kAsked = 200, kMostOfOneName = 1000;
  std::map<std::string, std::size_t> count;
  const std::size_t step = std::max<std::size_t>(1, names.size() / kAsked);
  for (std::size_t i = 0; i < names.size(); i += step) {
    const auto [begin, end] = there.equal_range(base_name(names[i]));
    std::size_t seen = 0;
    for (auto at = begin; at != end && ++seen < kMostOfOneName; ++at) {
      const std::string& path = *at->second;
      if (!path.ends_with(names[i])) continue;
      const std::string folder = path.substr(0, path.size() - names[i].size());
      if (folder.empty() || folder.ends_with('/')) ++count[folder];
    }
  }
  return count;
}

std::vector<std::string> folders_of(const std::map<std::string, std::size_t>& count, const std::string& json) {
  const std::string word = "/" + std::string(last_word(json)) + "/";
  const auto rank = [&](const std::pair<std::string, std::size_t>& f) {
    const std::string folder = "/" + f.first;
    const bool named = folder.ends_with(word), beside = f.first == folder_of(json);
    return std::tuple(-static_cast<long long>(f.second), !named, !beside, f.first.size(), f.first);
  };
  std::vector<std::pair<std::string, std::size_t>> order(count.begin(), count.end());
  std::ranges::sort(order, {}, rank);
  std::vector<std::string> folders;
  for (auto& [folder, n] : order) folders.push_back(std::move(folder));
  return folders;
}

}  // namespace

CocoPlaces find_coco_images(const CocoFile& coco, const std::string& json, const std::vector<std::string>& images) {
  ByName there;
  for (const std::string& image : images) there.emplace(base_name(image), &image);
  std::vector<std::string> names;
  for (const CocoImage& image : coco.images) names.push_back(tidy(image.file_name));
  auto count = votes(names, there);
  if (count.empty()) {  // folders of the machine where the file was made
    for (std::string& name : names) name = std::string(base_name(name));
    count = votes(names, there);
  }
  CocoPlaces places;
  places.folders = folders_of(count, json);
  for (const std::string& name : names) {
    std::optional<std::string>& path = places.paths.emplace_back();
    // Leading folders may be those of the machine where the file was made.
    for (std::string_view rest = name; !path; rest.remove_prefix(rest.find('/') + 1)) {
      for (const std::string& folder : places.folders)
        if (const std::string there_is = folder + std::string(rest);
            !path && std::ranges::binary_search(images, there_is))
          path = there_is;
      if (rest.find('/') == std::string_view::npos) break;
    }
  }
  return places;
}

}  // namespace leaven::io
