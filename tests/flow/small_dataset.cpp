#include "tests/flow/small_dataset.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sstream>

#include "core/lineage.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

TestFolder::TestFolder() {
  static std::atomic<int> counter{};
  path_ = fs::path(testing::TempDir()) / ("leaven_flow_" + std::to_string(::getpid()) + "_" + std::to_string(counter++));
  fs::create_directories(path_);
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  for (fs::recursive_directory_iterator it(path_, ignored), end; !ignored && it != end; it.increment(ignored))
    if (it->is_directory(ignored) && !it->is_symlink()) fs::permissions(it->path(), fs::perms::owner_all, ignored);
  fs::remove_all(path_, ignored);
}

Raster picture(int number, int width, int height, int channels) {
  Raster image(RasterShape{.width = width, .height = height, .channels = channels, .dtype = Dtype::u8,
                           .alpha = channels == 4, .bounded = true});
  const int cx = (number * 37) % width, cy = (number * 23) % height, radius = 4 + number % 9;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const bool disc = (x - cx) * (x - cx) + (y - cy) * (y - cy) < radius * radius;
      for (int c = 0; c < channels; ++c)
        image.row<std::uint8_t>(y)[x * channels + c] =
            static_cast<std::uint8_t>(disc ? 255 - number * 7 + 60 * c : x * 2 + y * (c + 1) + number * 11);
    }
  return image;
}

void write_bytes(const fs::path& file, io::BytesView bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

void write_text(const fs::path& file, std::string_view text) { write_bytes(file, std::as_bytes(std::span(text))); }

std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_image(const fs::path& file, const Raster& image, int quality) {
  io::EncodeOptions options;
  const std::string extension = file.extension();
  options.format = extension == ".png"    ? io::ImageFormat::png
                   : extension == ".webp" ? io::ImageFormat::webp
                   : extension == ".tif"  ? io::ImageFormat::tiff
                                          : io::ImageFormat::jpeg;
  options.quality = quality;
  write_bytes(file, io::encode(image.view(), options));
}

void write_classes(const fs::path& folder, const std::vector<std::string>& classes, int count) {
  int number = 0;
  for (const std::string& label : classes)
    for (int i = 0; i < count; ++i) {
      const std::string name = std::to_string(1000 + i).substr(1) + ".jpg";
      write_image(folder / label / name, picture(++number, 40 + i % 5, 36 + i % 3));
    }
}

std::map<std::string, std::string> tree_of(const fs::path& out) {
  std::map<std::string, std::string> tree;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(out)) {
    if (entry.is_directory()) continue;
    const std::string name = entry.path().lexically_relative(out);
    if (name.starts_with("leaven.job.") || name == "leaven.report.html" || name == "leaven.recipe.yaml") continue;
    const std::string bytes = read_text(entry.path());
    tree[name] = digest_of(bytes.data(), bytes.size());
  }
  return tree;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (!entry.is_directory()) names.push_back(entry.path().lexically_relative(folder));
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::istringstream text(read_text(file));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

}  // namespace leaven::flow
