// Where YOLO looks for the labels of an image.
#pragma once

#include <string>
#include <string_view>

namespace leaven::io {

/// The last folder "images" becomes "labels", the extension txt; without such a folder it lies beside the image.
std::string yolo_label_path(std::string_view image);

}  // namespace leaven::io
