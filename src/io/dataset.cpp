// Which format a folder or file is, and opening it.
#include "io/dataset.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "io/annotated_formats.hpp"
#include "io/columnar.hpp"
#include "io/dataset_formats.hpp"
#include "io/file.hpp"
#include "io/frames.hpp"
#include "io/series_formats.hpp"
#include "io/table_file.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

using Reader = std::unique_ptr<DatasetReader>;

constexpr std::array kFormats{std::string_view("folders"), std::string_view("flat"),  std::string_view("frames"),
                              std::string_view("csv"),     std::string_view("cifar"), std::string_view("idx"),
                              std::string_view("npz"),     std::string_view("webdataset")};
using OpenMarked = Reader (*)(MarkedTree&, const OpenOptions&);
/// In the order in which they are looked for: the surer by its content comes first.
using MarkedFormat = std::pair<std::string_view, OpenMarked>;
constexpr std::array kMarkedFormats{MarkedFormat{"coco", &open_coco}, MarkedFormat{"yolo", &open_yolo},
                                    MarkedFormat{"voc", &open_voc}, MarkedFormat{"labelme", &open_labelme},
                                    MarkedFormat{"masks", &open_masks}, MarkedFormat{"boxes", &open_boxes}};

std::string formats_text() {
  std::string text;
  for (const std::string_view format : input_formats()) text += (text.empty() ? "" : ", ") + std::string(format);
  return text;
}

Error nothing_readable(const fs::path& in, const std::vector<NotASample>& broken) {
  return usage_error(printable(in.native()) +
                     ": holds no image that can be read: " + counted(broken.size(), "broken one", "broken ones") +
                     ", the first " + broken.front().path + ": " + broken.front().reason);
}

Error nothing_here(const fs::path& in, const TreeListing& listing) {
  if (!listing.broken.empty()) return nothing_readable(in, listing.broken);
  std::string seen;
  for (const auto& [kind, count] : listing.strays.counts())
    seen += (seen.empty() ? "" : ", ") + counted(count, kind, kind);
  const std::string name = printable(in.native());
  if (seen.empty()) return usage_error(name + ": is empty");
  for (const char* kind : {"*.parquet", "*.arrow", "*.feather"})
    if (listing.strays.counts().contains(kind))
      return usage_error(name + ": holds nothing that the program reads; seen: " + seen).with_hint(kColumnarHint);
  return usage_error(name + ": holds nothing that Leaven reads; seen: " + seen)
      .with_hint(
          "it reads " + readable_formats() + " files in class folders, flat or listed in a CSV, CIFAR and MNIST "
          "files, NPZ, and WebDataset tars");
}

Error nothing_in(const fs::path& in, const DatasetIndex& index) {
  if (!index.broken.empty()) return nothing_readable(in, index.broken);
  return usage_error(printable(in.native()) + ": holds no samples; detected: " + index.description);
}

Error not_of_format(const fs::path& in, const std::string& format) {
  return usage_error(printable(in.native()) + ": is no dataset of format " + format)
      .with_hint("leave --input-format out to have it detected");
}

Reader open_single_image(const fs::path& in, const OpenOptions& options) {
  TreeListing listing;
  listing.images.push_back(in.filename().native());
  return open_listed(in.has_parent_path() ? in.parent_path() : fs::path("."), std::move(listing), true, options);
}

Reader open_frames_in(const fs::path& in, const OpenOptions& options) {
  if (fs::is_directory(in)) return open_frames(in, list_tree(in), options);
  TreeListing listing;
  listing.images.push_back(in.filename().native());
  return open_frames(in.has_parent_path() ? in.parent_path() : fs::path("."), std::move(listing), options);
}

Candidates picked(const Candidates& all, std::vector<std::string> files) { return {all.root, std::move(files)}; }

