// YOLO: images/ and labels/ of the same names (or labels beside the images), with data.yaml or without.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "io/annotated_formats.hpp"
#include "io/file.hpp"
#include "io/image_files.hpp"
#include "io/number_text.hpp"
#include "io/yolo_label_path.hpp"
#include "io/yolo_rows.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLookedAt = 200;  // label files that say what rows look like
constexpr std::size_t kMostLabelFile = 64 << 20;
constexpr std::size_t kGoodToBad = 4;  // without data.yaml: texts beside images may be captions

struct Found {
  YoloConfig config{};
  std::string yaml{};  ///< file name of the configuration; empty: none
  YoloRows rows{};
};

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

/// What some files, where labels would lie, look like.
struct LookedAt {
  std::vector<std::size_t> lengths{};  ///< of the rows of label files
  std::size_t good{}, bad{};           ///< label files, and those that are none or broken
};

LookedAt look_at_labels(const MarkedTree& tree) {
  LookedAt seen;
  for (const std::string& image : some_of(tree.listing.images, kLookedAt)) {
    const auto text = text_file(tree.root / yolo_label_path(image), kMostLabelFile);
    if (!text) continue;
    std::vector<std::size_t> lengths;
    if (looks_like_yolo_labels(*text, lengths)) {
      ++seen.good;
      seen.lengths.insert(seen.lengths.end(), lengths.begin(), lengths.end());
    } else {
      ++seen.bad;
    }
  }
  return seen;
}

/// A broken label file is one sample set aside, not a reason to take the dataset for one without labels.
bool is_yolo(const LookedAt& seen, bool has_config, bool asked_for) {
  if (has_config) return asked_for || seen.good + seen.bad > 0;
  return seen.good > kGoodToBad * seen.bad && (asked_for || !seen.lengths.empty());
}

YoloKind kind_of_rows(const YoloConfig& config, const std::vector<std::size_t>& lengths) {
  if (config.task) return *config.task;
  if (config.keypoints > 0) return YoloKind::pose;
  const auto all = [&](auto holds) { return !lengths.empty() && std::ranges::all_of(lengths, holds); };
  // Four corners and nothing else, everywhere: polygons that people draw are not so alike.
  if (all([](std::size_t n) { return n == 9; })) return YoloKind::obb;
  return lengths.empty() || all([](std::size_t n) { return n <= 6; }) ? YoloKind::detect : YoloKind::segment;
}

/// The configuration nearest to the top; data.yaml before others.
std::optional<std::pair<std::string, YoloConfig>> find_config(const MarkedTree& tree) {
  std::vector<std::string> files;
  for (const std::string& file : tree.containers)
    if (const std::string extension = lower_extension(file); extension == "yaml" || extension == "yml")
      files.push_back(file);
  const auto rank = [](const std::string& file) {
    return std::tuple(std::ranges::count(file, '/'), !file.ends_with("data.yaml") && !file.ends_with("data.yml"), file);
  };
  std::ranges::sort(files, {}, rank);
  for (const std::string& file : files) {
    const auto text = text_file(tree.root / file, 1 << 20);
    if (!text) continue;
    try {
      if (auto config = read_yolo_config(*text, printable(file))) return std::pair(file, std::move(*config));
    } catch (const Error&) {
      if (tree.asked_for || file.ends_with("data.yaml")) throw;
    }
  }
  return std::nullopt;
}

/// Names from a plain list, for datasets without YAML.
std::vector<std::string> names_beside(const fs::path& root) {
  for (const char* file : {"classes.txt", "labels/classes.txt", "obj.names", "train/_darknet.labels", "_darknet.labels",
                           "predefined_classes.txt", "data/obj.names", "obj_train_data/obj.names"})
    if (const auto text = text_file(root / file, 1 << 20)) return listed_names(*text);
  return {};
}

