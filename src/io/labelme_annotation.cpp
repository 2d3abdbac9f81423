#include "io/labelme_annotation.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "io/coco_annotation.hpp"
#include "io/json_walk.hpp"
#include "io/number_text.hpp"
#include "io/outline_shapes.hpp"

namespace leaven::io {

namespace {

constexpr std::size_t kDeepest = 64;
constexpr int kPlaces = 6;
constexpr int kCirclePoints = 64;      // 0.12 % off the radius at most
constexpr double kRoundEnough = 0.01;  // of the radius: else it became an ellipse
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

class ShapeList {
 public:
  explicit ShapeList(const std::vector<Category>& categories) : categories_(categories) {}

  void add(const Instance& instance) {
    const OrderedJson extra = instance.extra.empty() ? OrderedJson::object() : OrderedJson::parse(instance.extra);
    const std::string& label = categories_.at(instance.category).name;
    const bool whole = instance.keypoints.empty();  // else its parts are held together by a number
    const long long group = whole ? 0 : next_group_++;
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
  OrderedJson take() { return std::move(list_); }

 private:
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
      if (key != "shape_type" && key != "label" && key != "points") shape[key] = value;
    if (!whole) shape["group_id"] = group;
    list_.push_back(std::move(shape));
  }

  const std::vector<Category>& categories_;
  OrderedJson list_ = OrderedJson::array();
  long long next_group_{1};
};

}  // namespace

std::vector<LabelmeShape> labelme_shapes(std::string_view json) {
  std::vector<LabelmeShape> shapes;
  const OrderedJson file = parsed(without_bom(json));
  for (const OrderedJson& shape : file["shapes"])
    shapes.push_back({text_in(shape, "label"), text_in(shape, "shape_type")});
  return shapes;
}

Annotations read_labelme(std::string_view json, const std::vector<std::string>& names, Size image) {
  const OrderedJson file = parsed(without_bom(json));
  Annotations marks;
  Mender mender(image);
  std::size_t number = 0;
  for (const OrderedJson& shape : file["shapes"]) {
    try {
      if (!shape.is_object()) throw data_error("a shape must be an object");
      Instance instance;
      const std::string type = text_in(shape, "shape_type");
      const auto name = std::ranges::lower_bound(names, text_in(shape, "label"));
      if (name == names.end() || *name != text_in(shape, "label"))
        throw data_error("changed since the dataset was opened");
      instance.category = static_cast<std::uint32_t>(name - names.begin());
      read_points(type, points_of(shape), mender, instance);
      if (type == "circle")
        instance.extra = fields_without(shape, {"label", "points"});
      else
        instance.extra = fields_without(shape, {"label", "points", "shape_type", "mask"});
      mender.add(marks, std::move(instance));
      ++number;
    } catch (const Error& error) {
      throw data_error("shape " + std::to_string(number) + ": " + error.message());
    }
  }
  marks.mended = mender.take();
  marks.extra = fields_without(file, {"shapes", "imagePath", "imageData", "imageHeight", "imageWidth"});
  return marks;
}

std::string write_labelme(const std::vector<Instance>& instances, const std::string& extra,
                          const std::string& file_name, Size image, const std::vector<Category>& categories) {
  OrderedJson json{{"version", "5.0.0"}, {"flags", OrderedJson::object()}};
  const OrderedJson fields = extra.empty() ? OrderedJson::object() : OrderedJson::parse(extra);
  for (const auto& [key, value] : fields.items()) json[key] = value;
  ShapeList shapes(categories);
  for (const Instance& instance : instances) shapes.add(instance);
  json["shapes"] = shapes.take();
  json["imagePath"] = file_name;
  json["imageData"] = nullptr;
  json["imageHeight"] = image.height;
  json["imageWidth"] = image.width;
  return json.dump(2) + "\n";
}

}  // namespace leaven::io
