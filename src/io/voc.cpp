// Pascal VOC: Annotations/ with an XML for each image of JPEGImages/ (or XML beside the images), splits in
// ImageSets/Main.
#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "io/annotated_formats.hpp"
#include "io/csv_rows.hpp"
#include "io/file.hpp"
#include "io/image_files.hpp"
#include "io/number_text.hpp"
#include "io/voc_annotation.hpp"
#include "io/voc_label_path.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLookedAt = 50;
constexpr std::uint64_t kMostXml = 16 << 20;
constexpr std::array<std::string_view, 6> kFrom{"JPEGImages", "images", "Images", "image", "imgs", "JPEGImage"};
constexpr std::array<std::string_view, 7> kTo{
    "Annotations", "annotations", "annotations/xmls", "Annotation", "annotation", "xmls", "labels"};

/// The rule that most of some images follow.
std::optional<VocRule> find_rule(const MarkedTree& tree) {
  std::vector<VocRule> rules{{"", ""}};
  for (const std::string_view from : kFrom)
    for (const std::string_view to : kTo) rules.push_back({std::string(from), std::string(to)});
  std::optional<VocRule> best;
  std::size_t most = 0;
  for (const VocRule& rule : rules) {
    std::size_t count = 0;
    for (const std::string& image : some_of(tree.listing.images, kLookedAt)) {
      const auto path = voc_label_path(rule, image);
      std::error_code error;
      if (path && fs::is_regular_file(tree.root / *path, error)) ++count;
    }
    if (count > most) {
      most = count;
      best = rule;
    }
  }
  return best;
}

class VocReader final : public ImageFilesReader {
 public:
  VocReader(MarkedTree& tree, const VocRule& rule, const OpenOptions& options)
      : ImageFilesReader(tree.root, index_of_marked(std::move(tree.listing), "voc")),
        files_{root_, [rule](std::string_view image) { return voc_label_path(rule, image); }, kMostXml} {
    read_names();
    assign_splits();
    for (const std::string& name : names_) index_.categories.push_back({name, {}, {}, {}});
    index_.marks.boxes = true;
    index_.dialect =
        nlohmann::json{{"from", rule.from}, {"to", rule.to}, {"lists", lists_}, {"trainval", trainval_}}.dump();
    finish_index(index_, options);
    index_.description = "Pascal VOC, " + describe_marked(index_) + ", " + counted(objects_, "object", "objects");
  }

  /// How many XML files were VOC's.
  std::size_t readable() const { return readable_; }

  Annotations annotations(const Entry& entry, Size image) const override {
    return files_.of(entry.id, [&](std::string_view text) {
      return as_seen(entry, image, voc_size(text), [&](Size size) { return read_voc(text, names_, size); });
    });
  }

 private:
  /// The classes are those that objects name.
  void read_names() {
    std::set<std::string> names;
    readable_ = files_.keep_annotated(index_, [&](std::string_view text) {
      for (std::string& name : voc_names(text)) {
        names.insert(std::move(name));
        ++objects_;
      }
    });
    names_.assign(names.begin(), names.end());
    const std::uint64_t others = claim_strays(index_, "*.xml", index_.entries.size());
    if (others == 0) return;
    index_.strays["annotation files without their image"] += others;
    index_.strays.erase("*.xml");
  }

  void assign_splits() {
    std::map<std::string, Split, std::less<>> listed;
    std::uint64_t lists = 0;
    for (const Split split : {Split::train, Split::val, Split::test}) {
      const auto text = text_file(root_ / "ImageSets" / "Main" / (std::string(name_of(split)) + ".txt"));
      if (!text) continue;
      ++lists;
      Lines lines(*text);
      for (std::string_view line; lines.next(line);)
        if (!without_blanks(line).empty()) listed.try_emplace(std::string(without_blanks(line)), split);
    }
    if (listed.empty()) return;
    std::error_code error;
    trainval_ = fs::is_regular_file(root_ / "ImageSets" / "Main" / "trainval.txt", error);
    claim_strays(index_, "*.txt", lists + trainval_);
    lists_ = index_.has_splits = true;
    const auto outside = std::erase_if(index_.entries, [&](Entry& entry) {
      const std::string_view stem = without_extension(below_image_folders(entry.id));
      const auto found = listed.find(stem);
      entry.split = found == listed.end() ? Split::none : found->second;
      return entry.split == Split::none;
    });
    if (outside > 0) index_.strays["images that ImageSets/Main does not list"] += outside;
  }

  AnnotationFiles files_;
  std::vector<std::string> names_;
  std::uint64_t objects_{};
  std::size_t readable_{};
  bool lists_{}, trainval_{};
};

}  // namespace

std::optional<std::string> voc_label_path(const VocRule& rule, std::string_view image) {
  if (rule.from.empty()) return std::string(without_extension(image)) + ".xml";
  const auto path = with_folder_replaced(image, rule.from, rule.to);
  if (!path) return std::nullopt;
  return std::string(without_extension(*path)) + ".xml";
}

std::unique_ptr<DatasetReader> open_voc(MarkedTree& tree, const OpenOptions& options) {
  auto rule = find_rule(tree);
  if (!rule) return nullptr;
  TreeListing kept = tree.listing;
  auto reader = std::make_unique<VocReader>(tree, *rule, options);
  if (reader->readable() > 0 || tree.asked_for) return reader;
  tree.listing = std::move(kept);  // XML of another kind
  return nullptr;
}

}  // namespace leaven::io