class YoloReader final : public ImageFilesReader {
 public:
  YoloReader(MarkedTree& tree, Found found, const OpenOptions& options)
      : ImageFilesReader(tree.root, index_of_marked(std::move(tree.listing), "yolo")), found_(std::move(found)) {
    leave_out_other_images();
    assign_splits();
    if (found_.config.names.empty()) count_classes();
    fill_categories();
    claim_own_files();
    finish_index(index_, options);
    describe();
  }

  Annotations annotations(const Entry& entry, Size image) const override {
    Annotations marks;
    const std::string path = yolo_label_path(entry.id);
    const auto text = text_file(root_ / path, kMostLabelFile);
    if (!text) return marks;  // a picture of nothing
    Mender mender(image);
    Lines lines(*text);
    for (std::string_view line; lines.next(line);) {
      try {
        read_yolo_row(line, found_.rows, index_.categories.size(), image, mender, marks);
      } catch (Error& error) {
        throw error.with_place(printable(path) + ":" + std::to_string(lines.number()));
      }
    }
    marks.mended = mender.take();
    return marks;
  }

 private:
  /// Plots and previews lie beside images/, not in it.
  void leave_out_other_images() {
    const auto inside = [](const Entry& e) { return with_folder_replaced(e.id, "images", "").has_value(); };
    const auto count = static_cast<std::size_t>(std::ranges::count_if(index_.entries, inside));
    if (2 * count <= index_.entries.size()) return;
    if (const std::size_t others = index_.entries.size() - count; others > 0)
      index_.strays["images outside images/"] += others;
    std::erase_if(index_.entries, [&](const Entry& e) { return !inside(e); });
    index_.has_splits = !index_.entries.empty() && std::ranges::all_of(index_.entries, [](const Entry& e) {
      return split_in_path(e.id) != Split::none;
    });
    if (index_.has_splits)
      for (Entry& e : index_.entries) e.split = split_in_path(e.id);
  }

  /// A place of data.yaml as a path below root: "../train/images" and "/data/set/train/images" as well as they fit.
  std::optional<std::string> below_root(const std::string& place) const {
    std::vector<std::string> parts;
    for (const fs::path& part : fs::path(place).lexically_normal())
      if (part != ".." && part != "." && part != "/" && !part.empty()) parts.push_back(part.native());
    for (std::size_t first = 0; first < parts.size(); ++first) {
      std::string path;
      for (std::size_t i = first; i < parts.size(); ++i) path += (path.empty() ? "" : "/") + parts[i];
      std::error_code error;
      if (fs::exists(root_ / path, error)) return path;
    }
    return parts.empty() ? std::optional<std::string>("") : std::nullopt;
  }

  void assign_splits() {
    std::map<std::string, Split, std::less<>> listed;    // image → split
    std::vector<std::pair<std::string, Split>> folders;  // with '/' at the end
    for (const auto& [split, places] : found_.config.splits)
      for (const std::string& place : places) {
        const auto path = below_root(place);
        if (!path) continue;
        if (lower_extension(*path) == "txt") {
          const std::string text = text_file(root_ / *path).value_or("");
          Lines lines(text);
          for (std::string_view line; lines.next(line);)
            if (const auto image = below_root(std::string(line))) listed.try_emplace(*image, split);
        } else {
          folders.emplace_back(path->empty() ? "" : *path + "/", split);
        }
      }
    std::set<std::string> places;
    for (const auto& [folder, split] : folders) places.insert(folder);
    if (listed.empty() && (folders.empty() || (places.size() == 1 && folders.size() > 1))) return;  // one for all: none
    const auto split_of = [&](const Entry& entry) {
      if (const auto found = listed.find(entry.id); found != listed.end()) return found->second;
      Split split = Split::none;
      std::size_t longest = 0;
      for (const auto& [folder, its] : folders)
        if (entry.id.starts_with(folder) && (split == Split::none || folder.size() > longest)) {
          split = its;
          longest = folder.size();
        }
      return split;
    };
    std::vector<Split> splits;
    for (const Entry& entry : index_.entries) splits.push_back(split_of(entry));
    const auto known = std::ranges::count_if(splits, [](Split s) { return s != Split::none; });
    if (known == 0) return;  // the file speaks of another place; folders' names tell what they can
    lists_ = !listed.empty();
    index_.has_splits = true;
    for (std::size_t i = 0; i < splits.size(); ++i) index_.entries[i].split = splits[i];
    if (const auto left = std::erase_if(index_.entries, [](const Entry& e) { return e.split == Split::none; });
        left > 0)
      index_.strays["images that " + found_.yaml + " does not list"] += left;
  }

