// Readers whose samples are image files below one folder, with or without files of labels that belong to them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "io/dataset_formats.hpp"
#include "io/file.hpp"

namespace leaven::io {

class ImageFilesReader : public DatasetReader {
 public:
  const DatasetIndex& index() const final { return index_; }
  SourceImage read(const Entry& entry) const final {
    try {
      return image_file(read_file(root_ / entry.id));
    } catch (Error& error) {
      throw error.with_sample(entry.id);
    }
  }
  std::optional<std::filesystem::path> file_of(const Entry& entry) const final { return root_ / entry.id; }
  bool stores_pixels() const final { return false; }

 protected:
  ImageFilesReader(std::filesystem::path root, DatasetIndex index) : root_(std::move(root)), index_(std::move(index)) {}

  /// Marks on the image as it is seen, from `read`, which gives them in the frame of an image of some size. Some tools let
  /// people mark photos as they are stored, whatever the camera says of how they are turned: `told`, the size that the
  /// annotations give, is then that of the stored image.
  Annotations as_seen(const Entry& entry, Size seen, std::optional<Size> told,
                      const std::function<Annotations(Size)>& read) const;
  /// EXIF 1…8, of a photo that is seen in this size; 1 unless it is stored with its sides exchanged.
  int orientation_of(const Entry& entry, Size seen) const;

  std::filesystem::path root_;
  DatasetIndex index_;
};

}  // namespace leaven::io
