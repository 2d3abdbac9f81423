// Small datasets of drawn images in a folder of their own.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/raster.hpp"

namespace leaven::cli {

/// A temporary folder that goes with the test.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// A picture that no other number gives: gradients and a disc.
Raster drawn_picture(int number, int width = 40, int height = 32, int channels = 3);
/// JPEG or PNG by the file's extension; folders are made.
void write_picture_file(const std::string& file, const Raster& picture);
/// `count` files 0.EXT … in the folder of each class.
void write_class_folders(const std::string& folder, const std::vector<std::string>& classes, int count,
                         const std::string& extension = "jpg");
void write_text_file(const std::string& file, std::string_view text);
std::string read_text_file(const std::string& file);
std::vector<std::string> lines_of_file(const std::string& file);

}  // namespace leaven::cli
