#include "tests/io/tiff_fixtures.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

namespace leaven::io::testing {

namespace {

void write_tiles(TIFF* tiff, const Raster& samples, const TiffRecipe& recipe) {
  const RasterShape& shape = samples.shape();
  const std::size_t sample = bytes_of(shape.dtype), pixel_bytes = recipe.separate ? sample : shape.pixel_bytes();
  for (int plane = 0; plane < (recipe.separate ? shape.channels : 1); ++plane) {
    for (int top = 0; top < shape.height; top += recipe.tile.height) {
      for (int left = 0; left < shape.width; left += recipe.tile.width) {
        Bytes tile(pixel_bytes * static_cast<std::size_t>(recipe.tile.width * recipe.tile.height));
        for (int y = top; y < std::min(top + recipe.tile.height, shape.height); ++y)
          for (int x = left; x < std::min(left + recipe.tile.width, shape.width); ++x)
            std::memcpy(tile.data() + pixel_bytes * static_cast<std::size_t>((y - top) * recipe.tile.width + x - left),
                        samples.row<std::byte>(y) + static_cast<std::size_t>(x) * shape.pixel_bytes() +
                            static_cast<std::size_t>(plane) * sample,
                        pixel_bytes);
        TIFFWriteTile(tiff, tile.data(), static_cast<std::uint32_t>(left), static_cast<std::uint32_t>(top), 0,
                      static_cast<std::uint16_t>(plane));
      }
    }
  }
}

void write_rows(TIFF* tiff, const Raster& samples, const TiffRecipe& recipe) {
  const RasterShape& shape = samples.shape();
  const std::size_t sample = bytes_of(shape.dtype);
  for (int plane = 0; plane < (recipe.separate ? shape.channels : 1); ++plane) {
    for (int y = 0; y < shape.height; ++y) {
      Bytes row(shape.row_bytes());
      if (recipe.separate) {
        for (int x = 0; x < shape.width; ++x)
          std::memcpy(row.data() + static_cast<std::size_t>(x) * sample,
                      samples.row<std::byte>(y) + static_cast<std::size_t>(x) * shape.pixel_bytes() +
                          static_cast<std::size_t>(plane) * sample,
                      sample);
      } else {
        std::memcpy(row.data(), samples.row<std::byte>(y), shape.row_bytes());
      }
      TIFFWriteScanline(tiff, row.data(), static_cast<std::uint32_t>(y), static_cast<std::uint16_t>(plane));
    }
  }
}

}  // namespace

Bytes write_tiff(const Raster& samples, const TiffRecipe& recipe) {
  std::string path = ::testing::TempDir() + "leaven_tiff_XXXXXX";
  TIFF* tiff = TIFFFdOpen(mkstemp(path.data()), path.c_str(), recipe.mode);
  const RasterShape& shape = samples.shape();
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, shape.width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, shape.height);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, shape.channels);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, recipe.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, recipe.format);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, recipe.photometric);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, recipe.compression);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, recipe.separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  if (!recipe.extra.empty())
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, static_cast<int>(recipe.extra.size()), recipe.extra.data());
  if (recipe.tags) recipe.tags(tiff);
  if (recipe.tile.width > 0) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, recipe.tile.width);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, recipe.tile.height);
    write_tiles(tiff, samples, recipe);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, recipe.strip_rows);
    if (recipe.packed.empty()) write_rows(tiff, samples, recipe);
    for (std::size_t y = 0; y < recipe.packed.size(); ++y)
      TIFFWriteScanline(tiff, const_cast<std::uint8_t*>(recipe.packed[y].data()), static_cast<std::uint32_t>(y), 0);
  }
  for (int page = 1; page < recipe.pages; ++page) {
    TIFFWriteDirectory(tiff);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 1);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 1);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    std::uint8_t black = 0;
    TIFFWriteScanline(tiff, &black, 0, 0);
  }
  TIFFClose(tiff);
  std::ifstream stream(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  unlink(path.c_str());
  return bytes_of(text);
}

}  // namespace leaven::io::testing
