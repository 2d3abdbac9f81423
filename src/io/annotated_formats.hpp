// What each format of marked images offers to dataset.cpp and writer.cpp, and what they share. Not for other folders.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "io/dataset.hpp"
#include "io/dataset_formats.hpp"

namespace leaven::io {

/// A folder as the formats of marked images look at it.
struct MarkedTree {
  std::filesystem::path root{};
  std::vector<std::string> containers{};  ///< as Candidates::files: JSON, YAML, CSV near the top
  TreeListing listing{};
  bool asked_for{};  ///< the format was named by the user: less proof is needed
};

/// Null when the tree is not of the format. The listing is left as it was then.
std::unique_ptr<DatasetReader> open_coco(MarkedTree& tree, const OpenOptions& options);
std::unique_ptr<DatasetReader> open_yolo(MarkedTree& tree, const OpenOptions& options);
std::unique_ptr<DatasetReader> open_voc(MarkedTree& tree, const OpenOptions& options);
std::unique_ptr<DatasetReader> open_labelme(MarkedTree& tree, const OpenOptions& options);
std::unique_ptr<DatasetReader> open_masks(MarkedTree& tree, const OpenOptions& options);
std::unique_ptr<DatasetReader> open_boxes(MarkedTree& tree, const OpenOptions& options);

std::unique_ptr<DatasetWriter> open_coco_writer(const std::filesystem::path& out, const WriterOptions& options);
std::unique_ptr<DatasetWriter> open_yolo_writer(const std::filesystem::path& out, const WriterOptions& options);
std::unique_ptr<DatasetWriter> open_voc_writer(const std::filesystem::path& out, const WriterOptions& options);
std::unique_ptr<DatasetWriter> open_labelme_writer(const std::filesystem::path& out, const WriterOptions& options);
std::unique_ptr<DatasetWriter> open_masks_writer(const std::filesystem::path& out, const WriterOptions& options);
std::unique_ptr<DatasetWriter> open_boxes_writer(const std::filesystem::path& out, const WriterOptions& options);
/// Whether a file of the layout masks is a mask.
bool is_mask_path(const WriterOptions& options, std::string_view path);

/// "a/b" for "a/b.jpg".
std::string_view without_extension(std::string_view path);
/// "a/b/" for "a/b/c.jpg", "" for "c.jpg".
std::string_view folder_of(std::string_view path);
/// "b/c.jpg" for "images/train2017/b/c.jpg": without leading folders that only say "images" or name a split.
std::string_view below_image_folders(std::string_view path);
/// The split that one of the path's folders is named after.
Split split_in_path(std::string_view path);
/// The path with its last folder `from` replaced by `to`; nothing when there is none.
std::optional<std::string> with_folder_replaced(std::string_view path, std::string_view from, std::string_view to);
/// Up to `count` of the images, evenly spread.
std::vector<std::string> some_of(const std::vector<std::string>& images, std::size_t count);
/// A text file below root if it is there and not larger than any that a person or a tool writes.
std::optional<std::string> text_file(const std::filesystem::path& path, std::uint64_t most_bytes = 64 << 20);
/// Takes a listing over into an index: entries without labels, splits, broken files and strays.
DatasetIndex index_of_marked(TreeListing listing, std::string_view format);
/// "12 categories, 5,000 images": the end of every description.
std::string describe_marked(const DatasetIndex& index);

/// Takes up to `count` files off the strays of a kind ("*.txt"): they belong to the dataset. Answers with how many are
/// left.
std::uint64_t claim_strays(DatasetIndex& index, const std::string& kind, std::uint64_t count);

/// Annotations of which each image has a file of its own: where it lies, and how large it can be.
struct AnnotationFiles {
  std::filesystem::path root{};
  std::function<std::optional<std::string>(std::string_view image)> path_of{};
  std::uint64_t most_bytes{};

  /// The text of an image's file goes to `read`. What is wrong with it is Error(data) that names the file.
  Annotations of(std::string_view image, const std::function<Annotations(std::string_view text)>& read) const;
  /// Images without a file leave the index: not annotated is not the same as empty. `read` gets the texts of the
  /// others; what it throws is said again when the sample's turn comes. Answers with how many could be read.
  std::size_t keep_annotated(DatasetIndex& index, const std::function<void(std::string_view text)>& read) const;
};

}  // namespace leaven::io
