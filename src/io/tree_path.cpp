// Names in a tree of files for samples of any format.
#include <algorithm>
#include <string>

#include "io/annotated_formats.hpp"
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
  for (const std::string_view ending : {".gz", ".bin", ".npz", ".npy", ".idx", ".tar", ".tsv", ".txt", ".csv", ".ts"})
    if (stem.size() > ending.size() && stem.ends_with(ending)) stem.resize(stem.size() - ending.size());
  std::ranges::replace(stem, '/', '_');
  return stem + "_" + std::string(number) + ".png";
}

std::string_view without_folder(std::string_view path, std::string_view folder) {
  const bool below =
      !folder.empty() && path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
  return below ? path.substr(folder.size() + 1) : path;
}

bool is_number(const DatasetIndex& index) {
  return index.format == "cifar" || index.format == "idx" || index.format == "npz" || index.series;
}

/// The folder for images in a format's own layout; nothing for layouts of other kinds.
std::optional<std::string> image_folder(OutputLayout layout, std::string_view split) {
  const std::string below = split.empty() ? std::string() : std::string(split) + "/";
  switch (layout) {
    case OutputLayout::yolo:
    case OutputLayout::coco:
    case OutputLayout::masks: return "images/" + below;
    case OutputLayout::voc: return "JPEGImages/";  // its splits are lists
    case OutputLayout::labelme: return below;
    default: return std::nullopt;
  }
}

}  // namespace

bool keeps_paths(const DatasetIndex& index, OutputLayout layout) {
  if (is_number(index)) return false;
  if (layout == OutputLayout::folders) return index.format == "folders";
  return !image_folder(layout, "") || index.format == output_layouts()[static_cast<std::size_t>(layout)];
}

std::string tree_path(const DatasetIndex& index, const Entry& entry, OutputLayout layout) {
  if (keeps_paths(index, layout) || index.format == "flat") return entry.id;
  if (const auto folder = image_folder(layout, index.has_splits ? name_of(entry.split) : ""))
    return *folder + std::string(below_image_folders(entry.id));
  const std::string split(index.has_splits ? name_of(entry.split) : "");
  const std::string label =
      index.label_kind == LabelKind::category ? folder_name(index.labels[entry.label]) : std::string();
  std::string name;
  if (is_number(index)) {
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
