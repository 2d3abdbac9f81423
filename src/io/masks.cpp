// Folders of images and of masks: images/ and masks/ (or labels/, annotations/, …) with the same stems, or masks beside
// the images as "<stem>_mask.png". Numbers in masks are labels and stay as they are.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "io/annotated_formats.hpp"
#include "io/file.hpp"
#include "io/frame.hpp"
#include "io/image_files.hpp"
#include "io/mask_path.hpp"
#include "io/number_text.hpp"
#include "io/png_labels.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 8> kImageFolders{"images",     "image",  "imgs",  "img",
                                                        "JPEGImages", "Images", "Image", "input"};
constexpr std::array<std::string_view, 16> kMaskFolders{"masks",
                                                        "mask",
                                                        "Masks",
                                                        "Mask",
                                                        "labels",
                                                        "label",
                                                        "annotations",
                                                        "annotation",
                                                        "gt",
                                                        "GT",
                                                        "labelTrainIds",
                                                        "segmentation",
                                                        "SegmentationClass",
                                                        "ground_truth",
                                                        "targets",
                                                        "target"};
constexpr std::array<std::string_view, 3> kSuffixes{"", "_mask", "_labelTrainIds"};
constexpr std::array<std::string_view, 3> kExtensions{"png", "tif", "tiff"};  // what loses nothing
constexpr std::size_t kLookedAt = 200;

/// Every rule under which some of the images may have masks.
std::vector<MaskRule> rules(const std::vector<std::string>& images) {
  std::vector<std::string_view> present;
  for (const std::string_view folder : kImageFolders)
    if (std::ranges::any_of(images,
                            [&](const auto& image) { return with_folder_replaced(image, folder, "").has_value(); }))
      present.push_back(folder);
  std::vector<MaskRule> all;
  for (const std::string_view extension : kExtensions)
    for (const std::string_view suffix : kSuffixes) {
      for (const std::string_view from : present)
        for (const std::string_view to : kMaskFolders)
          all.push_back({std::string(from), std::string(to), std::string(suffix), std::string(extension)});
      if (!suffix.empty()) all.push_back({"", "", std::string(suffix), std::string(extension)});
    }
  return all;
}

bool has(const std::vector<std::string>& images, const std::string& path) {
  return std::ranges::binary_search(images, path);
}

/// The rule that most of some images follow.
std::optional<MaskRule> find_rule(const std::vector<std::string>& images) {
  const auto some = some_of(images, kLookedAt);
  std::optional<MaskRule> best;
  std::size_t most = 0;
  for (const MaskRule& rule : rules(some)) {
    std::size_t count = 0;
    for (const std::string& image : some)
      if (const auto mask = mask_path(rule, image); mask && *mask != image && has(images, *mask)) ++count;
    if (count > most) {
      most = count;
      best = rule;
    }
  }
  return best;
}

std::vector<std::string> value_names(const fs::path& root) {
  for (const char* file : {"classes.txt", "labels.txt", "masks/classes.txt", "labelmap.txt"}) {
    const auto text = text_file(root / file, 1 << 20);
    if (!text) continue;
    std::vector<std::string> names;
    Lines lines(*text);
    for (std::string_view line; lines.next(line);)
      if (!line.empty() && line[0] != '#') names.emplace_back(line.substr(0, line.find(':')));  // "name:r,g,b::"
    return names;
  }
  return {};
}

