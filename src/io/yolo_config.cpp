#include "io/yolo_config.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/utf8.hpp"
#include "io/csv_rows.hpp"
#include "io/file.hpp"
#include "io/number_text.hpp"

namespace leaven::io {

namespace {

constexpr std::array<std::string_view, 4> kKinds{"detect", "segment", "pose", "obb"};
constexpr long long kMostClasses = 1'000'000;
constexpr long long kMostKeypoints = 10'000;

std::optional<long long> whole(const YAML::Node& node) {
  return node.IsScalar() ? whole_number(node.Scalar()) : std::nullopt;
}

long long count_in(const YAML::Node& node, const char* what, long long least, long long most) {
  const auto n = whole(node);
  if (!n || *n < least || *n > most)
    throw data_error(std::string(what) + " must be a whole number from " + std::to_string(least) + " to " +
                     std::to_string(most));
  return *n;
}

std::vector<std::string> texts(const YAML::Node& node) {
  std::vector<std::string> list;
  if (node.IsScalar()) list.push_back(node.Scalar());
  if (node.IsSequence())
    for (const YAML::Node& item : node)
      if (item.IsScalar()) list.push_back(item.Scalar());
  return list;
}

/// A list, or a map from numbers; a class that the map leaves out is called by its number.
std::vector<std::string> class_names(const YAML::Node& node) {
  if (node.IsSequence()) return texts(node);
  std::vector<std::string> names;
  if (!node.IsMap()) return names;
  for (const auto& item : node) {
    const auto number = static_cast<std::size_t>(count_in(item.first, "a class's number", 0, kMostClasses));
    while (names.size() <= number) names.push_back(std::to_string(names.size()));
    if (item.second.IsScalar()) names[number] = item.second.Scalar();
  }
  return names;
}

void read_keypoints(const YAML::Node& root, YoloConfig& config) {
  const YAML::Node shape = root["kpt_shape"];
  if (!shape.IsDefined()) return;
  if (!shape.IsSequence() || shape.size() != 2) throw data_error("kpt_shape must be [count, 2 or 3]");
  config.keypoints = static_cast<std::size_t>(count_in(shape[0], "the count in kpt_shape", 1, kMostKeypoints));
  config.dimensions = static_cast<std::size_t>(count_in(shape[1], "the second number of kpt_shape", 2, 3));
  if (const YAML::Node flips = root["flip_idx"]; flips && flips.IsSequence() && flips.size() > 0) {
    if (flips.size() != config.keypoints) throw data_error("flip_idx must name each keypoint of kpt_shape once");
    for (const YAML::Node& flip : flips)
      config.flip_index.push_back(
          static_cast<std::uint32_t>(count_in(flip, "flip_idx", 0, static_cast<long long>(config.keypoints) - 1)));
  }
  YAML::Node names = root["kpt_names"];  // a list, or one list a class: the first speaks for all
  if (!names) return;
  if (names.IsMap() && names.size() > 0) names = names.begin()->second;
  config.keypoint_names = texts(names);
  if (config.keypoint_names.size() != config.keypoints) config.keypoint_names.clear();
}

std::optional<YoloConfig> config_of(const YAML::Node& root) {
  if (!root.IsMap()) return std::nullopt;
  YoloConfig config;
  if (const YAML::Node names = root["names"]) config.names = class_names(names);
  if (const YAML::Node count = root["nc"]) {
    const auto n = static_cast<std::size_t>(count_in(count, "nc", 0, kMostClasses));
    while (config.names.size() < n) config.names.push_back(std::to_string(config.names.size()));
  }
  if (const YAML::Node task = root["task"]; task && task.IsScalar()) config.task = yolo_kind_from(task.Scalar());
  if (const YAML::Node path = root["path"]; path && path.IsScalar() && !path.IsNull()) config.path = path.Scalar();
  constexpr std::array<std::pair<const char*, Split>, 4> kSplits{
      {{"train", Split::train}, {"val", Split::val}, {"valid", Split::val}, {"test", Split::test}}};
  for (const auto& [key, split] : kSplits)
    if (const YAML::Node place = root[key]; place && !place.IsNull() && !config.splits.contains(split))
      if (auto places = texts(place); !places.empty()) config.splits[split] = std::move(places);
  read_keypoints(root, config);
  if (config.names.empty()) return std::nullopt;
  return config;
}

/// yaml-cpp takes bytes that are no text for the end of the stream, or for documents without end.
bool is_plain_text(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte == 0x7F || (byte < 0x20 && c != '\t' && c != '\n' && c != '\r');
         });
}

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

}  // namespace

std::string_view name_of(YoloKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::optional<YoloKind> yolo_kind_from(std::string_view name) {
  const auto found = std::ranges::find(kKinds, name);
  if (found == kKinds.end()) return std::nullopt;
  return static_cast<YoloKind>(found - kKinds.begin());
}

std::optional<YoloConfig> read_yolo_config(std::string_view yaml, const std::string& file_name) {
  try {
    yaml = without_bom(yaml);
    if (!is_plain_text(yaml)) throw data_error("is no text in UTF-8");
    return config_of(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& error) {
    throw data_error("is no YAML: " + error.msg)
        .with_place(file_name + ":" + std::to_string(std::max(error.mark.line, 0) + 1));
  } catch (Error& error) {
    throw error.with_place(file_name);
  }
}

std::string write_yolo_config(const YoloConfig& config) {
  std::string text;
  for (const Split split : {Split::train, Split::val, Split::test}) {
    const auto places = config.splits.find(split);
    if (places == config.splits.end()) continue;
    text += std::string(name_of(split)) + ":";
    if (places->second.size() == 1) {
      text += " " + quoted(places->second.front()) + "\n";
    } else {
      text += "\n";
      for (const std::string& place : places->second) text += "  - " + quoted(place) + "\n";
    }
  }
  if (config.task) text += "task: " + std::string(name_of(*config.task)) + "\n";
  if (config.keypoints > 0) {
    text += "kpt_shape: [" + std::to_string(config.keypoints) + ", " + std::to_string(config.dimensions) + "]\n";
    if (!config.flip_index.empty()) {
      text += "flip_idx: [";
      for (const std::uint32_t flip : config.flip_index)
        text += (text.back() == '[' ? "" : ", ") + std::to_string(flip);
      text += "]\n";
    }
    if (!config.keypoint_names.empty()) {
      text += "kpt_names:\n";
      for (std::size_t c = 0; c < config.names.size(); ++c) {
        text += "  " + std::to_string(c) + ":\n";
        for (const std::string& name : config.keypoint_names) text += "    - " + quoted(name) + "\n";
      }
    }
  }
  text += "nc: " + std::to_string(config.names.size()) + "\nnames:\n";
  for (std::size_t c = 0; c < config.names.size(); ++c)
    text += "  " + std::to_string(c) + ": " + quoted(config.names[c]) + "\n";
  return text;
}

std::vector<std::string> listed_names(std::string_view text) {
  std::vector<std::string> names;
  Lines lines(text);
  for (std::string_view line; lines.next(line);) names.emplace_back(without_blanks(line));
  while (!names.empty() && names.back().empty()) names.pop_back();
  return names;
}

}  // namespace leaven::io
