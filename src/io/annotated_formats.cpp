// What formats of marked images share: paths, splits, descriptions.
#include "io/annotated_formats.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.hpp"
#include "io/file.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

bool says_images(std::string_view folder) {
  static constexpr std::array<std::string_view, 6> kNames{"images", "image", "imgs", "img", "jpegimages", "data"};
  return std::ranges::find(kNames, lower_case(folder)) != kNames.end();
}

/// "train", and "train2017".
std::optional<Split> split_of_folder(std::string_view folder) {
  const std::size_t letters = folder.find_last_not_of("0123456789") + 1;
  return split_from(folder.substr(0, letters));
}

}  // namespace

std::string_view without_extension(std::string_view path) {
  const std::size_t slash = path.rfind('/') + 1;  // npos + 1 = 0
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos || dot <= slash ? path : path.substr(0, dot);
}

std::string_view folder_of(std::string_view path) { return path.substr(0, path.rfind('/') + 1); }

std::string_view below_image_folders(std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    if (slash == std::string_view::npos) return path;
    const std::string_view folder = path.substr(0, slash);
    if (!says_images(folder) && !split_of_folder(folder)) return path;
    path.remove_prefix(slash + 1);
  }
}

Split split_in_path(std::string_view path) {
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    if (const auto split = split_of_folder(path.substr(0, slash))) return *split;
    path.remove_prefix(slash + 1);
  }
  return Split::none;
}

std::optional<std::string> with_folder_replaced(std::string_view path, std::string_view from, std::string_view to) {
  const std::string inner = "/" + std::string(from) + "/";
  std::size_t at = path.rfind(inner);
  if (at != std::string_view::npos)
    ++at;
  else if (path.starts_with(inner.substr(1)))
    at = 0;
  else
    return std::nullopt;
  return std::string(path.substr(0, at)) + std::string(to) + std::string(path.substr(at + from.size()));
}

std::vector<std::string> some_of(const std::vector<std::string>& images, std::size_t count) {
  std::vector<std::string> some;
  const std::size_t step = std::max<std::size_t>(1, images.size() / count);
  for (std::size_t i = 0; i < images.size() && some.size() < count; i += step) some.push_back(images[i]);
  return some;
}

std::optional<std::string> text_file(const fs::path& path, std::uint64_t most_bytes) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  const InputFile file(path);
  if (file.size() > most_bytes)
    throw data_error("is larger than a file of labels can be: " + counted(file.size(), "byte", "bytes"))
        .with_place(printable(path.native()));
  return file.read_text(0, file.size());
}

DatasetIndex index_of_marked(TreeListing listing, std::string_view format) {
  DatasetIndex index;
  index.format = format;
  index.annotated = true;
  index.labels = {""};
  std::uint64_t in_splits = 0;
  for (std::string& image : listing.images) {
    Entry& entry = index.entries.emplace_back();
    entry.split = split_in_path(image);
    in_splits += entry.split != Split::none;
    entry.id = std::move(image);
  }
  // One folder that is called like a split does not divide the whole.
  index.has_splits = in_splits > 0 && in_splits == index.entries.size();
  if (!index.has_splits)
    for (Entry& entry : index.entries) entry.split = Split::none;
  index.broken = std::move(listing.broken);
  index.strays = listing.strays.take();
  return index;
}

std::string describe_marked(const DatasetIndex& index) {
  std::string text;
  if (index.has_splits) text += describe_splits(index) + ", ";
  if (!index.categories.empty()) text += counted(index.categories.size(), "category", "categories") + ", ";
  return text + counted(index.entries.size(), "image", "images");
}

std::uint64_t claim_strays(DatasetIndex& index, const std::string& kind, std::uint64_t count) {
  const auto found = index.strays.find(kind);
  if (found == index.strays.end()) return 0;
  found->second -= std::min<std::uint64_t>(found->second, count);
  const std::uint64_t left = found->second;
  if (left == 0) index.strays.erase(found);
  return left;
}

Annotations AnnotationFiles::of(std::string_view image,
                                const std::function<Annotations(std::string_view text)>& read) const {
  const std::string path = *path_of(image);
  try {
    const auto text = text_file(root / path, most_bytes);
    if (!text) throw data_error("it does not exist");
    return read(*text);
  } catch (Error& error) {
    throw error.with_place(printable(path));
  }
}

std::size_t AnnotationFiles::keep_annotated(DatasetIndex& index,
                                            const std::function<void(std::string_view text)>& read) const {
  std::size_t good = 0;
  const auto bare = std::erase_if(index.entries, [&](const Entry& entry) {
    const auto path = path_of(entry.id);
    std::error_code error;
    if (!path || !fs::is_regular_file(root / *path, error)) return true;
    try {
      read(*text_file(root / *path, most_bytes));
      ++good;
    } catch (const Error&) {
      // The sample is set aside with its reason when its turn comes.
    }
    return false;
  });
  if (bare > 0) index.strays["images without an annotation file"] += bare;
  return good;
}

}  // namespace leaven::io
