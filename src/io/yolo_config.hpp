// data.yaml: the classes, keypoints and splits of a YOLO dataset.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/dataset.hpp"

namespace leaven::io {

enum class YoloKind : std::uint8_t { detect, segment, pose, obb };
std::string_view name_of(YoloKind kind);
std::optional<YoloKind> yolo_kind_from(std::string_view name);

struct YoloConfig {
  std::vector<std::string> names{};
  std::optional<YoloKind> task{};
  std::size_t keypoints{}, dimensions{};    ///< kpt_shape: how many, and 2 (x, y) or 3 (x, y, visibility)
  std::vector<std::uint32_t> flip_index{};  ///< as many as keypoints, or none
  std::vector<std::string> keypoint_names{};
  std::string path{};                                  ///< the folder that it speaks of, as written
  std::map<Split, std::vector<std::string>> splits{};  ///< folders or .txt lists, as written
};

/// Throws Error(data) naming the file when it is no YAML, or says what cannot be. Nothing when it is YAML but speaks of
/// no dataset.
std::optional<YoloConfig> read_yolo_config(std::string_view yaml, const std::string& file_name);
std::string write_yolo_config(const YoloConfig& config);

/// Names of classes from a plain list, one a line (classes.txt, obj.names).
std::vector<std::string> listed_names(std::string_view text);

}  // namespace leaven::io
