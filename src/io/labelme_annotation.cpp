#include "io/labelme_annotation.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "io/coco_annotation.hpp"
#include "io/json_walk.hpp"
#include "io/number_text.hpp"
#include "io/outline_shapes.hpp"
#include "io/png_labels.hpp"

namespace leaven::io {

namespace {

constexpr std::size_t kDeepest = 64;
constexpr int kPlaces = 6;
constexpr int kCirclePoints = 64;      // 0.12 % off the radius at most
constexpr double kRoundEnough = 0.01;  // of the radius: else it became an ellipse
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr double kPi = 3.14159265358979323846;

/// The members that are not large: imageData is the whole picture.
OrderedJson parsed(std::string_view text) {
  OrderedJson json = OrderedJson::object();
  const bool object = skim_members(text, [&](std::string_view key, std::string_view value) {
    if (key == "imageData") return;
    if (depth_of_json(value) > kDeepest) throw data_error("is JSON that is nested too deep");
    OrderedJson member = OrderedJson::parse(value, nullptr, false);
    const OrderedJson name = OrderedJson::parse("\"" + std::string(key) + "\"", nullptr, false);
    if (member.is_discarded() || !name.is_string())
      throw data_error("is no JSON at \"" + std::string(key.substr(0, 40)) + "\"");
    json[name.get<std::string>()] = std::move(member);
  });
  if (!object) throw data_error("is no JSON object, or ends too early");
  if (!json.contains("shapes") || !json["shapes"].is_array())
    throw data_error("is no LabelMe file: it has no list of shapes");
  return json;
}

std::string text_in(const OrderedJson& shape, const char* name) {
  const auto found = shape.is_object() ? shape.find(name) : shape.end();
  return found != shape.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<LabelmeShape> shapes_of(const OrderedJson& file) {
  std::vector<LabelmeShape> shapes;
  for (const OrderedJson& shape : file["shapes"]) {
    const auto group = shape.is_object() ? shape.find("group_id") : shape.end();
    const bool grouped = group != shape.end() && (group->is_number() || group->is_string());
    shapes.push_back({text_in(shape, "label"), text_in(shape, "shape_type"), grouped ? group->dump() : std::string()});
  }
  return shapes;
}

Outline points_of(const OrderedJson& shape) {
  Outline points;
  const auto list = shape.find("points");
  if (list == shape.end() || !list->is_array()) throw data_error("a shape has no points");
  for (const OrderedJson& p : *list) {
    if (!p.is_array() || p.size() < 2 || !p[0].is_number() || !p[1].is_number())
      throw data_error("a shape's point must be two numbers, got " + p.dump().substr(0, 40));
    points.push_back({p[0].get<double>(), p[1].get<double>()});
  }
  return points;
}

Outline circle(Point centre, Point edge) {
  const double dx = edge.x - centre.x, dy = edge.y - centre.y;
  Outline outline;
  for (int i = 0; i < kCirclePoints; ++i) {
    const double s = exact::sin(2 * kPi * i / kCirclePoints), c = exact::cos(2 * kPi * i / kCirclePoints);
    outline.push_back({centre.x + dx * c - dy * s, centre.y + dx * s + dy * c});
  }
  return outline;
}

/// Nothing for what is no base64.
std::optional<Bytes> bytes_from_base64(std::string_view text) {
  Bytes bytes;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    if (c == '=' || c == '\n' || c == '\r') continue;
    const std::size_t digit = kBase64.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    group = group << 6 | static_cast<std::uint32_t>(digit);
    if ((bits += 6) < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::byte>(group >> bits & 0xFF));
  }
  return bytes;
}

/// A shape's own small picture of what it covers, put where its first point says; nothing where it has none.
std::optional<RunLengths> mask_of(const OrderedJson& shape, const Outline& points, Size image) {
  const std::string text = text_in(shape, "mask");
  if (text.empty() || points.empty()) return std::nullopt;
  const auto png = bytes_from_base64(text);
  if (!png) throw data_error("a mask must be a PNG in base64");
  const Raster part = read_label_png(*png).pixels;
  if (part.shape().dtype != Dtype::u8) throw data_error("a mask must be of 8 bits or fewer");
  const auto whole = [](double v) { return static_cast<int>(std::clamp(std::floor(v + 0.5), -1e6, 1e6)); };
  const int left = whole(points[0].x), top = whole(points[0].y);
  Raster mask({image.width, image.height, 1, Dtype::u8});
  for (int y = 0; y < image.height; ++y) std::fill_n(mask.row<std::uint8_t>(y), image.width, std::uint8_t{0});
  for (int y = std::max(0, -top); y < std::min(part.shape().height, image.height - top); ++y)
    for (int x = std::max(0, -left); x < std::min(part.shape().width, image.width - left); ++x)
      mask.row<std::uint8_t>(top + y)[left + x] = part.row<std::uint8_t>(y)[x * part.shape().channels] != 0;
  return RunLengths::of(mask.view());
}

void read_points(const std::string& type, Outline points, Mender& mender, Instance& instance) {
  const auto add = [&](Outline outline, bool open) {
    instance.open = open;
    if (auto mended = mender.outline(std::move(outline), open)) instance.outlines.push_back(std::move(*mended));
  };
  if (type == "rectangle" || type == "mask") {
    if (points.size() < 2) return mender.count("rectangle of one point dropped");
    if (type == "mask") mender.count("mask taken as its box");
    const Box box = *bounds_of(points);
    instance.box = mender.box(box);
  } else if (type == "circle") {
    if (points.size() != 2)
      throw data_error("a circle has a centre and a point on it, got " + std::to_string(points.size()) + " points");
    add(circle(points[0], points[1]), false);
  } else if (type == "line" || type == "linestrip") {
    add(std::move(points), true);
  } else if (type == "point" || type == "points") {
    for (const Point& p : points) instance.keypoints.push_back({mender.point(p), 2, {}, {}});
  } else if (type == "polygon" || type.empty()) {
    add(std::move(points), false);
  } else {
    throw data_error("a shape's type must be polygon, rectangle, circle, line, linestrip, point or points, got " +
                     type);
  }
}

std::string fields_without(OrderedJson json, std::initializer_list<const char*> known) {
  for (const char* name : known) json.erase(name);
  return json.empty() ? std::string() : json.dump();
}

OrderedJson list_of(const Outline& points) {
  OrderedJson list = OrderedJson::array();
  for (const Point& p : points)
    list.push_back({OrderedJson::parse(decimal(p.x, kPlaces)), OrderedJson::parse(decimal(p.y, kPlaces))});
  return list;
}

/// Centre and a point on the edge, where the outline is still one.
std::optional<Outline> as_circle(const Outline& outline) {
  Point centre{};
  for (const Point& p : outline)
    centre = {centre.x + p.x / static_cast<double>(outline.size()),
              centre.y + p.y / static_cast<double>(outline.size())};
  double least = INFINITY, most = 0;
  for (const Point& p : outline) {
    const double r = std::sqrt((p.x - centre.x) * (p.x - centre.x) + (p.y - centre.y) * (p.y - centre.y));
    least = std::min(least, r);
    most = std::max(most, r);
  }
  if (outline.size() != kCirclePoints || most - least > kRoundEnough * most) return std::nullopt;
  return Outline{centre, outline.front()};
}

OrderedJson extra_of(const Instance& instance) {
  return instance.extra.empty() ? OrderedJson::object() : OrderedJson::parse(instance.extra);
}

std::optional<long long> group_in(const OrderedJson& extra) {
  const auto found = extra.find("group_id");
  return found != extra.end() && found->is_number_integer() ? std::optional(found->get<long long>()) : std::nullopt;
}

class ShapeList {
 public:
  /// New groups are none of those that the instances come with.
  ShapeList(const std::vector<Category>& categories, const std::vector<Instance>& instances, bool own)
      : categories_(categories), own_(own) {
    for (const Instance& instance : instances) next_group_ = std::max(next_group_, group_in(extra_of(instance)).value_or(0) + 1);
    for (const Instance& instance : instances) add(instance);
  }
  OrderedJson take() { return std::move(list_); }

