// One Pascal VOC file: the objects of an image as XML.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/mender.hpp"

namespace leaven::io {

/// Names of objects in the order in which they stand. Throws Error(data), without a place but the line, for what is no
/// XML or no annotation.
std::vector<std::string> voc_names(std::string_view xml);
/// `names`: of categories, sorted.
Annotations read_voc(std::string_view xml, const std::vector<std::string>& names, Size image);

/// Its <size>, where it has one.
std::optional<Size> voc_size(std::string_view xml);

struct VocImage {
  std::string file_name{};
  Size size{};
  int channels{3};
  bool keeps_fractions{};  ///< coordinates as the source has them; else whole pixels, which all readers of VOC take
};
std::string write_voc(const std::vector<Instance>& instances, const std::string& extra, const VocImage& image,
                      const std::vector<Category>& categories);

}  // namespace leaven::io
