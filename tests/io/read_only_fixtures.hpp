// Files of formats that Leaven only reads, for the codec tests: BMP by hand, GIF by giflib, HEIC and AVIF by libheif.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/io/codec_fixtures.hpp"

namespace leaven::io::testing {

struct BmpRecipe {
  int width{}, height{};                    ///< height below 0: rows from the top
  int bits{24};
  std::vector<std::vector<unsigned char>> rows{};     ///< as they are stored, the lowest first; filled up to 4 bytes here
  std::vector<std::uint32_t> palette{};     ///< 0x00RRGGBB
  bool alpha_mask{};                        ///< 32 bits, with the masks of a V4 header
  std::uint32_t compression{};
};
Bytes write_bmp(const BmpRecipe& recipe);

struct GifRecipe {
  int width{}, height{};
  std::vector<std::vector<unsigned char>> rows{};   ///< indices into colours 0 black, 1 red, 2 green, 3 white
  int left{}, top{}, screen_width{}, screen_height{};  ///< 0: the frame's
  int transparent{-1};
  bool interlaced{};
  int frames{1};
  std::string comment{}, application{};             ///< an application's 11 letters and its data in one
};
Bytes write_gif(const GifRecipe& recipe);

enum class HeifKind : std::uint8_t { heic, avif };
struct HeifRecipe {
  HeifKind kind{};
  std::string exif{}, xmp{};  ///< the content of such items
};
/// Nearly without loss. u8 of 3 channels, or 4 with alpha; u16 of one, of which 10 bits are kept.
Bytes write_heif(const Raster& image, const HeifRecipe& recipe);

}  // namespace leaven::io::testing
