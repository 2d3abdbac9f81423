#include "io/voc_annotation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "core/error.hpp"
#include "core/utf8.hpp"
#include "io/csv_rows.hpp"
#include "io/number_text.hpp"
#include "io/outline_shapes.hpp"

namespace leaven::io {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kDeepest = 16;  // of fields that are carried along
constexpr int kPlaces = 6;
constexpr long long kMostSide = 1 << 30;
constexpr std::array<const char*, 4> kSides{"xmin", "ymin", "xmax", "ymax"};

pugi::xml_node parse(pugi::xml_document& document, std::string_view xml) {
  const pugi::xml_parse_result result = document.load_buffer(xml.data(), xml.size());
  if (!result) {
    const auto before = xml.substr(
        0, std::min<std::size_t>(static_cast<std::size_t>(std::max<std::ptrdiff_t>(result.offset, 0)), xml.size()));
    throw data_error("line " + std::to_string(1 + std::ranges::count(before, '\n')) +
                     ": is no XML: " + result.description());
  }
  const pugi::xml_node root = document.child("annotation");
  if (!root) throw data_error("is no VOC annotation: it has no element annotation");
  return root;
}

std::string text_of(const pugi::xml_node& node) {
  const std::string text(without_blanks(node.child_value()));
  if (!is_utf8(text)) throw data_error("is no valid UTF-8");
  return text;
}

/// Elements with elements as objects, repeated ones as lists, others as texts.
Json json_of(const pugi::xml_node& node, int depth) {
  if (depth > kDeepest) throw data_error("is XML that is nested too deep");
  Json object = Json::object();
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() != pugi::node_element || !is_utf8(child.name())) continue;
    Json value = json_of(child, depth + 1);
    if (!object.contains(child.name()))
      object[child.name()] = std::move(value);
    else if (object[child.name()].is_array())
      object[child.name()].push_back(std::move(value));
    else
      object[child.name()] = Json::array({object[child.name()], std::move(value)});
  }
  if (object.empty()) return text_of(node);
  return object;
}

std::string others_of(const pugi::xml_node& node, std::initializer_list<const char*> known) {
  Json json = json_of(node, 0);
  if (!json.is_object()) return {};
  for (const char* name : known) json.erase(name);
  return json.empty() ? std::string() : json.dump();
}

std::optional<Box> box_in(const pugi::xml_node& object, Mender& mender) {
  const pugi::xml_node node = object.child("bndbox");
  if (!node) return std::nullopt;
  std::array<double, 4> side{};
  for (std::size_t i = 0; i < side.size(); ++i) {
    const std::string text = text_of(node.child(kSides[i]));
    const auto number = finite_number(text);
    if (!number) throw data_error(std::string(kSides[i]) + " must be a number, got \"" + text.substr(0, 40) + "\"");
    side[i] = *number;
  }
  if (side[0] > side[2] || side[1] > side[3]) {
    if (side[0] > side[2]) std::swap(side[0], side[2]);
    if (side[1] > side[3]) std::swap(side[1], side[3]);
    mender.count("box with its corners turned around");
  }
  // VOC names the first and the last pixel of a box, and counts from 1.
  return mender.box({side[0] - 1, side[1] - 1, side[2], side[3]});
}

