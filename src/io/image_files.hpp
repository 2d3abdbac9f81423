// Readers whose samples are image files below one folder, with or without files of labels that belong to them.
#pragma once

#include <filesystem>
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

  std::filesystem::path root_;
  DatasetIndex index_;
};

}  // namespace leaven::io
