// One LabelMe file: the shapes of an image as JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/mender.hpp"

namespace leaven::io {

/// Labels, types and groups of shapes, in the order in which they stand. Throws Error(data) for what is no LabelMe file.
struct LabelmeShape {
  std::string label{}, type{};
  std::string group{};  ///< group_id; empty: none
};
std::vector<LabelmeShape> labelme_shapes(std::string_view json);
/// For each shape of a file the one whose keypoint it is: a point in a group that has one other shape, and no other point of
/// its label. Nothing for those that stand for themselves.
std::vector<std::optional<std::size_t>> labelme_owners(const std::vector<LabelmeShape>& shapes);
/// `categories`: sorted by name.
Annotations read_labelme(std::string_view json, const std::vector<Category>& categories, Size image);
/// imageWidth and imageHeight, where it has both.
std::optional<Size> labelme_size(std::string_view json);
struct LabelmeImage {
  std::string file_name{};
  Size size{};
  bool own{};  ///< an original from LabelMe: all its fields still hold
};
std::string write_labelme(const std::vector<Instance>& instances, const std::string& extra, const LabelmeImage& image,
                          const std::vector<Category>& categories);

}  // namespace leaven::io