/// A name that XML allows: fields of other formats may be called anything.
bool is_plain_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && is_letter(name[0]) && std::ranges::all_of(name, [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

void append_json(pugi::xml_node& parent, const std::string& name, const Json& value) {
  if (value.is_array()) {
    for (const Json& item : value) append_json(parent, name, item);
    return;
  }
  pugi::xml_node node = parent.append_child(name.c_str());
  if (value.is_object())
    for (const auto& [key, item] : value.items()) {
      if (is_plain_name(key)) append_json(node, key, item);
    }
  else
    node.text().set((value.is_string() ? value.get<std::string>() : value.dump()).c_str());
}

void append_carried(pugi::xml_node& parent, const std::string& extra, std::initializer_list<const char*> without) {
  if (extra.empty()) return;
  const Json fields = Json::parse(extra);
  for (const auto& [key, value] : fields.items())
    if (std::ranges::find(without, key) == without.end() && is_plain_name(key)) append_json(parent, key, value);
}

void append_box(pugi::xml_node& object, const Box& box, bool keeps_fractions) {
  std::array<double, 4> side{box.left + 1, box.top + 1, box.right, box.bottom};
  if (!keeps_fractions) {
    for (double& s : side) s = std::floor(s + 0.5);
    side[2] = std::max(side[0], side[2]);
    side[3] = std::max(side[1], side[3]);
  }
  pugi::xml_node node = object.append_child("bndbox");
  for (std::size_t i = 0; i < side.size(); ++i)
    node.append_child(kSides[i]).text().set(decimal(side[i], kPlaces).c_str());
}

}  // namespace

std::vector<std::string> voc_names(std::string_view xml) {
  pugi::xml_document document;
  std::vector<std::string> names;
  for (const pugi::xml_node& object : parse(document, xml).children("object"))
    names.push_back(text_of(object.child("name")));
  return names;
}

Annotations read_voc(std::string_view xml, const std::vector<std::string>& names, Size image) {
  pugi::xml_document document;
  const pugi::xml_node root = parse(document, xml);
  Annotations marks;
  Mender mender(image);
  for (const pugi::xml_node& object : root.children("object")) {
    Instance instance;
    const auto name = std::ranges::lower_bound(names, text_of(object.child("name")));
    if (name == names.end() || *name != text_of(object.child("name")))
      throw data_error("changed since the dataset was opened");
    instance.category = static_cast<std::uint32_t>(name - names.begin());
    instance.box = box_in(object, mender);
    instance.crowd = text_of(object.child("difficult")) == "1";
    instance.extra = others_of(object, {"name", "bndbox", "difficult"});
    mender.add(marks, std::move(instance));
  }
  marks.mended = mender.take();
  marks.extra = others_of(root, {"object", "size", "filename"});
  return marks;
}

std::optional<Size> voc_size(std::string_view xml) {
  pugi::xml_document document;
  const pugi::xml_node size = parse(document, xml).child("size");
  const auto width = whole_number(text_of(size.child("width"))), height = whole_number(text_of(size.child("height")));
  if (!width || !height) return std::nullopt;
  return Size{static_cast<int>(std::clamp(*width, 0LL, kMostSide)), static_cast<int>(std::clamp(*height, 0LL, kMostSide))};
}

std::string write_voc(const std::vector<Instance>& instances, const std::string& extra, const VocImage& image,
                      const std::vector<Category>& categories) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("annotation");
  root.append_child("filename").text().set(image.file_name.c_str());
  // A path of the annotator's machine is that of the original, if it is one at all.
  append_carried(root, extra, {"object", "size", "filename", image.keeps_fractions ? "" : "path"});
  pugi::xml_node size = root.append_child("size");
  size.append_child("width").text().set(image.size.width);
  size.append_child("height").text().set(image.size.height);
  size.append_child("depth").text().set(image.channels);
  for (const Instance& instance : instances) {
    const auto box = box_of(instance);
    if (!box) continue;
    pugi::xml_node object = root.append_child("object");
    object.append_child("name").text().set(categories.at(instance.category).name.c_str());
    // Another format's area is that of its outlines in its own picture.
    append_carried(object, instance.extra, {"name", "bndbox", "difficult", image.keeps_fractions ? "" : "area"});
    object.append_child("difficult").text().set(instance.crowd ? "1" : "0");
    append_box(object, *box, image.keeps_fractions);
  }
  std::ostringstream text;
  document.save(text, "\t", pugi::format_default | pugi::format_no_declaration);
  return text.str();
}

}  // namespace leaven::io
