// One COCO file: which images it lists, and where their annotations stand in it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/annotation.hpp"
#include "io/dataset.hpp"
#include "io/file.hpp"

namespace leaven::io {

/// A piece of the file's text.
struct TextSpan {
  std::uint64_t offset{};
  std::uint32_t size{};
};

struct CocoImage {
  std::string file_name{};
  TextSpan text{};
  std::uint64_t first{}, count{};  ///< in CocoFile::annotations
};

/// Held instead of a tree: the text of a sample's annotations is read when the sample is.
struct CocoFile {
  explicit CocoFile(const std::filesystem::path& path) : file(path) {}

  InputFile file;
  std::vector<CocoImage> images{};
  std::vector<TextSpan> annotations{};  ///< by image, each image's in the file's order
  std::vector<Category> categories{};
  std::map<std::string, std::uint32_t> category_numbers{};  ///< by id; index into `categories`
  Marks marks{};
  long long last_image_id{}, last_annotation_id{};
  std::vector<long long> repeated_ids{};                      ///< of annotations, sorted
  std::vector<std::pair<std::string, std::string>> others{};  ///< info, licenses, …: as they stand
  std::map<std::string, std::uint64_t> strays{};
};

/// By its first lists: a JSON of one object with images, annotations or categories.
bool looks_like_coco(const std::filesystem::path& path);
/// Goes through the file once. Throws Error(data) naming file and place for what is no COCO.
CocoFile read_coco_file(const std::filesystem::path& path);

}  // namespace leaven::io
