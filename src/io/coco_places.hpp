// Where the images that a COCO file lists lie on disk.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/coco_file.hpp"

namespace leaven::io {

/// A file's images among those below a folder.
struct CocoPlaces {
  std::vector<std::string> folders{};               ///< '/' at the end or empty; the first holds most
  std::vector<std::optional<std::string>> paths{};  ///< of each image; nothing where it is missing
};

/// `images`: sorted, relative to the dataset's root; `json`: the file, relative to it too. The folder that holds most
/// of the names wins, then the one that is named as the JSON is ("train2017"), then the first.
CocoPlaces find_coco_images(const CocoFile& coco, const std::string& json, const std::vector<std::string>& images);

}  // namespace leaven::io
