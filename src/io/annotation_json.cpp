#include "io/annotation_json.hpp"

#include <nlohmann/json.hpp>

#include "core/error.hpp"

namespace leaven::io {

namespace {

using Json = nlohmann::json;

Json of_outline(const Outline& outline) {
  Json list = Json::array();
  for (const Point& p : outline) list.push_back({p.x, p.y});
  return list;
}

Json of_keypoint(const Keypoint& k) {
  Json json{{"at", {k.at.x, k.at.y}}, {"visibility", k.visibility}};
  if (k.angle) json["angle"] = *k.angle;
  if (k.size) json["size"] = *k.size;
  return json;
}

Json of_instance(const Instance& instance) {
  Json json{{"category", instance.category}};
  if (const auto& b = instance.box) json["box"] = {b->left, b->top, b->right, b->bottom};
  for (const Outline& outline : instance.outlines) json["outlines"].push_back(of_outline(outline));
  if (const auto& m = instance.mask) json["mask"] = {{"width", m->width}, {"height", m->height}, {"counts", m->counts}};
  for (const Keypoint& keypoint : instance.keypoints) json["keypoints"].push_back(of_keypoint(keypoint));
  if (instance.rotated) json["rotated"] = true;
  if (instance.open) json["open"] = true;
  if (instance.crowd) json["crowd"] = true;
  if (!instance.extra.empty()) json["extra"] = instance.extra;
  return json;
}

Keypoint keypoint_of(const Json& json) {
  Keypoint keypoint;
  keypoint.at = {json.at("at").at(0), json.at("at").at(1)};
  keypoint.visibility = json.at("visibility");
  if (json.contains("angle")) keypoint.angle = json["angle"].get<double>();
  if (json.contains("size")) keypoint.size = json["size"].get<double>();
  return keypoint;
}

Instance instance_of(const Json& json) {
  Instance instance;
  instance.category = json.at("category");
  if (json.contains("box")) {
    const Json& b = json["box"];
    instance.box = Box{b.at(0), b.at(1), b.at(2), b.at(3)};
  }
  for (const Json& list : json.value("outlines", Json::array())) {
    Outline& outline = instance.outlines.emplace_back();
    for (const Json& p : list) outline.push_back({p.at(0), p.at(1)});
  }
  if (json.contains("mask")) {
    const Json& m = json["mask"];
    instance.mask = RunLengths{m.at("width"), m.at("height"), m.at("counts")};
  }
  for (const Json& k : json.value("keypoints", Json::array())) instance.keypoints.push_back(keypoint_of(k));
  instance.rotated = json.value("rotated", false);
  instance.open = json.value("open", false);
  instance.crowd = json.value("crowd", false);
  instance.extra = json.value("extra", "");
  return instance;
}

}  // namespace

std::string to_json_text(const Annotations& annotations) {
  Json json{{"instances", Json::array()}, {"extra", annotations.extra}};
  for (const Instance& instance : annotations.instances) json["instances"].push_back(of_instance(instance));
  return json.dump();
}

Annotations annotations_from_json(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    Annotations annotations;
    for (const Json& instance : json.at("instances")) annotations.instances.push_back(instance_of(instance));
    annotations.extra = json.at("extra");
    return annotations;
  } catch (const Json::exception&) {
    throw data_error("annotations of a shard's part are damaged");
  }
}

}  // namespace leaven::io
