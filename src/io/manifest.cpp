// A CSV that names image files and their labels: path,label with or without a header, and any further columns, which go
// along.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/error.hpp"
#include "core/utf8.hpp"
#include "io/dataset_formats.hpp"
#include "io/file.hpp"
#include "io/manifest_columns.hpp"
#include "io/manifest_label.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kNone = ManifestShape::kNone;

/// The path as an id: inside the tree, whatever the manifest says. "../photos/a.jpg" and "/photos/a.jpg" become
/// "photos/a.jpg".
std::string id_of_path(const std::string& path) {
  std::string id;
  for (const fs::path& part : fs::path(path).lexically_normal())
    if (part != ".." && part != "." && part != "/" && !part.empty()) id += (id.empty() ? "" : "/") + part.native();
  return id;
}

class ManifestReader final : public DatasetReader {
 public:
  ManifestReader(const fs::path& csv, const fs::path& in, const OpenOptions& options)
      : csv_(csv),
        root_(csv.has_parent_path() ? csv.parent_path() : fs::path(".")),
        in_(fs::is_directory(in) ? in : root_) {
    const auto columns = manifest_columns(csv_, {root_, in_}, options);
    if (!columns)
      throw usage_error(printable(csv.native()) + ": names no image files that are there")
          .with_hint("a column path with files beside it; or path_column (in a recipe under source:) names another");
    read_rows(*columns);
    if (fs::is_directory(in)) count_what_is_not_listed();
    rows_by_id_.clear();
    index_.format = "csv";
    index_.manifest = columns->shape;
    finish_index(index_, options);
    describe();
  }

  const DatasetIndex& index() const override { return index_; }
  SourceImage read(const Entry& entry) const override {
    try {
      return image_file(read_file(path_of(entry)));
    } catch (Error& error) {
      throw error.with_sample(entry.id);
    }
  }
  std::optional<fs::path> file_of(const Entry& entry) const override { return path_of(entry); }
  bool stores_pixels() const override { return false; }
  std::string row_of(const Entry& entry) const override { return csv_.read_text(entry.offset, entry.size); }

 private:
  // Entry::container: 0 the file lies in root_ under the id, 1 in in_, from 2 on it is elsewhere_[container - 2].
  fs::path path_of(const Entry& entry) const {
    if (entry.container == 0) return root_ / entry.id;
    if (entry.container == 1) return in_ / entry.id;
    return elsewhere_[entry.container - 2];
  }

  std::string place_of(const CsvRow& row) const {
    return printable(csv_.path().filename().native()) + ":" + std::to_string(row.line);
  }

  void add_broken(const CsvRow& row, const std::string& path, std::string reason) {
    index_.broken.push_back({place_of(row) + (path.empty() ? "" : ": " + printable(path)), std::move(reason)});
  }

  void read_rows(const ManifestColumns& columns) {
    CsvScanner scanner(csv_, columns.dialect);
    CsvRow row;
    if (!columns.shape.header.empty()) scanner.next_filled(row);
    ManifestLabels labels(columns.label_says_number);
    while (scanner.next_filled(row)) add_row(row, columns, labels);
    const bool labelled = columns.shape.label != kNone || !columns.classes.empty();
    index_.label_kind = labelled ? labels.kind() : LabelKind::none;
    index_.has_splits = columns.shape.split != kNone;
    settle_labels(labels);
  }

  /// The names of the columns that hold a 1; nothing where one holds what is neither 1 nor 0.
  static std::optional<std::string> marked_classes(const CsvRow& row, const ManifestColumns& columns) {
    std::string marked;
    for (const auto& [column, name] : columns.classes) {
      const std::string text = csv_value(row.cells[column]);
      const std::string_view cell = without_blanks(text);
      if (cell == "1" || cell == "1.0") marked += (marked.empty() ? "" : ";") + name;
      else if (cell != "0" && cell != "0.0") return std::nullopt;
    }
    return marked;
  }

  void add_row(const CsvRow& row, const ManifestColumns& columns, ManifestLabels& labels) {
    const ManifestShape& shape = columns.shape;
    if (row.cells.size() != shape.columns)
      return add_broken(row, "",
                        "has " + counted(row.cells.size(), "cell", "cells") + ", the first line has " +
                            std::to_string(shape.columns));
    const auto text = [&](std::size_t column) {
      return column == kNone ? std::string() : std::string(without_blanks(csv_value(row.cells[column])));
    };
    const std::string path = text(shape.path);
    if (path.empty()) return add_broken(row, "", "names no file");
    const auto marked = marked_classes(row, columns);
    if (!marked) return add_broken(row, path, "a column of a class must hold 0 or 1");
    const std::string label = columns.classes.empty() ? text(shape.label) : *marked;
    if (!is_utf8(path) || !is_utf8(label)) return add_broken(row, path, "is no valid UTF-8");
    Entry entry{.offset = row.offset, .size = row.raw.size()};
    if (!locate(row, path, entry)) return;
    if (shape.split != kNone) {
      const auto split = split_from(text(shape.split));
      if (!split)
        return add_broken(row, path, "its split must be train, val or test, got " + printable(text(shape.split)));
      entry.split = *split;
    }
    entry.label = labels.add(label);
    if (is_taken_by_another_file(entry)) {
      keep_path(entry, path_of(entry));
      do entry.id.insert(0, "_");
      while (is_taken_by_another_file(entry));
    }
    const auto [known, is_new] =
        rows_by_id_.try_emplace(entry.id, static_cast<std::uint32_t>(index_.entries.size()), row.line);
    if (is_new) {
      index_.entries.push_back(std::move(entry));
    } else if (index_.entries[known->second.first].label == entry.label) {
      ++index_.strays["repeated rows of the manifest"];
    } else {
      add_broken(row, path, "has another label than in line " + std::to_string(known->second.second));
    }
  }

