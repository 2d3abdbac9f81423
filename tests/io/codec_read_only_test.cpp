// BMP, GIF, HEIC and AVIF: read, never written.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/error.hpp"
#include "io/metadata.hpp"
#include "tests/io/read_only_fixtures.hpp"

namespace leaven::io::testing {

namespace {

TEST(BmpDecode, RowsFromBelowAndFromAbove) {
  // Blue, green, red; the lowest row first.
  const std::vector<std::vector<unsigned char>> rows{{3, 2, 1, 6, 5, 4}, {9, 8, 7, 12, 11, 10}};
  const Raster below = decode_all(write_bmp({.width = 2, .height = 2, .rows = rows}));
  EXPECT_EQ(below.shape(), (RasterShape{.width = 2, .height = 2, .channels = 3}));
  EXPECT_EQ(pixel(below, 0, 0) + ", " + pixel(below, 1, 0) + ", " + pixel(below, 0, 1), "7 8 9, 10 11 12, 1 2 3");
  const Raster above = decode_all(write_bmp({.width = 2, .height = -2, .rows = rows}));
  EXPECT_EQ(pixel(above, 0, 0) + ", " + pixel(above, 0, 1), "1 2 3, 7 8 9");
}

TEST(BmpDecode, PalettesAndAlpha) {
  const std::vector<std::uint32_t> palette{0x102030, 0xC86432};
  const Raster one = decode_all(write_bmp({.width = 3, .height = 1, .bits = 1, .rows = {{0x40}}, .palette = palette}));
  EXPECT_EQ(pixel(one, 0, 0) + ", " + pixel(one, 1, 0), "16 32 48, 200 100 50");
  const Raster eight = decode_all(write_bmp({.width = 2, .height = 1, .bits = 8, .rows = {{1, 0}}, .palette = palette}));
  EXPECT_EQ(pixel(eight, 0, 0) + ", " + pixel(eight, 1, 0), "200 100 50, 16 32 48");
  const Raster clear = decode_all(write_bmp({.width = 2, .height = 1, .bits = 32, .rows = {{3, 2, 1, 128, 6, 5, 4, 255}}, .alpha_mask = true}));
  EXPECT_TRUE(clear.shape().alpha);
  EXPECT_EQ(pixel(clear, 0, 0) + ", " + pixel(clear, 1, 0), "1 2 3 128, 4 5 6 255");
}

TEST(BmpDecode, RunsAndMasks) {
  const std::vector<std::uint32_t> palette{0, 0x010000, 0x020000, 0x030000, 0x040000, 0x050000, 0x060000};
  // Two of 1, then literally 2 3 4 and a filling byte; the next row after a step of 1: one of 5; end.
  const std::vector<unsigned char> runs{2, 1, 0, 3, 2, 3, 4, 0, 0, 0, 0, 2, 1, 0, 1, 5, 0, 1};
  const Raster eight = decode_all(write_bmp({.width = 5, .height = 2, .bits = 8, .rows = {runs}, .palette = palette, .compression = 1}));
  std::string reds;
  for (int y = 0; y < 2; ++y)
    for (int x = 0; x < 5; ++x) reds += std::to_string(eight.row<std::uint8_t>(y)[3 * x]);
  EXPECT_EQ(reds, "0500011234");
  // Three of 1 2 1, literally 3 4 5.
  const std::vector<unsigned char> halves{3, 0x12, 0, 3, 0x34, 0x50, 0, 1};
  const Raster four = decode_all(write_bmp({.width = 6, .height = 1, .bits = 4, .rows = {halves}, .palette = palette, .compression = 2}));
  EXPECT_EQ(four.row<std::uint8_t>(0)[0], 1);
  EXPECT_EQ(four.row<std::uint8_t>(0)[3], 2);
  EXPECT_EQ(four.row<std::uint8_t>(0)[15], 5);
  EXPECT_NE(decode_error(write_bmp({.width = 5, .height = 2, .bits = 8, .rows = {{2, 1, 0, 3, 2, 3}}, .palette = palette, .compression = 1})), "");
  // 5 bits each: 31 is 255, 16 is 132.
  const Raster fives = decode_all(write_bmp({.width = 2, .height = 1, .bits = 16, .rows = {{0x00, 0x7C, 0x10, 0x00}}}));
  EXPECT_EQ(pixel(fives, 0, 0) + ", " + pixel(fives, 1, 0), "255 0 0, 0 0 132");
  // Alpha that is zero everywhere was not meant.
  const Raster opaque = decode_all(write_bmp({.width = 1, .height = 1, .bits = 32, .rows = {{3, 2, 1, 0}}, .alpha_mask = true}));
  EXPECT_EQ(pixel(opaque, 0, 0), "1 2 3 255");
}

TEST(BmpDecode, WhatIsMissingOrUnknownIsAnError) {
  const BmpRecipe recipe{.width = 2, .height = 2, .rows = {{3, 2, 1, 6, 5, 4}, {9, 8, 7, 12, 11, 10}}};
  const Bytes file = write_bmp(recipe);
  // The last row's filling of two bytes is no part of the picture.
  EXPECT_EQ(decode_error(BytesView(file).first(file.size() - 2)), "");
  EXPECT_EQ(decode_error(BytesView(file).first(file.size() - 3)), "truncated BMP: 67 of 68 bytes");
  EXPECT_NE(decode_error(BytesView(file).first(20)), "");
  EXPECT_EQ(decode_error(write_bmp({.width = 2, .height = 1, .bits = 8, .rows = {{0, 2}}, .palette = {0, 1}})),
            "corrupt BMP: a colour that its palette lacks");
  EXPECT_EQ(decode_error(write_bmp({.width = 2, .height = 2, .bits = 24, .compression = 4})), "unsupported BMP: compression 4");
}

const std::vector<std::vector<unsigned char>> kRows{{0, 1, 2}, {3, 2, 1}, {1, 1, 0}, {2, 3, 3}, {0, 0, 1}};

TEST(GifDecode, ColoursAndTransparency) {
  const Raster plain = decode_all(write_gif({.width = 3, .height = 5, .rows = kRows}));
  EXPECT_EQ(plain.shape(), (RasterShape{.width = 3, .height = 5, .channels = 3}));
  EXPECT_EQ(pixel(plain, 0, 0) + ", " + pixel(plain, 1, 0) + ", " + pixel(plain, 0, 1), "0 0 0, 255 0 0, 255 255 255");
  const Raster clear = decode_all(write_gif({.width = 3, .height = 5, .rows = kRows, .transparent = 1}));
  EXPECT_EQ(pixel(clear, 0, 0) + ", " + pixel(clear, 1, 0), "0 0 0 255, 0 0 0 0");
  const Raster woven = decode_all(write_gif({.width = 3, .height = 5, .rows = kRows, .interlaced = true}));
  for (int y = 0; y < 5; ++y)
    for (int x = 0; x < 3; ++x) EXPECT_EQ(pixel(woven, x, y), pixel(plain, x, y)) << x << ' ' << y;
}

TEST(GifDecode, AnExtensionMayHaveAnyLabel) {
  const Bytes file = write_gif({.width = 3, .height = 5, .rows = kRows});
  const std::size_t colours = 13 + (std::size_t{3} << ((std::to_integer<unsigned>(file[10]) & 7U) + 1));
  for (const unsigned label : {0x00U, 0x2CU, 0x3BU}) {  // those of an image and of the end, too
    Bytes extended = file;
    const std::array<std::byte, 3> extension{std::byte{0x21}, static_cast<std::byte>(label), std::byte{0}};
    extended.insert(extended.begin() + static_cast<std::ptrdiff_t>(colours), extension.begin(), extension.end());
    for (int y = 0; y < 5; ++y) EXPECT_EQ(pixel(decode_all(extended), 1, y), pixel(decode_all(file), 1, y)) << label;
    EXPECT_EQ(gif_without_metadata(extended), extended) << label;
  }
}

TEST(GifDecode, AFrameInsideItsScreen) {
  const Bytes file = write_gif({.width = 3, .height = 5, .rows = kRows, .left = 2, .top = 1, .screen_width = 6, .screen_height = 4});
  const Raster image = decode_all(file);
  EXPECT_EQ(image.shape(), (RasterShape{.width = 6, .height = 4, .channels = 4, .alpha = true}));
  EXPECT_EQ(pixel(image, 1, 1) + ", " + pixel(image, 2, 1) + ", " + pixel(image, 3, 1) + ", " + pixel(image, 5, 3),
            "0 0 0 0, 0 0 0 255, 255 0 0 255, 0 0 0 0");
  const Raster part = decode(file, read_header(file), {.region = {2, 1, 2, 2}});
  EXPECT_EQ(pixel(part, 1, 0) + ", " + pixel(part, 0, 1), "255 0 0 255, 255 255 255 255");
}

TEST(GifDecode, TheFirstFrameAndThatThereAreMore) {
  EXPECT_FALSE(read_header(write_gif({.width = 3, .height = 5, .rows = kRows})).has_more);
  const Bytes file = write_gif({.width = 3, .height = 5, .rows = kRows, .frames = 3});
  EXPECT_TRUE(read_header(file).has_more);
  EXPECT_EQ(pixel(decode_all(file), 1, 0), "255 0 0");
}

TEST(GifDecode, TruncatedAnywhereIsAnError) {
  const Bytes file = write_gif({.width = 3, .height = 5, .rows = kRows});
  for (std::size_t size = 6; size + 1 < file.size(); ++size) ASSERT_NE(decode_error(BytesView(file).first(size)), "") << size;
}

double mean_difference(const Raster& a, const Raster& b) {
  double sum = 0;
  std::size_t count = 0;
  for (int y = 0; y < a.shape().height; ++y)
    for (std::size_t i = 0; i < a.shape().row_bytes(); ++i, ++count)
      sum += std::abs(static_cast<double>(a.row<std::uint8_t>(y)[i]) - static_cast<double>(b.row<std::uint8_t>(y)[i]));
  return sum / static_cast<double>(count);
}

/// Soft, as colours have half the resolution there.
Raster soft(int channels) {
  Raster image({.width = 64, .height = 48, .channels = channels, .alpha = channels == 4});
  for (int y = 0; y < 48; ++y)
    for (int x = 0; x < 64; ++x)
      for (int c = 0; c < channels; ++c)
        image.row<std::uint8_t>(y)[x * channels + c] = static_cast<std::uint8_t>(c == 0 ? 4 * x : c == 1 ? 5 * y : c == 2 ? 128 : 2 * x + 2 * y);
  return image;
}

class HeifDecode : public ::testing::TestWithParam<HeifKind> {};

TEST_P(HeifDecode, PicturesWithAndWithoutAlpha) {
  for (const int channels : {3, 4}) {
    const Raster image = soft(channels);
    const Bytes file = write_heif(image, {.kind = GetParam()});
    const ImageHeader header = read_header(file);
    EXPECT_EQ(header.format, GetParam() == HeifKind::avif ? ImageFormat::avif : ImageFormat::heic);
    EXPECT_EQ(header.shape, image.shape());
    const Raster decoded = decode_all(file);
    EXPECT_LT(mean_difference(decoded, image), 3) << channels;
    const Raster part = decode(file, header, {.region = {5, 7, 20, 11}});
    const Raster expected = part_of(decoded, {5, 7, 20, 11});
    EXPECT_EQ(mean_difference(part, expected), 0);
  }
}

TEST_P(HeifDecode, WhatIsBrokenIsAnError) {
  const Bytes file = write_heif(soft(3), {.kind = GetParam()});
  EXPECT_NE(decode_error(BytesView(file).first(file.size() / 2)), "");
  EXPECT_NE(decode_error(BytesView(file).first(40)), "");
}
INSTANTIATE_TEST_SUITE_P(Kinds, HeifDecode, ::testing::Values(HeifKind::heic, HeifKind::avif));

TEST_P(HeifDecode, BrokenFilesDecodeOrAreRefusedAsData) {
  const Bytes whole = write_heif(soft(3), {.kind = GetParam(), .exif = "words"});
  std::mt19937 random(11);
  ::testing::internal::CaptureStderr();  // libaom says what it thinks of such files
  for (int round = 0; round < 300; ++round) {
    Bytes file = whole;
    for (int i = 0; i < 3; ++i) file[random() % (i == 0 ? file.size() : 300)] = static_cast<std::byte>(random());
    if (round % 5 == 0) file.resize(random() % file.size());
    try {
      decode(file, read_header(file, {.max_pixels = 1 << 18}));
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data) << round << ": " << error.what();
    }
  }
  ::testing::internal::GetCapturedStderr();
}

TEST(HeicDecode, TenBitsSpreadOverSixteen) {
  Raster image({.width = 32, .height = 32, .channels = 1, .dtype = Dtype::u16});
  std::fill_n(reinterpret_cast<std::uint16_t*>(image.data()), 32 * 32, std::uint16_t{0xFFFF});
  const Raster white = decode_all(write_heif(image, {.kind = HeifKind::heic}));
  EXPECT_EQ(white.shape().dtype, Dtype::u16);
  EXPECT_GT(white.row<std::uint16_t>(9)[9], 65000);
}

TEST(ReadOnly, WrittenAsWhatHoldsTheSame) {
  const RasterShape rgb{.width = 3, .height = 3, .channels = 3}, rgba{.width = 3, .height = 3, .channels = 4, .alpha = true};
  EXPECT_EQ(written_as(ImageFormat::tiff, rgb), ImageFormat::tiff);
  EXPECT_EQ(written_as(ImageFormat::bmp, rgb), ImageFormat::png);
  EXPECT_EQ(written_as(ImageFormat::gif, rgba), ImageFormat::png);
  EXPECT_EQ(written_as(ImageFormat::heic, rgb), ImageFormat::jpeg);
  EXPECT_EQ(written_as(ImageFormat::avif, rgba), ImageFormat::png);
  EXPECT_THROW(require_encodable(rgb, ImageFormat::heic), Error);
}

}  // namespace

}  // namespace leaven::io::testing
