#include <gtest/gtest.h>

#include <vector>

#include "tests/io/png_fixtures.hpp"

namespace leaven::io::testing {

namespace {

void expect_shape(const Bytes& file, const RasterShape& shape) {
  EXPECT_EQ(read_header(file).shape, shape) << describe(read_header(file).shape);
  EXPECT_EQ(decode_all(file).shape(), shape);
}

TEST(PngDecode, FewBitGreySpreadsOverAllLevels) {
  // 10110000, 00 01 10 11, 0 5 10 15
  const Raster one = decode_all(write_png({.width = 4, .height = 1, .bits = 1, .rows = {{0xB0}}}));
  EXPECT_EQ(pixel(one, 0, 0) + " " + pixel(one, 1, 0) + " " + pixel(one, 2, 0) + " " + pixel(one, 3, 0),
            "255 0 255 255");
  const Raster two = decode_all(write_png({.width = 4, .height = 1, .bits = 2, .rows = {{0x1B}}}));
  EXPECT_EQ(pixel(two, 0, 0) + " " + pixel(two, 1, 0) + " " + pixel(two, 2, 0) + " " + pixel(two, 3, 0),
            "0 85 170 255");
  const Raster four = decode_all(write_png({.width = 4, .height = 1, .bits = 4, .rows = {{0x05, 0xAF}}}));
  EXPECT_EQ(pixel(four, 0, 0) + " " + pixel(four, 1, 0) + " " + pixel(four, 2, 0) + " " + pixel(four, 3, 0),
            "0 85 170 255");
}

TEST(PngDecode, PalettesBecomeRgbAndTransparentOnesRgba) {
  const std::vector<png_color> palette{{10, 20, 30}, {200, 100, 50}, {255, 255, 0}, {1, 2, 3}};
  for (const int bits : {2, 4, 8}) {
    std::vector<unsigned char> row = bits == 2   ? std::vector<unsigned char>{0x1B}
                                     : bits == 4 ? std::vector<unsigned char>{0x01, 0x23}
                                                 : std::vector<unsigned char>{0, 1, 2, 3};
    const PngRecipe opaque{
        .width = 4, .height = 1, .bits = bits, .colour = PNG_COLOR_TYPE_PALETTE, .rows = {row}, .palette = palette};
    const Bytes rgb = write_png(opaque);
    expect_shape(rgb, {.width = 4, .height = 1, .channels = 3});
    EXPECT_EQ(pixel(decode_all(rgb), 1, 0), "200 100 50");
    EXPECT_EQ(pixel(decode_all(rgb), 3, 0), "1 2 3");

    PngRecipe clear = opaque;
    clear.palette_alpha = {0, 128};
    const Bytes rgba = write_png(clear);
    expect_shape(rgba, {.width = 4, .height = 1, .channels = 4, .alpha = true});
    EXPECT_EQ(pixel(decode_all(rgba), 0, 0), "10 20 30 0");
    EXPECT_EQ(pixel(decode_all(rgba), 1, 0), "200 100 50 128");
    EXPECT_EQ(pixel(decode_all(rgba), 2, 0), "255 255 0 255");
  }
}

TEST(PngDecode, GreyWithAlphaBecomesRgba) {
  const Bytes eight =
      write_png({.width = 2, .height = 1, .colour = PNG_COLOR_TYPE_GRAY_ALPHA, .rows = {{7, 9, 200, 255}}});
  expect_shape(eight, {.width = 2, .height = 1, .channels = 4, .alpha = true});
  EXPECT_EQ(pixel(decode_all(eight), 0, 0), "7 7 7 9");
  EXPECT_EQ(pixel(decode_all(eight), 1, 0), "200 200 200 255");
  const Bytes sixteen = write_png(
      {.width = 1, .height = 1, .bits = 16, .colour = PNG_COLOR_TYPE_GRAY_ALPHA, .rows = {{0x12, 0x34, 0xAB, 0xCD}}});
  expect_shape(sixteen, {.width = 1, .height = 1, .channels = 4, .dtype = Dtype::u16, .alpha = true});
  EXPECT_EQ(pixel(decode_all(sixteen), 0, 0), "4660 4660 4660 43981");
}

TEST(PngDecode, ATransparentColourBecomesAlpha) {
  const Bytes grey = write_png({.width = 2, .height = 1, .rows = {{7, 8}}, .transparent = png_color_16{0, 0, 0, 0, 8}});
  expect_shape(grey, {.width = 2, .height = 1, .channels = 4, .alpha = true});
  EXPECT_EQ(pixel(decode_all(grey), 0, 0), "7 7 7 255");
  EXPECT_EQ(pixel(decode_all(grey), 1, 0), "8 8 8 0");
  const Bytes few =
      write_png({.width = 2, .height = 1, .bits = 4, .rows = {{0x5F}}, .transparent = png_color_16{0, 0, 0, 0, 5}});
  EXPECT_EQ(pixel(decode_all(few), 0, 0), "85 85 85 0");
  EXPECT_EQ(pixel(decode_all(few), 1, 0), "255 255 255 255");
  const Bytes rgb = write_png({.width = 2,
                               .height = 1,
                               .colour = PNG_COLOR_TYPE_RGB,
                               .rows = {{1, 2, 3, 1, 2, 4}},
                               .transparent = png_color_16{0, 1, 2, 3, 0}});
  EXPECT_EQ(pixel(decode_all(rgb), 0, 0), "1 2 3 0");
  EXPECT_EQ(pixel(decode_all(rgb), 1, 0), "1 2 4 255");
}

TEST(PngDecode, SixteenBitsStayInTheMachinesOrder) {
  const Bytes grey = write_png({.width = 2, .height = 1, .bits = 16, .rows = {{0x12, 0x34, 0xFF, 0xFE}}});
  expect_shape(grey, {.width = 2, .height = 1, .channels = 1, .dtype = Dtype::u16});
  EXPECT_EQ(pixel(decode_all(grey), 0, 0), "4660");
  EXPECT_EQ(pixel(decode_all(grey), 1, 0), "65534");
}

TEST(PngDecode, GammaIsLeftAlone) {
  const PngRecipe recipe{.width = 3, .height = 1, .rows = {{0, 100, 255}}, .gamma = 1.0};
  EXPECT_EQ(pixel(decode_all(write_png(recipe)), 1, 0), "100");
}

PngRecipe busy(bool interlaced) {
  const Raster image = pattern({.width = 61, .height = 43, .channels = 3});
  PngRecipe recipe{.width = 61, .height = 43, .colour = PNG_COLOR_TYPE_RGB, .interlaced = interlaced};
  for (int y = 0; y < 43; ++y) {
    const auto* row = image.row<unsigned char>(y);
    recipe.rows.emplace_back(row, row + image.stride());
  }
  return recipe;
}

TEST(PngDecode, RegionsAreExactInterlacedOrNot) {
  std::mt19937 random(3);
  const Raster image = pattern({.width = 61, .height = 43, .channels = 3});
  for (const bool interlaced : {false, true}) {
    const Bytes file = write_png(busy(interlaced));
    const ImageHeader header = read_header(file);
    EXPECT_TRUE(same_pixels(decode(file, header).view(), image.view()));
    for (int i = 0; i < 60; ++i) {
      const Region region = random_region(image.shape().size(), random);
      const Raster part = decode(file, header, {.region = region});
      ASSERT_TRUE(same_pixels(part.view(), part_of(image, region).view()));
    }
  }
}

TEST(PngDecode, TruncatedAnywhereIsAnErrorWholeOrInPart) {
  for (const bool interlaced : {false, true}) {
    const Bytes file = write_png(busy(interlaced));
    for (std::size_t size = 8; size < file.size(); size += size < 200 || size + 40 > file.size() ? 1 : 37) {
      const BytesView cut(file.data(), size);
      ASSERT_EQ(decode_error(cut), "truncated PNG: the file ends before the image does") << size;
      ASSERT_NE(decode_error(cut, {0, 0, 5, 1}), "") << size;
    }
  }
}

TEST(PngDecode, AWrongChecksumIsAnError) {
  Bytes file = write_png(busy(false));
  file[file.size() / 2] ^= std::byte{1};
  EXPECT_TRUE(decode_error(file).starts_with("corrupt PNG: ")) << decode_error(file);
  Bytes header = write_png(busy(false));
  header[20] ^= std::byte{1};  // in IHDR
  EXPECT_EQ(decode_error(header), "corrupt PNG: IHDR: CRC error");
}

TEST(PngRoundTrip, KeepsEveryShape) {
  for (const Dtype dtype : {Dtype::u8, Dtype::u16}) {
    for (const int channels : {1, 3, 4}) {
      for (const Size size : {Size{37, 23}, Size{1, 1}, Size{1, 50}, Size{300, 1}}) {
        for (const int level : {0, 1, 3, 9}) {
          const RasterShape shape{size.width, size.height, channels, dtype, channels == 4};
          const Raster image = pattern(shape);
          const Bytes file = encode(image.view(), {.format = ImageFormat::png, .png_level = level});
          ASSERT_TRUE(same_pixels(decode_all(file).view(), image.view())) << describe(shape);
        }
      }
    }
  }
}

TEST(PngRoundTrip, GreyWithAlphaComesBackAsRgba) {
  const Raster image = pattern({.width = 9, .height = 5, .channels = 2, .alpha = true});
  const Raster back = decode_all(encode(image.view(), {.format = ImageFormat::png}));
  ASSERT_EQ(back.shape().channels, 4);
  const auto* grey = image.row<std::uint8_t>(2) + 2 * 6;
  const std::string g = std::to_string(grey[0]);
  EXPECT_EQ(pixel(back, 6, 2), g + " " + g + " " + g + " " + std::to_string(grey[1]));
}

TEST(PngEncode, ReadsRowsAtAnyStride) {
  const Raster image = pattern({.width = 40, .height = 30, .channels = 3});
  RasterView inner = image.view();
  inner.data += 5 * inner.stride + 3 * 7;
  inner.shape.width = 20;
  inner.shape.height = 11;
  const Raster part = part_of(image, {7, 5, 20, 11});
  for (const ImageFormat format : {ImageFormat::png, ImageFormat::tiff, ImageFormat::jpeg, ImageFormat::webp})
    EXPECT_EQ(encode(inner, {.format = format}), encode(part.view(), {.format = format})) << name_of(format);
}

}  // namespace

}  // namespace leaven::io::testing
