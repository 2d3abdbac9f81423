// Class folders and flat folders of image files, with or without train/ val/ test/ above them.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "io/dataset_formats.hpp"
#include "io/file.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

std::string_view first_folder(std::string_view path) {
  const std::size_t slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view below_first(std::string_view path) { return path.substr(path.find('/') + 1); }

/// Whether the first folders are train/ val/ test/. A class may well be called "train": then other classes stand beside
/// it and no val/ or test/ does.
bool is_split(const std::vector<std::string>& images) {
  std::set<std::string_view> folders;
  for (const std::string& image : images)
    if (const std::string_view folder = first_folder(image); !folder.empty()) folders.insert(folder);
  std::set<Split> splits;
  std::size_t others = 0;
  for (const std::string_view folder : folders) {
    if (const auto split = split_from(folder))
      splits.insert(*split);
    else
      ++others;
  }
  if (splits.empty()) return false;
  return others == 0 || (splits.contains(Split::train) && splits.size() > 1);
}

class FolderReader final : public DatasetReader {
 public:
  FolderReader(fs::path root, DatasetIndex index) : root_(std::move(root)), index_(std::move(index)) {}

  const DatasetIndex& index() const override { return index_; }
  SourceImage read(const Entry& entry) const override {
    try {
      return image_file(read_file(root_ / entry.id));
    } catch (Error& error) {
      throw error.with_sample(entry.id);
    }
  }
  std::optional<fs::path> file_of(const Entry& entry) const override { return root_ / entry.id; }
  bool stores_pixels() const override { return false; }

 private:
  fs::path root_;
  DatasetIndex index_;
};

/// A path sorted into its split, class or neither.
struct Place {
  Split split{Split::none};
  std::string_view rest{};  ///< below the split's folder
  std::string_view label() const { return first_folder(rest); }
};

void describe(DatasetIndex& index) {
  const bool flat = index.format == "flat";
  index.description = flat ? "flat folder" : "class folders";
  if (index.has_splits) index.description += ", " + describe_splits(index);
  const auto classes =
      static_cast<std::uint64_t>(std::ranges::count_if(index.labels, [](auto& l) { return !l.empty(); }));
  if (!flat) index.description += ", " + counted(classes, "class", "classes");
  index.description += ", " + counted(index.entries.size(), "image", "images");
  if (flat) index.description += " without labels";
}

}  // namespace

DatasetIndex index_of_paths(std::vector<std::string> images, PathMeaning meaning, Strays& strays) {
  DatasetIndex index;
  index.has_splits = is_split(images);
  const auto place_of = [&](std::string_view path) -> Place {
    if (!index.has_splits) return {Split::none, path};
    return {split_from(first_folder(path)).value_or(Split::none), below_first(path)};
  };
  std::uint64_t in_classes = 0, loose = 0;
  std::set<Split> with_classes;
  for (const std::string& image : images) {
    const Place place = place_of(image);
    if (index.has_splits && place.split == Split::none) continue;
    if (place.label().empty()) {
      ++loose;
    } else {
      ++in_classes;
      with_classes.insert(place.split);
    }
  }
  // A test/ without class folders has no labels, and is copied as it is. It does not vote.
  std::uint64_t votes = loose;
  if (index.has_splits) {
    votes = 0;
    for (const std::string& image : images)
      if (const Place place = place_of(image); place.label().empty() && with_classes.contains(place.split)) ++votes;
  }
  const bool flat =
      meaning == PathMeaning::flat || (meaning == PathMeaning::by_looking && (in_classes == 0 || votes > in_classes));
  index.format = flat ? "flat" : "folders";
  index.label_kind = flat ? LabelKind::none : LabelKind::category;

  LabelTable labels;
  if (flat) labels.number_of("");
  for (std::string& image : images) {
    const Place place = place_of(image);
    if (index.has_splits && place.split == Split::none) {
      strays.add("images outside train/, val/ and test/");
      continue;
    }
    if (!flat && place.label().empty() && (!index.has_splits || with_classes.contains(place.split))) {
      strays.add("images outside the class folders");
      continue;
    }
    Entry& entry = index.entries.emplace_back();
    entry.label = flat ? 0 : labels.number_of(place.label());
    entry.split = place.split;
    entry.id = std::move(image);
  }
  index.labels = labels.take();
  return index;
}

std::unique_ptr<DatasetReader> open_listed(const fs::path& in, TreeListing listing, bool flat,
                                           const OpenOptions& options) {
  const PathMeaning meaning = flat                          ? PathMeaning::flat
                              : options.format == "folders" ? PathMeaning::folders
                                                            : PathMeaning::by_looking;
  DatasetIndex index = index_of_paths(std::move(listing.images), meaning, listing.strays);
  index.broken = std::move(listing.broken);
  index.strays = listing.strays.take();
  if (index.entries.empty() && meaning == PathMeaning::folders)
    throw usage_error(printable(in.native()) + ": has no class folders with images")
        .with_hint("images that lie in it directly are read with --input-format flat");
  finish_index(index, options);
  describe(index);
  return std::make_unique<FolderReader>(in, std::move(index));
}

}  // namespace leaven::io
