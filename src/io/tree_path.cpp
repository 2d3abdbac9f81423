// Names in a tree of files for samples of any format.
#include <algorithm>
#include <string>

#include "io/dataset.hpp"

namespace leaven::io {

namespace {

/// A label as the name of one folder.
std::string folder_name(std::string label) {
  std::ranges::replace(label, '/', '_');
  std::erase(label, '\0');
  if (label == "." || label == ".." || label.starts_with(".") || label.starts_with("leaven.")) label.insert(0, "_");
  return label;
}

/// "sub/data_batch_1.bin" + "000017" → "sub_data_batch_1_000017.png".
std::string numbered_name(std::string_view container, std::string_view number) {
  std::string stem(container);
  if (const std::size_t inside = stem.find(".npz/"); inside != std::string::npos) stem.erase(inside, 4);
  for (const std::string_view ending : {".gz", ".bin", ".npz", ".npy", ".idx", ".tar"})
    if (stem.size() > ending.size() && stem.ends_with(ending)) stem.resize(stem.size() - ending.size());
  std::ranges::replace(stem, '/', '_');
  return stem + "_" + std::string(number) + ".png";
}

std::string_view without_folder(std::string_view path, std::string_view folder) {
  const bool below =
      !folder.empty() && path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
  return below ? path.substr(folder.size() + 1) : path;
}

}  // namespace

std::string tree_path(const DatasetIndex& index, const Entry& entry, bool class_folders) {
  const bool is_tree = index.format == "folders" || index.format == "flat";
  const bool is_number = index.format == "cifar" || index.format == "idx" || index.format == "npz";
  if (is_tree || (!class_folders && !is_number)) return entry.id;
  const std::string split(index.has_splits ? name_of(entry.split) : "");
  const std::string label =
      index.label_kind == LabelKind::category ? folder_name(index.labels[entry.label]) : std::string();
  std::string name;
  if (is_number) {
    const std::size_t mark = entry.id.rfind('#');
    name = numbered_name(std::string_view(entry.id).substr(0, mark), std::string_view(entry.id).substr(mark + 1));
  } else {
    name = without_folder(without_folder(entry.id, split), label);  // the id may name them already
  }
  std::string path;
  for (const std::string& folder : {split, label})
    if (!folder.empty()) path += folder + "/";
  return path + name;
}

}  // namespace leaven::io
