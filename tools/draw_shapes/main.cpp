// Draws the demo's dataset: labelled shapes in class folders, with the flaws that real folders have, so that cleaning
// and balancing have something to do: one class is rare, one file is cut short, one is a copy, one is no picture.
//   draw_shapes FOLDER [SEED]
#include <array>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "io/codec.hpp"
#include "tools/draw_shapes/picture.hpp"

namespace leaven::demo {

namespace fs = std::filesystem;

namespace {

struct Class {
  Shape shape{};
  int pictures{};
};
constexpr std::array kClasses{Class{Shape::circle, 16}, Class{Shape::square, 14}, Class{Shape::triangle, 12},
                              Class{Shape::star, 12},   Class{Shape::ring, 10},   Class{Shape::cross, 4}};

void write_file(const fs::path& path, io::BytesView bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) throw fs::filesystem_error("cannot write", path, std::make_error_code(std::errc::io_error));
}

/// Two thirds are JPEGs, as cameras make them, the others PNGs.
io::Bytes encode_as(const Raster& picture, bool jpeg) {
  if (jpeg) return io::encode(picture.view(), {.format = io::ImageFormat::jpeg, .quality = 90});
  return io::encode(picture.view(), {.format = io::ImageFormat::png});
}

std::string file_name(Shape shape, int number, bool jpeg) {
  const std::string digits = std::to_string(number);
  return std::string(name_of(shape)) + (number < 10 ? "_0" : "_") + digits + (jpeg ? ".jpg" : ".png");
}

void draw_class(const Class& kind, const fs::path& folder, std::uint64_t seed) {
  fs::create_directories(folder);
  for (int number = 1; number <= kind.pictures; ++number) {
    const Key stream{seed, static_cast<std::uint64_t>(kind.shape) * 1000 + static_cast<std::uint64_t>(number)};
    const bool jpeg = number % 3 != 0;
    write_file(folder / file_name(kind.shape, number, jpeg), encode_as(draw(kind.shape, Dice(stream)), jpeg));
  }
}

void add_flaws(const fs::path& root, std::uint64_t seed) {
  fs::copy_file(root / "circle" / file_name(Shape::circle, 2, true), root / "circle" / "circle_02 (copy).jpg",
                fs::copy_options::overwrite_existing);
  const io::Bytes whole = encode_as(draw(Shape::square, Dice(Key{seed, 1})), true);
  write_file(root / "square" / "square_cut_short.jpg", io::BytesView(whole).first(whole.size() / 3));
  std::ofstream(root / "notes.txt") << "Shapes on textured backgrounds, one folder a class. Not a picture.\n";
}

}  // namespace

void draw_dataset(const fs::path& root, std::uint64_t seed) {
  for (const Class& kind : kClasses) draw_class(kind, root / name_of(kind.shape), seed);
  add_flaws(root, seed);
}

}  // namespace leaven::demo

int main(int count, char** arguments) {
  if (count < 2 || count > 3) {
    std::cerr << "usage: draw_shapes FOLDER [SEED]\n";
    return 2;
  }
  try {
    leaven::demo::draw_dataset(arguments[1], count == 3 ? std::strtoull(arguments[2], nullptr, 10) : 1);
  } catch (const std::exception& error) {
    std::cerr << "draw_shapes: " << error.what() << "\n";
    return 1;
  }
}