Reader open_container(std::string_view format, const Candidates& all, bool asked_for, const OpenOptions& options) {
  const auto open_if_any = [&](std::vector<std::string> files, auto open) -> Reader {
    return files.empty() ? nullptr : open(picked(all, std::move(files)), options);
  };
  if (format == "cifar") return open_if_any(cifar_files(all, asked_for), open_cifar);
  if (format == "idx") return open_if_any(idx_files(all), open_idx);
  if (format == "webdataset") return open_if_any(webdataset_files(all), open_webdataset);
  if (format == "npz") return open_if_any(npz_files(all), open_npz);
  if (format == "series_npz") return open_if_any(all.files, open_series_npz);
  if (is_series_format(format)) return open_if_any(series_files(all, format), open_series);
  return nullptr;
}

Reader open_csv_of(const fs::path& in, const Candidates& all, const OpenOptions& options) {
  if (!fs::is_directory(in))
    return looks_like_table(in) && options.format.empty() ? nullptr : open_manifest(in, in, options);
  const std::vector<std::string> lists = manifest_files(all, options);
  if (lists.size() > 1 && options.format == "csv")
    throw usage_error(printable(all.root.native()) + ": holds more than one manifest: " + lists[0] + ", " + lists[1])
        .with_hint("give the CSV itself as the input");
  return lists.size() == 1 ? open_manifest(all.path(lists.front()), in, options) : nullptr;
}

Reader open_tree(const fs::path& in, TreeListing listing, const OpenOptions& options) {
  if (listing.images.empty()) throw nothing_here(in, listing);
  return open_listed(in, std::move(listing), options.format == "flat", options);
}

/// A folder that names a split is no mere packaging for marked images.
MarkedTree marked_tree(const fs::path& in, const Candidates& all, bool asked_for) {
  fs::path root = in, inner;
  for (const fs::path& part : all.root.lexically_relative(in)) {
    if (part == ".") continue;
    if (!inner.empty() || split_from(part.native())) inner /= part;
    else root /= part;
  }
  MarkedTree tree{root, {}, list_tree(root), asked_for};
  for (const std::string& file : all.files) tree.containers.push_back((inner / file).native());
  return tree;
}

/// A file that describes a dataset: its images lie below the file's folder, or beside that folder.
Reader open_described(const fs::path& in, const OpenOptions& options) {
  const fs::path file = fs::absolute(in).lexically_normal(), folder = file.parent_path();
  for (const fs::path& root : {folder, folder.parent_path()}) {
    MarkedTree tree = marked_tree(root, {root, {file.lexically_relative(root).native()}}, true);
    for (const auto& [format, open] : kMarkedFormats) {
      if (!options.format.empty() && options.format != format) continue;
      Reader reader = open(tree, options);
      if (reader && !reader->index().entries.empty()) return reader;
    }
  }
  return nullptr;
}

Reader open_as(const fs::path& in, const OpenOptions& options) {
  Reader reader;
  const auto* marked = std::ranges::find(kMarkedFormats, options.format, &MarkedFormat::first);
  if (marked != kMarkedFormats.end()) {
    if (!fs::is_directory(in)) {
      reader = open_described(in, options);
    } else {
      MarkedTree tree = marked_tree(in, candidates_in(in), true);
      reader = marked->second(tree, options);
    }
  } else if (options.format == "frames") {
    reader = open_frames_in(in, options);
  } else if (options.format == "folders" || options.format == "flat") {
    if (fs::is_directory(in)) reader = open_tree(in, list_tree(in), options);
  } else {
    const Candidates all = candidates_in(in);
    reader =
        options.format == "csv" ? open_csv_of(in, all, options) : open_container(options.format, all, true, options);
  }
  if (!reader) throw not_of_format(in, options.format);
  return reader;
}

Reader detect_file(const fs::path& in, const OpenOptions& options) {
  if (looks_like_series(in)) return open_series(candidates_in(in), options);
  const std::string name = in.filename().native();
  if (has_image_extension(name)) return open_single_image(in, options);
  const std::string extension = lower_extension(name);
  if (extension == "csv" || extension == "tsv") {
    if (Reader reader = open_csv_of(in, {}, options)) return reader;
    throw usage_error(printable(in.native()) + ": is a table that names no image files");
  }
  if (extension == "json" || extension == "yaml" || extension == "yml") {
    if (Reader reader = open_described(in, options)) return reader;
  }
  for (const char* format : {"cifar", "idx", "webdataset", "npz"})
    if (Reader reader = open_container(format, candidates_in(in), true, options)) return reader;
  if (const auto format = columnar_format(in))
    throw usage_error(printable(in.native()) + ": is a file of " + std::string(*format) + ", which the program does not read")
        .with_hint(kColumnarHint);
  throw usage_error(printable(in.native()) + ": is no dataset that Leaven knows")
      .with_hint("--input-format takes " + formats_text());
}

