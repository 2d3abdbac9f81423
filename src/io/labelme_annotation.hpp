// One LabelMe file: the shapes of an image as JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/mender.hpp"

namespace leaven::io {

/// Labels and types of shapes, in the order in which they stand. Throws Error(data) for what is no LabelMe file.
struct LabelmeShape {
  std::string label{}, type{};
};
std::vector<LabelmeShape> labelme_shapes(std::string_view json);
/// `names`: of categories, sorted.
Annotations read_labelme(std::string_view json, const std::vector<std::string>& names, Size image);
std::string write_labelme(const std::vector<Instance>& instances, const std::string& extra,
                          const std::string& file_name, Size image, const std::vector<Category>& categories);

}  // namespace leaven::io
