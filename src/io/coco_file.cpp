#include "io/coco_file.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "core/error.hpp"
#include "io/coco_annotation.hpp"
#include "io/json_walk.hpp"
#include "io/number_text.hpp"

namespace leaven::io {

namespace {

constexpr std::uint64_t kLookedAt = 8 << 20;  // bytes before a COCO file has shown a list of its own
constexpr std::size_t kMostOthers = 1 << 20;  // bytes of info and licenses that are carried along
constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

class Scan {
 public:
  explicit Scan(const std::filesystem::path& path) : coco_(path) {}

  CocoFile run() {
    JsonWalk walk(coco_.file);
    for (std::string key; walk.next_member(key);) {
      const bool list = walk.at_list();
      if (key == "images" && list)
        each(walk, &Scan::add_image);
      else if (key == "annotations" && list)
        each(walk, &Scan::add_annotation);
      else if (key == "categories" && list)
        each(walk, &Scan::add_category);
      else
        add_other(key, walk.next_value());
    }
    sort_annotations();
    std::ranges::sort(ids_);
    for (std::size_t i = 1; i < ids_.size(); ++i)
      if (ids_[i] == ids_[i - 1] && (coco_.repeated_ids.empty() || coco_.repeated_ids.back() != ids_[i]))
        coco_.repeated_ids.push_back(ids_[i]);
    return std::move(coco_);
  }

 private:
  template <class Add>
  void each(JsonWalk& walk, const Add& add) {
    std::string_view text;
    for (std::uint64_t offset = 0; walk.next_element(text, offset);) {
      if (text.size() >= kNone) throw broken("an entry is too long", offset);
      (this->*add)(text, TextSpan{offset, static_cast<std::uint32_t>(text.size())});
    }
  }

  Error broken(const std::string& what, std::uint64_t offset) const {
    return data_error(what + " at byte " + std::to_string(offset))
        .with_place(printable(coco_.file.path().filename().native()));
  }

  /// Ids that annotations and images name, in the order in which they are met.
  std::uint32_t number_of(std::string_view id) {
    const auto [known, is_new] = numbers_.try_emplace(coco_id(id), static_cast<std::uint32_t>(image_of_.size()));
    if (is_new) image_of_.push_back(kNone);
    return known->second;
  }

  void add_image(std::string_view text, TextSpan span) {
    std::string_view id, name;
    const bool object = skim_members(text, [&](std::string_view key, std::string_view value) {
      if (key == "id") id = value;
      if (key == "file_name") name = value;
    });
    if (!object || id.empty() || name.size() < 2 || name.front() != '"')
      throw broken("an image needs id and file_name", span.offset);
    const auto parsed = OrderedJson::parse(name, nullptr, false);
    if (!parsed.is_string()) throw broken("an image's file_name is no text", span.offset);
    std::uint32_t& image = image_of_[number_of(id)];
    if (image != kNone) {
      ++coco_.strays["images with an id that is taken"];
      return;
    }
    image = static_cast<std::uint32_t>(coco_.images.size());
    coco_.images.push_back({parsed.get<std::string>(), span, 0, 0});
    if (const auto whole = whole_number(coco_id(id))) coco_.last_image_id = std::max(coco_.last_image_id, *whole);
  }

  void add_annotation(std::string_view text, TextSpan span) {
    std::string_view image;
    const bool object = skim_members(text, [&](std::string_view key, std::string_view value) {
      if (key == "image_id") image = value;
      if (key == "id")
        if (const auto id = whole_number(coco_id(value))) {
          coco_.last_annotation_id = std::max(coco_.last_annotation_id, *id);
          ids_.push_back(*id);
        }
      if (key == "bbox") coco_.marks.boxes = coco_.marks.boxes || value.size() > 2;
      if (key == "segmentation" && value.size() > 2 && value != "null")
        (value.front() == '[' ? coco_.marks.outlines : coco_.marks.masks) = true;
      if (key == "keypoints") coco_.marks.keypoints = coco_.marks.keypoints || value.size() > 2;
    });
    if (!object || image.empty()) throw broken("an annotation needs image_id", span.offset);
    found_.emplace_back(number_of(image), span);
  }

  void add_category(std::string_view text, TextSpan span) {
    std::string_view id;
    skim_members(text, [&](std::string_view key, std::string_view value) {
      if (key == "id") id = value;
    });
    if (id.empty()) throw broken("a category needs id", span.offset);
    Category category;
    try {
      category = read_coco_category(text);
    } catch (const Error& error) {
      throw broken("a category " + error.message(), span.offset);
    }
    const std::string key = coco_id(id);
    if (category.name.empty()) category.name = key;
    const auto number = static_cast<std::uint32_t>(coco_.categories.size());
    if (coco_.category_numbers.try_emplace(key, number).second)
      coco_.categories.push_back(std::move(category));
    else
      ++coco_.strays["categories with an id that is taken"];
  }

  void add_other(const std::string& key, std::string_view value) {
    if (value.size() > kMostOthers || key == "images" || key == "annotations" || key == "categories") return;
    const auto name = OrderedJson::parse("\"" + key + "\"", nullptr, false);
    if (name.is_string() && depth_of_json(value) <= 32 && !OrderedJson::parse(value, nullptr, false).is_discarded())
      coco_.others.emplace_back(name.get<std::string>(), value);
  }

  void sort_annotations() {
    for (const auto& [number, span] : found_)
      if (const std::uint32_t image = image_of_[number]; image != kNone)
        ++coco_.images[image].count;
      else
        ++coco_.strays["annotations of images that are not listed"];
    std::uint64_t next = 0;
    for (CocoImage& image : coco_.images) {
      image.first = next;
      next += image.count;
      image.count = 0;
    }
    coco_.annotations.resize(next);
    for (const auto& [number, span] : found_)
      if (const std::uint32_t at = image_of_[number]; at != kNone) {
        CocoImage& image = coco_.images[at];
        coco_.annotations[image.first + image.count++] = span;
      }
  }

  CocoFile coco_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::uint32_t> image_of_;  ///< by number of an id: index of the image, or kNone
  std::vector<std::pair<std::uint32_t, TextSpan>> found_;
  std::vector<long long> ids_;
};

}  // namespace

bool looks_like_coco(const std::filesystem::path& path) {
  try {
    const InputFile file(path);
    JsonWalk walk(file);
    for (std::string key; walk.offset() < kLookedAt && walk.next_member(key); walk.next_value())
      if ((key == "images" || key == "annotations" || key == "categories") && walk.at_list()) return true;
  } catch (const Error&) {
    return false;  // no JSON, or none that we can read
  }
  return false;
}

CocoFile read_coco_file(const std::filesystem::path& path) { return Scan(path).run(); }

}  // namespace leaven::io