class MaskReader final : public ImageFilesReader {
 public:
  MaskReader(MarkedTree& tree, MaskRule rule, const OpenOptions& options)
      : ImageFilesReader(tree.root, {}), rule_(std::move(rule)) {
    const std::vector<std::string> all = std::move(tree.listing.images);
    std::set<std::string> masks;
    for (const std::string& image : all)
      if (const auto mask = mask_path(rule_, image); mask && *mask != image && has(all, *mask)) masks.insert(*mask);
    std::uint64_t others = 0;
    for (const std::string& image : all) {
      if (masks.contains(image)) continue;
      const auto mask = mask_path(rule_, image);
      if (mask && masks.contains(*mask))
        tree.listing.images.push_back(image);
      else if (mask && !rule_.from.empty())
        tree.listing.broken.push_back({printable(image), "has no mask " + printable(*mask)});
      else
        ++others;
    }
    index_ = index_of_marked(std::move(tree.listing), "masks");
    if (others > 0) index_.strays["images that are neither source nor mask"] += others;
    index_.marks.image_masks = true;
    look_at_first();
    finish_index(index_, options);
    index_.description = "images and masks, " + describe_marked(index_);
  }

  Annotations annotations(const Entry& entry, Size image) const override {
    Annotations marks;
    const std::string path = *mask_path(rule_, entry.id);
    try {
      Raster mask = read_mask(path).pixels;
      const Size size = mask.shape().size();
      const bool turned = size != image && size == Size{image.height, image.width};
      if (const int orientation = turned ? orientation_of(entry, image) : 1; orientation != 1) {
        mask = oriented(mask, orientation);
        marks.mended.emplace_back("mask turned as its photo is", 1);
      }
      marks.masks.push_back({"mask", std::move(mask)});
      if (marks.masks.front().pixels.shape().size() != image)
        throw data_error("the mask is " + std::to_string(size.width) + "×" + std::to_string(size.height) +
                         ", its image " + std::to_string(image.width) + "×" + std::to_string(image.height));
    } catch (Error& error) {
      throw error.with_place(printable(path));
    }
    return marks;
  }

 private:
  LabelPicture read_mask(const std::string& path) const {
    const Bytes bytes = read_file(root_ / path);
    if (sniff(bytes) == ImageFormat::png) return read_label_png(bytes);
    const ImageHeader header = read_header(bytes);
    if (header.shape.dtype == Dtype::f32) throw data_error("a mask holds whole numbers, this one is floating-point");
    return {decode(bytes, header), {}};
  }

  /// One mask speaks for all: whether it has a palette, and whether its numbers are single.
  void look_at_first() {
    nlohmann::json dialect{
        {"from", rule_.from}, {"to", rule_.to}, {"suffix", rule_.suffix}, {"extension", rule_.extension}};
    for (const std::string& name : value_names(root_)) dialect["names"].push_back(name);
    if (!index_.entries.empty()) {
      try {
        const LabelPicture first = read_mask(*mask_path(rule_, index_.entries.front().id));
        std::vector<int> palette;
        for (const char c : first.palette) palette.push_back(static_cast<unsigned char>(c));
        dialect["palette"] = palette;
        if (first.pixels.shape().channels > 1) dialect.erase("names");  // colours are no numbers of classes
      } catch (const Error&) {
        dialect["palette"] = nlohmann::json::array();  // the sample is set aside when its turn comes
      }
    }
    // Value 0 is the background.
    const auto names = dialect.value("names", std::vector<std::string>{});
    for (std::size_t i = 1; i < names.size(); ++i) index_.categories.push_back({names[i], {}, {}, {}});
    index_.dialect = dialect.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  MaskRule rule_;
};

}  // namespace

std::optional<std::string> mask_path(const MaskRule& rule, std::string_view image) {
  const std::string end = rule.suffix + "." + rule.extension;
  if (rule.from.empty()) return std::string(without_extension(image)) + end;
  const auto path = with_folder_replaced(image, rule.from, rule.to);
  if (!path) return std::nullopt;
  return std::string(without_extension(*path)) + end;
}

std::unique_ptr<DatasetReader> open_masks(MarkedTree& tree, const OpenOptions& options) {
  auto rule = find_rule(tree.listing.images);
  if (!rule) return nullptr;
  return std::make_unique<MaskReader>(tree, std::move(*rule), options);
}

}  // namespace leaven::io