  /// Label files and data.yaml are no strays.
  void claim_own_files() {
    const auto labels =
        std::ranges::count_if(index_.entries, [&](const Entry& e) { return is_file(root_ / yolo_label_path(e.id)); });
    claim_strays(index_, "*.txt", static_cast<std::uint64_t>(labels));
    if (!found_.yaml.empty()) claim_strays(index_, "*" + fs::path(found_.yaml).extension().string(), 1);
  }

  /// Without any list of names, classes are called by their numbers.
  void count_classes() {
    long long most = -1;
    for (const Entry& entry : index_.entries) {
      const auto text = text_file(root_ / yolo_label_path(entry.id), kMostLabelFile);
      if (!text) continue;
      Lines lines(*text);
      for (std::string_view line; lines.next(line);)
        if (const auto words = words_of(line); !words.empty())
          if (const auto n = whole_number(words[0])) most = std::max(most, std::min(*n, 100'000LL));
    }
    for (long long n = 0; n <= most; ++n) found_.config.names.push_back(std::to_string(n));
  }

  void fill_categories() {
    const YoloConfig& config = found_.config;
    for (const std::string& name : config.names) {
      Category category;
      category.name = name;
      category.keypoints = config.keypoint_names;
      for (std::size_t k = category.keypoints.size(); k < config.keypoints; ++k)
        category.keypoints.push_back("keypoint_" + std::to_string(k));
      category.mirrored = config.flip_index.empty() ? mirrored_by_name(config.keypoint_names) : config.flip_index;
      index_.categories.push_back(std::move(category));
    }
    const YoloKind kind = found_.rows.kind;
    index_.marks.boxes = kind != YoloKind::obb;
    index_.marks.rotated = kind == YoloKind::obb;
    index_.marks.outlines = kind == YoloKind::segment;
    index_.marks.keypoints = kind == YoloKind::pose;
    index_.dialect = nlohmann::json{
        {"yaml", found_.yaml},
        {"kind", name_of(kind)},
        {"dimensions", found_.rows.dimensions},
        {"task", config.task.has_value()},
        {"lists",
         lists_}}.dump();
  }

  void describe() {
    index_.description = "YOLO " + std::string(name_of(found_.rows.kind)) + ", " + describe_marked(index_);
    const auto bare =
        std::ranges::count_if(index_.entries, [&](const Entry& e) { return !is_file(root_ / yolo_label_path(e.id)); });
    if (bare > 0)
      index_.description += ", " + counted(static_cast<std::uint64_t>(bare), "", "") + "of them without labels";
  }

  Found found_;
  bool lists_{};  ///< splits are told by lists of images
};

}  // namespace

std::string yolo_label_path(std::string_view image) {
  const std::string path = with_folder_replaced(image, "images", "labels").value_or(std::string(image));
  return std::string(without_extension(path)) + ".txt";
}

std::unique_ptr<DatasetReader> open_yolo(MarkedTree& tree, const OpenOptions& options) {
  if (tree.listing.images.empty()) return nullptr;
  Found found;
  auto config = find_config(tree);
  const LookedAt seen = look_at_labels(tree);
  if (!is_yolo(seen, config.has_value(), tree.asked_for)) return nullptr;
  if (config) {
    found.yaml = config->first;
    found.config = std::move(config->second);
  } else {
    found.config.names = names_beside(tree.root);
  }
  found.rows = {kind_of_rows(found.config, seen.lengths), found.config.keypoints, found.config.dimensions};
  return std::make_unique<YoloReader>(tree, std::move(found), options);
}

}  // namespace leaven::io