 private:
  void add(const Instance& instance) {
    const OrderedJson extra = extra_of(instance);
    const std::string& label = categories_.at(instance.category).name;
    const bool whole = instance.keypoints.empty();  // else its parts are held together by a number
    const long long group = whole ? 0 : group_for(extra);
    if (instance.open)
      for (const Outline& line : instance.outlines)
        add(label, line.size() == 2 ? "line" : "linestrip", line, extra, whole, group);
    else if (instance.outlines.size() == 1 && text_in(extra, "shape_type") == "circle" &&
             as_circle(instance.outlines[0]))
      add(label, "circle", *as_circle(instance.outlines[0]), extra, whole, group);
    else if (!instance.outlines.empty() || instance.mask)
      add(label, "polygon", joined(area_outlines(instance)), extra, whole, group);
    else if (instance.box)
      add(label, "rectangle", {{instance.box->left, instance.box->top}, {instance.box->right, instance.box->bottom}},
          extra, whole, group);
    add_keypoints(instance, label, extra, group);
  }

  /// Its own, unless something else has that already.
  long long group_for(const OrderedJson& extra) {
    const auto own = group_in(extra);
    return own && taken_.insert(*own).second ? *own : next_group_++;
  }

  void add_keypoints(const Instance& instance, const std::string& label, const OrderedJson& extra, long long group) {
    const std::vector<std::string>& names = categories_[instance.category].keypoints;
    if (names.empty() && !instance.keypoints.empty() && instance.outlines.empty() && !instance.box && !instance.mask) {
      Outline points;
      for (const Keypoint& k : instance.keypoints)
        if (k.visibility > 0) points.push_back(k.at);
      if (!points.empty()) add(label, points.size() == 1 ? "point" : "points", points, extra, true, group);
      return;
    }
    for (std::size_t k = 0; k < instance.keypoints.size(); ++k)
      if (instance.keypoints[k].visibility > 0)
        add(k < names.size() ? names[k] : label, "point", {instance.keypoints[k].at}, OrderedJson::object(), false,
            group);
  }

