// PNG files of all kinds for the codec tests, written by libpng.
#pragma once

#include <png.h>

#include <optional>
#include <vector>

#include "tests/io/codec_fixtures.hpp"

namespace leaven::io::testing {

/// Rows are raw samples, packed as the format packs them.
struct PngRecipe {
  int width{}, height{}, bits{8}, colour{PNG_COLOR_TYPE_GRAY};
  std::vector<std::vector<unsigned char>> rows{};
  bool interlaced{};
  std::vector<png_color> palette{};
  std::vector<png_byte> palette_alpha{};
  std::optional<png_color_16> transparent{};  ///< index, red, green, blue, grey
  double gamma{};
};

Bytes write_png(PngRecipe recipe);

}  // namespace leaven::io::testing
