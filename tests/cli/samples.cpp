#include "tests/cli/samples.hpp"

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "io/codec.hpp"

namespace leaven::cli {

namespace fs = std::filesystem;

ScratchFolder::ScratchFolder() {
  std::string pattern = (fs::temp_directory_path() / "leaven-test-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Raster drawn_picture(int number, int width, int height, int channels) {
  Raster picture({width, height, channels, Dtype::u8, channels == 4});
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const int dx = x - width / 3 - number % 7, dy = y - height / 2;
      const bool disc = dx * dx + dy * dy < 40 + number % 11 * 5;
      for (int c = 0; c < channels; ++c) {
        const int gradient = (x * (3 + c) + y * (5 - c) + number * 29) % 200 + 20;
        picture.row<std::uint8_t>(y)[x * channels + c] =
            static_cast<std::uint8_t>(disc ? 255 - gradient / (c + 1) : gradient);
      }
    }
  return picture;
}

void write_picture_file(const std::string& file, const Raster& picture) {
  io::EncodeOptions options;
  options.format = file.ends_with(".png") ? io::ImageFormat::png : io::ImageFormat::jpeg;
  options.quality = 90;
  const io::Bytes bytes = io::encode(picture.view(), options);
  write_text_file(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void write_class_folders(const std::string& folder, const std::vector<std::string>& classes, int count,
                         const std::string& extension) {
  int number = 0;
  for (const std::string& name : classes)
    for (int i = 0; i < count; ++i)
      write_picture_file(folder + "/" + name + "/" + std::to_string(i) + "." + extension, drawn_picture(++number));
}

void write_text_file(const std::string& file, std::string_view text) {
  if (const fs::path folder = fs::path(file).parent_path(); !folder.empty()) fs::create_directories(folder);
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (!out.flush()) throw std::runtime_error(file + " cannot be written");
}

std::string read_text_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(file + " cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> lines_of_file(const std::string& file) {
  std::istringstream in(read_text_file(file));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace leaven::cli
