// COCO: JSON files that list images and their annotations, with the images in folders beside or below them.
#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "io/annotated_formats.hpp"
#include "io/coco_annotation.hpp"
#include "io/coco_file.hpp"
#include "io/coco_places.hpp"
#include "io/image_files.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

/// Of COCO's own files for one split the first of these is read; captions and panoptic maps are of another kind.
int rank_of(std::string_view json) {
  const std::string name = lower_case(json.substr(json.rfind('/') + 1));
  if (name.starts_with("instances")) return 0;
  if (name.starts_with("person_keypoints")) return 2;
  if (name.starts_with("stuff") || name.starts_with("image_info")) return 3;
  return name.starts_with("captions") || name.starts_with("panoptic") ? 4 : 1;
}

Split split_of(const std::string& json) {
  const Split by_name = split_in_name(std::string_view(json).substr(json.rfind('/') + 1));
  return by_name != Split::none ? by_name : split_in_path(json);
}

/// One file a split; where none tells a split, all of them.
std::vector<std::string> files_of(const MarkedTree& tree, std::map<std::string, std::uint64_t>& strays) {
  std::vector<std::string> found;
  for (const std::string& file : tree.containers) {
    if (lower_extension(file) != "json") continue;
    const auto stem = without_extension(file);
    // LabelMe has a JSON for each image.
    const auto beside = std::ranges::lower_bound(tree.listing.images, std::string(stem) + ".");
    if (beside != tree.listing.images.end() && without_extension(*beside) == stem) continue;
    if (rank_of(file) < 4 && looks_like_coco(tree.root / file)) found.push_back(file);
  }
  std::ranges::sort(found, {}, [](const std::string& file) { return std::tuple(split_of(file), rank_of(file), file); });
  std::vector<std::string> chosen;
  for (const std::string& file : found) {
    const Split split = split_of(file);
    if (split != Split::none && !chosen.empty() && split_of(chosen.back()) == split)
      ++strays["annotation files beside those that were read"];
    else
      chosen.push_back(file);
  }
  return chosen;
}

class CocoReader final : public ImageFilesReader {
 public:
  CocoReader(MarkedTree& tree, const std::vector<std::string>& files, std::map<std::string, std::uint64_t> strays)
      : ImageFilesReader(tree.root, {}), names_(files) {
    index_.format = "coco";
    index_.annotated = true;
    index_.labels = {""};
    index_.strays = std::move(strays);
    for (const std::string& file : files) files_.push_back(read_coco_file(root_ / file));
    index_.has_splits = std::ranges::all_of(files, [](const std::string& f) { return split_of(f) != Split::none; });
    for (std::size_t f = 0; f < files_.size(); ++f) {
      take_categories(files_[f]);
      take_images(static_cast<std::uint32_t>(f), tree.listing.images);
    }
  }

  void finish(MarkedTree& tree, const OpenOptions& options) {
    take_listing(tree.listing);
    fill_dialect();
    finish_index(index_, options);
    std::uint64_t instances = 0;
    for (const Entry& entry : index_.entries) instances += image_of(entry).count;
    const bool points = index_.marks.keypoints;
    index_.description = std::string(points ? "COCO keypoints, " : "COCO, ") + describe_marked(index_) + ", " +
                         counted(instances, "instance", "instances");
  }

  Annotations annotations(const Entry& entry, Size image) const override {
    std::optional<Size> told;
    at_place(entry, image_of(entry).text, [&](const std::string& text) { told = coco_image_size(text); });
    return as_seen(entry, image, told, [&](Size size) { return marks_of(entry, size); });
  }

 private:
  const CocoImage& image_of(const Entry& entry) const { return files_[entry.container].images[entry.offset]; }

  /// What is wrong with the text is an error at its place.
  template <class Read>
  void at_place(const Entry& entry, const TextSpan& span, Read read) const {
    try {
      read(files_[entry.container].file.read_text(span.offset, span.size));
    } catch (Error& error) {
      throw error.with_place(printable(names_[entry.container]) + ": byte " + std::to_string(span.offset));
    }
  }

  Annotations marks_of(const Entry& entry, Size image) const {
    const CocoFile& coco = files_[entry.container];
    const CocoImage& its = image_of(entry);
    Annotations marks;
    Mender mender(image);
    at_place(entry, its.text, [&](const std::string& text) { marks.extra = coco_image_extra(text); });
    for (std::uint64_t i = its.first; i < its.first + its.count; ++i)
      at_place(entry, coco.annotations[i], [&](const std::string& text) {
        const std::size_t before = marks.instances.size();
        read_coco_annotation(text, numbers_[entry.container], image, mender, marks);
        if (marks.instances.size() > before) mend_id(coco, marks.instances.back(), mender);
      });
    marks.mended = mender.take();
    return marks;
  }

