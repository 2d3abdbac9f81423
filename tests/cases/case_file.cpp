#include "tests/cases/case_file.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace leaven::cases {

namespace {

RasterShape shape_from(const std::string& size, const std::string& dtype) {
  RasterShape shape;
  char x1 = 0, x2 = 0;
  std::istringstream(size) >> shape.width >> x1 >> shape.height >> x2 >> shape.channels;
  shape.dtype = dtype == "u16" ? Dtype::u16 : dtype == "f32" ? Dtype::f32 : Dtype::u8;
  shape.alpha = shape.channels == 4;
  return shape;
}

// Level 0…255 of a pattern at one place: integers only.
int level(const std::string& pattern, int x, int y, int c, const RasterShape& s) {
  if (pattern == "ramp") return x * 255 / std::max(1, s.width - 1);
  if (pattern == "dots") return x % 7 == 3 && y % 5 == 2 ? 255 : 0;
  if (pattern == "steps") return (x * 5 / s.width * 63 + y * 3 / s.height * 40 + c * 30) % 256;
  if (pattern != "photo") throw std::runtime_error("there is no pattern " + pattern);
  const int smooth = x * (90 + 40 * c) / s.width + y * (110 - 30 * c) / s.height;
  const int dx = 2 * x - s.width, dy = 2 * y - s.height;
  const int disc = dx * dx * 4 + dy * dy * 4 < s.width * s.height ? 70 - 25 * c : 0;
  const auto texture = static_cast<int>((static_cast<unsigned>(x) * 73856093U ^ static_cast<unsigned>(y) * 19349663U ^ static_cast<unsigned>(c) * 83492791U) >> 7 & 15);
  return std::min(255, 20 + smooth + disc + texture);
}

}  // namespace

std::vector<Case> read_cases(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<Case> cases;
  Case now;
  std::string line, *block = nullptr;
  int number = 0;
  bool used = false;
  const auto finish = [&] {
    if (used) cases.push_back(now);
    now = {};
    block = nullptr;
    used = false;
  };
  while (std::getline(in, line)) {
    ++number;
    if (line.rfind("----", 0) == 0) { finish(); continue; }
    if (block && (line.rfind("  ", 0) == 0)) { *block += line.substr(2) + "\n"; continue; }
    if (line.empty()) continue;
    if (line[0] == '#') {
      if (!used) now.title += (now.title.empty() ? "" : " ") + line.substr(line.find_first_not_of("# "));
      continue;
    }
    block = nullptr;
    std::istringstream words(line);
    std::string key, rest;
    words >> key;
    std::getline(words >> std::ws, rest);
    if (!used) now.file = file.string(), now.line = number, used = true;
    if (key == "image") {
      std::string size, dtype;
      std::istringstream(rest) >> size >> dtype >> now.pattern;
      now.image = shape_from(size, dtype);
    } else if (key == "table") block = &now.table;
    else if (key == "recipe") block = &now.recipe;
    else if (key == "output") block = &now.output;
    else if (key == "seed") now.seed = std::stoull(rest);
    else if (key == "copy") now.copy = static_cast<std::uint32_t>(std::stoul(rest));
    else if (key == "shape") now.shape = rest;
    else if (key == "digest") now.digest = rest;
    else if (key == "error") now.error = rest;
    else if (key == "unfused") now.unfused = std::stod(rest);
    else throw std::runtime_error(file.string() + ":" + std::to_string(number) + ": unknown keyword " + key);
  }
  finish();
  return cases;
}

Raster draw_pattern(const RasterShape& shape, const std::string& pattern) {
  Raster raster(shape);
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < shape.channels; ++c) {
        const bool is_alpha = shape.alpha && c == shape.channels - 1;
        const int v = is_alpha ? (x < shape.width / 3 ? 0 : 255 - 200 * y / shape.height) : level(pattern, x, y, c, shape);
        const int i = x * shape.channels + c;
        if (shape.dtype == Dtype::u8) raster.row<std::uint8_t>(y)[i] = static_cast<std::uint8_t>(v);
        else if (shape.dtype == Dtype::u16) raster.row<std::uint16_t>(y)[i] = static_cast<std::uint16_t>(v * 257);
        else raster.row<float>(y)[i] = static_cast<float>(v) / 255.0F;
      }
  return raster;
}

}  // namespace leaven::cases
