#include "io/coco_annotation.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "io/coco_rle.hpp"
#include "io/csv_rows.hpp"
#include "io/json_walk.hpp"
#include "io/number_text.hpp"
#include "io/outline_shapes.hpp"

namespace leaven::io {

namespace {

constexpr int kPlaces = 6;

// COCO counts a keypoint's pixel from 0; here the pixel's centre lies half a pixel further on. Boxes and polygons are
// measured from the image's corner in both.
constexpr double kPixelCentre = 0.5;

constexpr std::size_t kDeepest = 64;

OrderedJson parsed(std::string_view text) {
  if (depth_of_json(text) > kDeepest) throw data_error("is JSON that is nested too deep");
  OrderedJson json = OrderedJson::parse(text, nullptr, false);
  if (!json.is_object()) throw data_error("is no JSON object: " + std::string(text.substr(0, 60)));
  return json;
}

std::vector<double> numbers(const OrderedJson& list, const char* what) {
  std::vector<double> values;
  for (const OrderedJson& number : list) {
    if (!number.is_number() || !std::isfinite(number.get<double>()))
      throw data_error(std::string(what) + " must be numbers, got " + number.dump().substr(0, 40));
    values.push_back(number.get<double>());
  }
  return values;
}

void add_polygon(const OrderedJson& list, Mender& mender, Instance& instance) {
  const std::vector<double> n = numbers(list, "a polygon's coordinates");
  Outline outline;
  for (std::size_t i = 0; i + 1 < n.size(); i += 2) outline.push_back({n[i], n[i + 1]});
  if (auto mended = mender.outline(std::move(outline))) instance.outlines.push_back(std::move(*mended));
}

RunLengths run_lengths(const OrderedJson& json, Size image) {
  const auto size = json.find("size");
  const auto counts = json.find("counts");
  if (size == json.end() || counts == json.end() || !size->is_array() || size->size() != 2 ||
      !(*size)[0].is_number_integer() || !(*size)[1].is_number_integer())
    throw data_error("a mask in run lengths needs size and counts");
  const Size own{(*size)[1].get<int>(), (*size)[0].get<int>()};
  if (own != image)
    throw data_error("a mask is " + std::to_string(own.width) + "×" + std::to_string(own.height) + ", its image " +
                     std::to_string(image.width) + "×" + std::to_string(image.height));
  RunLengths runs{own.width, own.height, {}};
  if (counts->is_string()) {
    runs.counts = counts_from_text(counts->get<std::string>());
  } else {
    for (const double n : numbers(*counts, "a mask's runs")) {
      if (n < 0 || n > UINT32_MAX) throw data_error("a mask's runs must not be negative");
      runs.counts.push_back(static_cast<std::uint32_t>(n));
    }
  }
  std::uint64_t sum = 0;
  for (const std::uint32_t run : runs.counts) sum += run;
  const auto pixels = static_cast<std::uint64_t>(own.width) * static_cast<std::uint64_t>(own.height);
  if (sum != pixels)
    throw data_error("a mask's runs cover " + std::to_string(sum) + " pixels of " + std::to_string(pixels));
  return runs;
}

void read_segmentation(const OrderedJson& json, Size image, Mender& mender, Instance& instance) {
  if (json.is_object()) {
    instance.mask = run_lengths(json, image);
    if (instance.mask->area() > 0) return;
    instance.mask.reset();
    return mender.count("mask without pixels dropped");
  }
  if (!json.is_array() || json.empty()) return;
  if (json.front().is_number()) return add_polygon(json, mender, instance);  // one polygon without its list
  for (const OrderedJson& polygon : json) {
    if (!polygon.is_array()) throw data_error("a segmentation must be a list of polygons or run lengths");
    add_polygon(polygon, mender, instance);
  }
}

void read_box(const OrderedJson& json, Mender& mender, Instance& instance) {
  if (!json.is_array() || json.empty()) return;
  const std::vector<double> n = numbers(json, "a box");
  if (n.size() != 4) throw data_error("a box must be 4 numbers, got " + std::to_string(n.size()));
  instance.box = mender.box({n[0], n[1], n[0] + n[2], n[1] + n[3]});
}

void read_keypoints(const OrderedJson& json, Mender& mender, Instance& instance) {
  if (!json.is_array()) return;
  const std::vector<double> n = numbers(json, "keypoints");
  if (n.size() % 3 != 0)
    throw data_error("keypoints must be threes of x, y, visibility, got " + std::to_string(n.size()) + " numbers");
  for (std::size_t i = 0; i < n.size(); i += 3) {
    Keypoint& keypoint = instance.keypoints.emplace_back();
    keypoint.visibility = n[i + 2] <= 0 ? 0 : n[i + 2] == 1 ? 1 : 2;
    if (keypoint.visibility > 0) keypoint.at = mender.point({n[i] + kPixelCentre, n[i + 1] + kPixelCentre});
  }
}

std::string without_fields(OrderedJson json, std::initializer_list<const char*> known) {
  for (const char* name : known) json.erase(name);
  return json.empty() ? std::string() : json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string segmentation_text(const Instance& instance) {
  if (!instance.outlines.empty()) {
    std::string text = "[";
    for (const Outline& outline : instance.outlines) {
      text += text.size() > 1 ? ",[" : "[";
      for (std::size_t i = 0; i < outline.size(); ++i)
        text += (i > 0 ? "," : "") + decimal(outline[i].x, kPlaces) + "," + decimal(outline[i].y, kPlaces);
      text += "]";
    }
    return text + "]";
  }
  if (!instance.mask) return "[]";
  const RunLengths& mask = *instance.mask;
  std::string counts;
  if (instance.crowd) {  // as COCO's own files have them
    for (const std::uint32_t run : mask.counts) counts += (counts.empty() ? "[" : ",") + std::to_string(run);
    counts += "]";
  } else {
    counts = nlohmann::json(text_from_counts(mask.counts)).dump();
  }
  return "{\"size\":[" + std::to_string(mask.height) + "," + std::to_string(mask.width) + "],\"counts\":" + counts +
         "}";
}

std::string keypoints_text(const Instance& instance) {
  std::string text;
  std::size_t marked = 0;
  for (const Keypoint& k : instance.keypoints) {
    marked += k.visibility > 0;
    text += text.empty() ? "" : ",";
    text += k.visibility == 0 ? std::string("0,0,0")
                              : decimal(k.at.x - kPixelCentre, kPlaces) + "," +
                                    decimal(k.at.y - kPixelCentre, kPlaces) + "," + std::to_string(k.visibility);
  }
  return ",\"num_keypoints\":" + std::to_string(marked) + ",\"keypoints\":[" + text + "]";
}

}  // namespace

std::optional<Size> size_in(const OrderedJson& json, const char* width, const char* height) {
  const auto side = [&](const char* name) -> std::optional<int> {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_number_integer()) return std::nullopt;
    return found->get<int>();
  };
  const auto w = side(width), h = side(height);
  return w && h ? std::optional(Size{*w, *h}) : std::nullopt;
}

std::string coco_id(std::string_view json_value) {
  json_value = without_blanks(json_value);
  if (json_value.size() >= 2 && json_value.front() == '"') json_value = json_value.substr(1, json_value.size() - 2);
  if (const auto whole = whole_number(json_value)) return std::to_string(*whole);
  return std::string(json_value);
}

void read_coco_annotation(std::string_view text, const std::map<std::string, std::uint32_t>& categories, Size image,
                          Mender& mender, Annotations& to) {
  const OrderedJson json = parsed(text);
  Instance instance;
  const auto category = json.find("category_id");
  const std::string id = category == json.end()
                             ? std::string()
                             : coco_id(category->dump(-1, ' ', false, OrderedJson::error_handler_t::replace));
  const auto known = categories.find(id);
  if (known == categories.end())
    throw data_error("category " + (id.empty() ? "is missing" : id + " is not in categories"));
  instance.category = known->second;
  const auto field = [&](const char* name) {
    const auto found = json.find(name);
    return found == json.end() ? OrderedJson() : *found;
  };
  read_box(field("bbox"), mender, instance);
  read_segmentation(field("segmentation"), image, mender, instance);
  read_keypoints(field("keypoints"), mender, instance);
  const OrderedJson crowd = field("iscrowd");
  instance.crowd = crowd.is_boolean() ? crowd.get<bool>() : crowd.is_number() && crowd.get<double>() != 0;
  instance.extra = without_fields(
      json, {"image_id", "category_id", "bbox", "segmentation", "keypoints", "num_keypoints", "iscrowd"});
  mender.add(to, std::move(instance));
}

std::string coco_image_extra(std::string_view text) {
  return without_fields(parsed(text), {"file_name", "width", "height"});
}

std::optional<Size> coco_image_size(std::string_view text) { return size_in(parsed(text), "width", "height"); }

Category read_coco_category(std::string_view text) {
  const OrderedJson json = parsed(text);
  Category category;
  const auto name = json.find("name");
  if (name != json.end() && name->is_string()) category.name = name->get<std::string>();
  if (const auto list = json.find("keypoints"); list != json.end() && list->is_array())
    for (const OrderedJson& keypoint : *list)
      category.keypoints.push_back(keypoint.is_string() ? keypoint.get<std::string>() : keypoint.dump());
  category.mirrored = mirrored_by_name(category.keypoints);
  category.extra = without_fields(json, {"name", "keypoints"});
  return category;
}

double coco_area(const Instance& instance) {
  double area = 0;
  for (const Outline& outline : instance.outlines) area += std::fabs(signed_area(outline));
  if (!instance.outlines.empty()) return area;
  if (instance.mask) return static_cast<double>(instance.mask->area());
  const auto box = box_of(instance);
  return box ? box->area() : 0;
}

std::string coco_fields(const Instance& instance, bool keeps_area) {
  const Box box = box_of(instance).value_or(Box{});
  std::string text = ",\"bbox\":[" + decimal(box.left, kPlaces) + "," + decimal(box.top, kPlaces) + "," +
                     decimal(box.width(), kPlaces) + "," + decimal(box.height(), kPlaces) + "]";
  const bool has_area = keeps_area && !instance.extra.empty() && OrderedJson::parse(instance.extra).contains("area");
  if (!has_area) text += ",\"area\":" + decimal(coco_area(instance), kPlaces);
  text += ",\"segmentation\":" + segmentation_text(instance) + ",\"iscrowd\":" + (instance.crowd ? "1" : "0");
  if (!instance.keypoints.empty()) text += keypoints_text(instance);
  return text + (has_area ? carried_fields(instance.extra, {"id"}) : carried_fields(instance.extra, {"id", "area"}));
}

std::string carried_fields(const std::string& extra, std::initializer_list<std::string_view> without) {
  if (extra.empty()) return {};
  std::string text;
  const OrderedJson fields = OrderedJson::parse(extra);
  for (const auto& [name, value] : fields.items())
    if (std::ranges::find(without, name) == without.end())
      text += "," + nlohmann::json(name).dump() + ":" + value.dump();
  return text;
}

std::optional<long long> id_in(const std::string& extra) {
  if (extra.empty()) return std::nullopt;
  const OrderedJson json = OrderedJson::parse(extra, nullptr, false);
  if (!json.is_object() || !json.contains("id")) return std::nullopt;
  return whole_number(coco_id(json["id"].dump()));
}

}  // namespace leaven::io