  /// Two annotations of one id would hide each other.
  static void mend_id(const CocoFile& coco, Instance& instance, Mender& mender) {
    if (coco.repeated_ids.empty()) return;
    const auto id = id_in(instance.extra);
    if (!id || !std::ranges::binary_search(coco.repeated_ids, *id)) return;
    OrderedJson fields = OrderedJson::parse(instance.extra);
    fields.erase("id");
    instance.extra = fields.empty() ? "" : fields.dump();
    mender.count("annotation with an id that is taken");
  }

  /// Files of one dataset have the same categories, and only their names say so for certain.
  void take_categories(const CocoFile& coco) {
    std::map<std::string, std::uint32_t>& numbers = numbers_.emplace_back();
    std::set<std::uint32_t> own;
    for (const auto& [id, its] : coco.category_numbers) numbers[id] = its;
    std::vector<std::uint32_t> place(coco.categories.size());
    for (std::size_t c = 0; c < coco.categories.size(); ++c) {
      const Category& category = coco.categories[c];
      std::size_t at = 0;
      while (at < index_.categories.size() &&
             (index_.categories[at].name != category.name || own.contains(static_cast<std::uint32_t>(at))))
        ++at;
      if (at == index_.categories.size()) index_.categories.push_back(category);
      place[c] = static_cast<std::uint32_t>(at);
      own.insert(place[c]);
    }
    for (auto& [id, number] : numbers) number = place[number];
    const Marks& m = coco.marks;
    index_.marks.boxes = index_.marks.boxes || m.boxes;
    index_.marks.outlines = index_.marks.outlines || m.outlines;
    index_.marks.masks = index_.marks.masks || m.masks;
    index_.marks.keypoints = index_.marks.keypoints || m.keypoints;
    for (const auto& [kind, count] : coco.strays) index_.strays[kind] += count;
  }

  void take_images(std::uint32_t number, const std::vector<std::string>& images) {
    const CocoFile& coco = files_[number];
    const CocoPlaces places = find_coco_images(coco, names_[number], images);
    folders_.push_back(places.folders.empty() ? "" : places.folders.front());
    const auto missing =
        static_cast<std::size_t>(std::ranges::count_if(places.paths, [](const auto& path) { return !path; }));
    if (missing == places.paths.size() && missing > 0) {
      // A part of the dataset that was never fetched.
      index_.strays["images of " + printable(names_[number]) + ", which has none here"] += missing;
      return;
    }
    for (std::size_t i = 0; i < places.paths.size(); ++i) {
      if (!places.paths[i]) {
        index_.broken.push_back(
            {printable(names_[number]) + ": " + printable(coco.images[i].file_name), "it does not exist"});
        continue;
      }
      const Split split = index_.has_splits ? split_of(names_[number]) : Split::none;
      index_.entries.push_back({.id = *places.paths[i], .split = split, .container = number, .offset = i, .size = 0});
    }
  }

  void take_listing(TreeListing& listing) {
    std::set<std::string_view> listed;
    for (const Entry& entry : index_.entries) listed.insert(entry.id);
    const auto unlisted = listing.images.size() - listed.size();
    for (const auto& [kind, count] : listing.strays.take()) index_.strays[kind] += count;
    if (const auto json = index_.strays.find("*.json"); json != index_.strays.end())
      if ((json->second -= std::min<std::uint64_t>(json->second, names_.size())) == 0) index_.strays.erase(json);
    if (unlisted > 0) index_.strays["images that no annotation file lists"] += unlisted;
    for (NotASample& broken : listing.broken) index_.broken.push_back(std::move(broken));
  }

  void fill_dialect() {
    nlohmann::json dialect{{"files", nlohmann::json::array()}};
    long long image = 0, annotation = 0;
    for (std::size_t f = 0; f < files_.size(); ++f) {
      OrderedJson others = OrderedJson::object();
      for (const auto& [key, text] : files_[f].others) others[key] = OrderedJson::parse(text);
      dialect["files"].push_back({{"json", names_[f]},
                                  {"split", index_.has_splits ? name_of(split_of(names_[f])) : ""},
                                  {"folder", folders_[f]},
                                  {"others", others.dump()}});
      image = std::max(image, files_[f].last_image_id);
      annotation = std::max(annotation, files_[f].last_annotation_id);
    }
    dialect["last_image"] = image;
    dialect["last_annotation"] = annotation;
    index_.dialect = dialect.dump();
  }

  std::vector<std::string> names_;
  std::deque<CocoFile> files_;
  std::vector<std::string> folders_;                           ///< of images, by file
  std::vector<std::map<std::string, std::uint32_t>> numbers_;  ///< by file: category id → index of the category
};

}  // namespace

std::unique_ptr<DatasetReader> open_coco(MarkedTree& tree, const OpenOptions& options) {
  std::map<std::string, std::uint64_t> strays;
  const auto files = files_of(tree, strays);
  if (files.empty()) return nullptr;
  auto reader = std::make_unique<CocoReader>(tree, files, std::move(strays));
  if (reader->index().entries.empty() && !tree.asked_for) return nullptr;
  reader->finish(tree, options);
  return reader;
}

}  // namespace leaven::io
