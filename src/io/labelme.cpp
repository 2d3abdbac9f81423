// LabelMe: a JSON of shapes for each image, beside it or in a folder of its own.
#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.hpp"
#include "io/annotated_formats.hpp"
#include "io/file.hpp"
#include "io/file_tree.hpp"
#include "io/image_files.hpp"
#include "io/labelme_annotation.hpp"
#include "io/layout_fit.hpp"
#include "io/writer_layouts.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLookedAt = 50;
constexpr std::uint64_t kMostJson = 256 << 20;
constexpr std::array<std::string_view, 5> kFrom{"images", "Images", "image", "imgs", "img"};
constexpr std::array<std::string_view, 6> kTo{"labels", "annotations", "json", "jsons", "labelme", "label"};

/// In the folder `to` where the image has `from`; beside it without folders.
struct LabelmeRule {
  std::string from{}, to{};
};

std::optional<std::string> json_path(const LabelmeRule& rule, std::string_view image) {
  if (rule.from.empty()) return std::string(without_extension(image)) + ".json";
  const auto path = with_folder_replaced(image, rule.from, rule.to);
  if (!path) return std::nullopt;
  return std::string(without_extension(*path)) + ".json";
}

bool is_labelme(const fs::path& path) {
  try {
    const auto text = text_file(path, kMostJson);
    return text && (labelme_shapes(*text), true);
  } catch (const Error&) {
    return false;
  }
}

std::optional<LabelmeRule> find_rule(const MarkedTree& tree) {
  std::vector<LabelmeRule> rules{{}};
  for (const std::string_view from : kFrom)
    for (const std::string_view to : kTo) rules.push_back({std::string(from), std::string(to)});
  for (const LabelmeRule& rule : rules)
    for (const std::string& image : some_of(tree.listing.images, kLookedAt))
      if (const auto path = json_path(rule, image); path && is_labelme(tree.root / *path)) return rule;
  return std::nullopt;
}

class LabelmeReader final : public ImageFilesReader {
 public:
  LabelmeReader(MarkedTree& tree, const LabelmeRule& rule, const OpenOptions& options)
      : ImageFilesReader(tree.root, index_of_marked(std::move(tree.listing), "labelme")),
        files_{root_, [rule](std::string_view image) { return json_path(rule, image); }, kMostJson} {
    read_categories();
    index_.dialect = nlohmann::json{{"from", rule.from}, {"to", rule.to}}.dump();
    finish_index(index_, options);
    index_.description = "LabelMe, " + describe_marked(index_) + ", " + counted(shapes_, "shape", "shapes");
  }

  Annotations annotations(const Entry& entry, Size image) const override {
    return files_.of(entry.id, [&](std::string_view text) {
      return as_seen(entry, image, labelme_size(text), [&](Size size) { return read_labelme(text, index_.categories, size); });
    });
  }

 private:
  /// The classes are the labels of shapes, and their keypoints' names those of the points that are grouped with them, in the
  /// order in which they come first.
  void read_categories() {
    std::map<std::string, std::vector<std::string>> keypoints;
    files_.keep_annotated(index_, [&](std::string_view text) {
      const std::vector<LabelmeShape> shapes = labelme_shapes(text);
      const auto owners = labelme_owners(shapes);
      for (std::size_t i = 0; i < shapes.size(); ++i) {
        ++shapes_;
        note(shapes[i].type);
        std::vector<std::string>& names = keypoints[shapes[owners[i].value_or(i)].label];
        if (owners[i] && std::ranges::find(names, shapes[i].label) == names.end()) names.push_back(shapes[i].label);
      }
    });
    for (auto& [name, its] : keypoints) index_.categories.push_back({name, its, mirrored_by_name(its), {}});
    claim_strays(index_, "*.json", index_.entries.size());
  }

  void note(const std::string& type) {
    Marks& marks = index_.marks;
    if (type == "rectangle")
      marks.boxes = true;
    else if (type == "mask")
      marks.masks = true;
    else if (type == "line" || type == "linestrip")
      marks.lines = true;
    else if (type == "point" || type == "points")
      marks.keypoints = true;
    else
      marks.outlines = true;
  }

  AnnotationFiles files_;
  std::uint64_t shapes_{};
};

class LabelmeWriter final : public DatasetWriter {
 public:
  LabelmeWriter(const fs::path& out, const WriterOptions& options) : tree_(out, options), options_(options) {
    own_ = options.input_format == "labelme" && !options.dialect.empty();
    if (!own_) return;
    const auto own = nlohmann::json::parse(options.dialect);
    rule_ = {own.at("from"), own.at("to")};
  }

  void store(OutputItem& item) override {
    if (item.annotations) {
      const auto path = json_path(rule_, item.id);
      if (!path) throw bug("an image lies where it can have no annotations: " + item.id);
      const std::string image = fs::path(item.id).lexically_relative(fs::path(*path).parent_path()).generic_string();
      const std::string text =
          write_labelme(instances_of(*item.annotations, options_.categories.size()),
                        own_ ? item.annotations->extra : "", {image, item.image, own_ && item.copy == 0},
                        options_.categories);
      tree_.write(*path, text);
    }
    item.annotations.reset();
    tree_.store(item);
  }

  std::string commit(OutputItem&&) override { return "{}"; }
  void resume(const std::string&) override {}
  void finish() override {}

 private:
  FileTree tree_;
  WriterOptions options_;
  LabelmeRule rule_;
  bool own_{};
};

}  // namespace

std::unique_ptr<DatasetReader> open_labelme(MarkedTree& tree, const OpenOptions& options) {
  auto rule = find_rule(tree);
  if (!rule) return nullptr;
  return std::make_unique<LabelmeReader>(tree, *rule, options);
}

std::unique_ptr<DatasetWriter> open_labelme_writer(const fs::path& out, const WriterOptions& options) {
  return std::make_unique<LabelmeWriter>(out, options);
}

}  // namespace leaven::io