  void add(const std::string& label, const char* type, const Outline& points, const OrderedJson& extra, bool whole,
           long long group) {
    OrderedJson shape{{"label", label}, {"points", list_of(points)}};
    shape["group_id"] = nullptr;
    shape["shape_type"] = type;
    shape["flags"] = OrderedJson::object();
    for (const auto& [key, value] : extra.items())
      if (key != "shape_type" && key != "label" && key != "points" && (own_ || key != "area")) shape[key] = value;
    if (!whole) shape["group_id"] = group;
    list_.push_back(std::move(shape));
  }

  const std::vector<Category>& categories_;
  bool own_;
  OrderedJson list_ = OrderedJson::array();
  std::set<long long> taken_;
  long long next_group_{1};
};

}  // namespace

std::vector<LabelmeShape> labelme_shapes(std::string_view json) { return shapes_of(parsed(without_bom(json))); }

std::vector<std::optional<std::size_t>> labelme_owners(const std::vector<LabelmeShape>& shapes) {
  const auto is_point = [](const LabelmeShape& shape) { return shape.type == "point"; };
  std::map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < shapes.size(); ++i)
    if (!shapes[i].group.empty()) groups[shapes[i].group].push_back(i);
  std::vector<std::optional<std::size_t>> owners(shapes.size());
  for (const auto& [group, members] : groups) {
    const auto others = std::ranges::count_if(members, [&](std::size_t i) { return !is_point(shapes[i]); });
    if (others != 1) continue;
    const std::size_t owner = *std::ranges::find_if(members, [&](std::size_t i) { return !is_point(shapes[i]); });
    std::set<std::string> labels;
    for (const std::size_t i : members)
      if (is_point(shapes[i]) && labels.insert(shapes[i].label).second) owners[i] = owner;
  }
  return owners;
}

Annotations read_labelme(std::string_view json, const std::vector<Category>& categories, Size image) {
  const OrderedJson file = parsed(without_bom(json));
  const std::vector<LabelmeShape> shapes = shapes_of(file);
  const auto owners = labelme_owners(shapes);
  Annotations marks;
  Mender mender(image);
  std::vector<Instance> instances(shapes.size());
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    try {
      const OrderedJson& shape = file["shapes"][i];
      if (!shape.is_object()) throw data_error("a shape must be an object");
      const std::string& label = shapes[owners[i].value_or(i)].label;
      const auto category = std::ranges::lower_bound(categories, label, {}, &Category::name);
      if (category == categories.end() || category->name != label)
        throw data_error("changed since the dataset was opened");
      const Outline points = points_of(shape);
      Instance& instance = instances[owners[i].value_or(i)];
      if (owners[i]) {
        const auto keypoint = std::ranges::find(category->keypoints, shapes[i].label);
        if (keypoint == category->keypoints.end()) throw data_error("changed since the dataset was opened");
        if (points.empty()) continue;
        instance.keypoints.resize(category->keypoints.size(), {.visibility = 0});
        instance.keypoints[static_cast<std::size_t>(keypoint - category->keypoints.begin())] = {mender.point(points[0]), 2, {}, {}};
        continue;
      }
      instance.category = static_cast<std::uint32_t>(category - categories.begin());
      if (shapes[i].type == "mask") instance.mask = mask_of(shape, points, image);
      if (!instance.mask) read_points(shapes[i].type, points, mender, instance);
      if (shapes[i].type == "circle")
        instance.extra = fields_without(shape, {"label", "points"});
      else
        instance.extra = fields_without(shape, {"label", "points", "shape_type", "mask"});
    } catch (const Error& error) {
      throw data_error("shape " + std::to_string(i) + ": " + error.message());
    }
  }
  for (std::size_t i = 0; i < instances.size(); ++i)
    if (!owners[i]) mender.add(marks, std::move(instances[i]));
  marks.mended = mender.take();
  marks.extra = fields_without(file, {"shapes", "imagePath", "imageData", "imageHeight", "imageWidth"});
  return marks;
}

std::optional<Size> labelme_size(std::string_view json) {
  return size_in(parsed(without_bom(json)), "imageWidth", "imageHeight");
}

std::string write_labelme(const std::vector<Instance>& instances, const std::string& extra,
                          const LabelmeImage& image, const std::vector<Category>& categories) {
  OrderedJson json{{"version", "5.0.0"}, {"flags", OrderedJson::object()}};
  const OrderedJson fields = extra.empty() ? OrderedJson::object() : OrderedJson::parse(extra);
  for (const auto& [key, value] : fields.items()) json[key] = value;
  json["shapes"] = ShapeList(categories, instances, image.own).take();
  json["imagePath"] = image.file_name;
  json["imageData"] = nullptr;
  json["imageHeight"] = image.size.height;
  json["imageWidth"] = image.size.width;
  return json.dump(2) + "\n";
}

}  // namespace leaven::io
