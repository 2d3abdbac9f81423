// Small datasets of drawn images in a folder of their own, and looking at what a job made of them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "io/codec.hpp"

namespace leaven::flow {

/// A temporary folder that goes with the test.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A picture that no other number gives: gradients and a disc.
Raster picture(int number, int width = 48, int height = 40, int channels = 3);
void write_bytes(const std::filesystem::path& file, io::BytesView bytes);
void write_text(const std::filesystem::path& file, std::string_view text);
std::string read_text(const std::filesystem::path& file);
/// By the file's extension.
void write_image(const std::filesystem::path& file, const Raster& image, int quality = 90);
/// `count` JPEGs 000.jpg … in each class's folder.
void write_classes(const std::filesystem::path& folder, const std::vector<std::string>& classes, int count);

/// Path → digest of all files, job file and report left out: what must be equal between runs.
std::map<std::string, std::string> tree_of(const std::filesystem::path& out);
/// All paths.
std::vector<std::string> names_in(const std::filesystem::path& folder);
std::vector<std::string> lines_of(const std::filesystem::path& file);

}  // namespace leaven::flow