std::uint64_t bytes_of(const fs::path& root, const std::vector<std::string>& files) {
  std::uint64_t sum = 0;
  for (const std::string& file : files) {
    std::error_code error;
    const auto size = fs::file_size(root / file, error);
    if (!error) sum += size;
  }
  return sum;
}

/// A list without labels, or of a few images among many, does not speak for class folders that it lies in.
bool speaks_for_the_folder(const DatasetIndex& manifest, const DatasetIndex& tree) {
  if (tree.label_kind == LabelKind::none) return true;
  return manifest.label_kind != LabelKind::none && 2 * manifest.entries.size() >= tree.entries.size();
}

/// What is certain by its content comes first; a stray picture beside tars, or a backup.tar beside pictures, must not
/// decide what the folder is.
Reader detect(const fs::path& in, const OpenOptions& options) {
  if (!fs::is_directory(in)) return detect_file(in, options);
  const Candidates all = candidates_in(in);
  MarkedTree marked = marked_tree(in, all, false);
  for (const auto& [name, open] : kMarkedFormats)
    if (Reader reader = open(marked, options)) return reader;
  if (auto series = series_files(all, {}); !series.empty()) return open_series(picked(all, std::move(series)), options);
  Reader manifest = open_csv_of(in, all, options);
  if (!manifest)
    for (const char* format : {"cifar", "idx"})
      if (Reader reader = open_container(format, all, false, options)) return reader;
  TreeListing listing = marked.root == in ? std::move(marked.listing) : list_tree(in);
  if (manifest) {
    if (listing.images.empty()) return manifest;
    TreeListing told = listing;
    if (speaks_for_the_folder(manifest->index(), open_tree(in, std::move(listing), options)->index())) return manifest;
    const std::string name = printable(manifest->index().manifest->name);
    told.strays.name(name, name + " (it lists some images; --input-format csv goes by it)");
    return open_tree(in, std::move(told), options);
  }
  for (const std::string& list : manifest_files(all, options))
    listing.strays.name(list, printable(list) + " (it lists images; given as the input, it is gone by)");
  const auto in_folders = [](const std::string& image) { return image.find('/') != std::string::npos; };
  if (std::ranges::none_of(listing.images, in_folders)) {
    const std::uint64_t images = bytes_of(in, listing.images);
    for (const auto& [format, files] : {std::pair("webdataset", webdataset_files(all)), {"npz", npz_files(all)}})
      if (!files.empty() && bytes_of(all.root, files) > images) return open_container(format, all, false, options);
  }
  return open_tree(in, std::move(listing), options);
}

}  // namespace

std::vector<std::string_view> input_formats() {
  std::vector<std::string_view> names(kFormats.begin(), kFormats.end());
  for (const auto& [name, open] : kMarkedFormats) names.push_back(name);
  names.insert(names.end(), kSeriesFormats.begin(), kSeriesFormats.end());
  return names;
}

std::unique_ptr<DatasetReader> open_dataset(const fs::path& in, const OpenOptions& options) {
  const auto known = input_formats();
  if (!options.format.empty() && std::ranges::find(known, options.format) == known.end())
    throw usage_error("input format must be one of " + formats_text() + ", got " + options.format);
  std::error_code error;
  const fs::file_status status = fs::status(in, error);
  if (!fs::exists(status))
    throw usage_error(printable(in.native()) + ": " + (error ? reason_of(error.value()) : "it does not exist"));
  if (!fs::is_directory(status) && !fs::is_regular_file(status))
    throw usage_error(printable(in.native()) + ": is neither a folder nor a file");
  Reader reader = options.format.empty() ? detect(in, options) : open_as(in, options);
  if (reader->index().entries.empty()) throw nothing_in(in, reader->index());
  return reader;
}

}  // namespace leaven::io