  /// Fills id and container, or says why the file cannot be a sample.
  bool locate(const CsvRow& row, const std::string& cell, Entry& entry) {
    const auto file = ManifestPlaces{root_, in_}.find(cell);
    if (!file) {
      add_broken(row, cell, "it does not exist");
      return false;
    }
    std::error_code error;
    const fs::file_status status = fs::status(*file, error);
    if (!fs::is_regular_file(status)) {
      add_broken(row, cell, fs::is_directory(status) ? "a folder, not an image file" : "a dangling link");
      return false;
    }
    if (::access(file->c_str(), R_OK) != 0) {
      add_broken(row, cell, reason_of(errno));
      return false;
    }
    entry.id = id_of_path(cell);
    if (entry.id == cell || "./" + entry.id == cell) {
      entry.container = file->native() == (root_ / cell).native() ? 0 : 1;
    } else {
      keep_path(entry, *file);
    }
    return true;
  }

  /// For a file whose path its id does not tell.
  void keep_path(Entry& entry, fs::path file) {
    if (entry.container < 2) entry.container = static_cast<std::uint32_t>(elsewhere_.size() + 2), elsewhere_.emplace_back();
    elsewhere_[entry.container - 2] = std::move(file);
  }

  /// "../a/x.jpg" and "../../a/x.jpg" would have one name.
  bool is_taken_by_another_file(const Entry& entry) const {
    const auto known = rows_by_id_.find(entry.id);
    if (known == rows_by_id_.end()) return false;
    return path_of(index_.entries[known->second.first]).lexically_normal() != path_of(entry).lexically_normal();
  }

  void count_what_is_not_listed() {
    TreeListing listing = list_tree(root_);
    const auto unlisted =
        std::ranges::count_if(listing.images, [&](const std::string& id) { return !rows_by_id_.contains(id); });
    for (const auto& [kind, count] : listing.strays.take()) index_.strays[kind] += count;
    const auto own = index_.strays.find("*." + lower_extension(csv_.path().native()));
    if (own != index_.strays.end() && --own->second == 0) index_.strays.erase(own);
    if (unlisted > 0) index_.strays["images that the manifest does not list"] = static_cast<std::uint64_t>(unlisted);
  }

  /// Only after the last row it is known what kind the labels are.
  void settle_labels(ManifestLabels& labels) {
    const std::vector<std::string> texts = labels.take();
    LabelTable table;
    std::vector<std::uint32_t> numbers;
    for (const std::string& text : texts)
      numbers.push_back(
          table.number_of(index_.label_kind == LabelKind::categories ? canonical_categories(text) : text));
    std::erase_if(index_.entries, [&](Entry& entry) {
      const std::string& text = texts[entry.label];
      const bool missing = index_.label_kind == LabelKind::number && is_no_value(text);
      if (missing) index_.broken.push_back({entry.id, "has no target value" + (text.empty() ? text : ", but " + printable(text))});
      entry.label = numbers[entry.label];
      return missing;
    });
    index_.labels = table.take();
    if (index_.labels.empty()) index_.labels.emplace_back();
  }

  void describe() {
    const auto named = std::ranges::count_if(index_.labels, [](const std::string& label) { return !label.empty(); });
    const std::string classes = counted(static_cast<std::uint64_t>(named), "class", "classes");
    index_.description = "CSV manifest " + printable(csv_.path().filename().native()) + ", ";
    if (index_.has_splits) index_.description += describe_splits(index_) + ", ";
    switch (index_.label_kind) {
      case LabelKind::category: index_.description += classes + ", "; break;
      case LabelKind::categories: index_.description += "several labels an image, "; break;
      case LabelKind::number: index_.description += "numeric targets, "; break;
      case LabelKind::none: index_.description += "no labels, "; break;
    }
    index_.description += counted(index_.entries.size(), "image", "images");
  }

  InputFile csv_;
  fs::path root_, in_;
  DatasetIndex index_;
  std::vector<fs::path> elsewhere_;
  std::unordered_map<std::string, std::pair<std::uint32_t, std::uint64_t>>
      rows_by_id_;  ///< entry and line, while reading
};

}  // namespace

std::vector<std::string> manifest_files(const Candidates& candidates, const OpenOptions& options) {
  std::vector<std::string> found;
  for (const std::string& file : candidates.files) {
    const std::string extension = lower_extension(file);
    if (file.find('/') != std::string::npos || (extension != "csv" && extension != "tsv")) continue;
    try {
      const InputFile csv(candidates.path(file));
      if (manifest_columns(csv, {candidates.root, candidates.root}, options)) found.push_back(file);
    } catch (const Error& error) {
      if (error.fault() == Fault::usage && options.format == "csv") throw;  // else no CSV that we can read: not recognised as ours
    }
  }
  return found;
}

std::unique_ptr<DatasetReader> open_manifest(const fs::path& csv, const fs::path& in, const OpenOptions& options) {
  return std::make_unique<ManifestReader>(csv, in, options);
}

}  // namespace leaven::io
