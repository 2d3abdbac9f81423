#include <gtest/gtest.h>

#include <tiffio.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "core/error.hpp"
#include "tests/io/tiff_fixtures.hpp"

namespace leaven::io::testing {

namespace {

const Size kSide{61, 45};
Raster samples_of(int channels, Dtype dtype = Dtype::u8, bool alpha = false) {
  return pattern({.width = kSide.width, .height = kSide.height, .channels = channels, .dtype = dtype, .alpha = alpha});
}

/// Whole and in 20 regions.
void expect_pixels(const Bytes& file, const Raster& expected, const std::string& what) {
  const ImageHeader header = read_header(file);
  ASSERT_EQ(header.shape, expected.shape()) << what << ": " << describe(header.shape);
  ASSERT_TRUE(same_pixels(decode(file, header).view(), expected.view())) << what;
  std::mt19937 random(9);
  for (int i = 0; i < 20; ++i) {
    const Region region = random_region(expected.shape().size(), random);
    ASSERT_TRUE(same_pixels(decode(file, header, {.region = region}).view(), part_of(expected, region).view()))
        << what << ": " << region.width << "×" << region.height << " at " << region.x << "," << region.y;
  }
}

TEST(TiffDecode, StripsAndTilesTogetherAndApartInAllDepths) {
  for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32}) {
    for (const int channels : {1, 3}) {
      Raster image = samples_of(channels, dtype);
      RasterShape shape = image.shape();
      shape.bounded = dtype != Dtype::f32;
      image.reinterpret(shape);
      for (const Size tile : {Size{}, Size{16, 32}, Size{128, 64}}) {
        for (const bool separate : {false, true}) {
          for (const int compression :
               {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS}) {
            for (const char* mode : {"wl", "wb", "w8"}) {
              const TiffRecipe recipe{.photometric = channels == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB,
                                      .compression = compression,
                                      .bits = static_cast<int>(8 * bytes_of(dtype)),
                                      .format = dtype == Dtype::f32 ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT,
                                      .separate = separate,
                                      .tile = tile,
                                      .mode = mode};
              expect_pixels(write_tiff(image, recipe), image,
                            describe(shape) + (separate ? " separate " : " ") + std::to_string(tile.width) +
                                " compression " + std::to_string(compression) + mode);
            }
          }
        }
      }
    }
  }
}

/// IEEE 754 binary16: 1 sign, 5 bits of exponent, 10 of fraction; finite ones.
float half_value(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const double size = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  return static_cast<float>((bits & 0x8000) != 0 ? -size : size);
}

/// Bits of finite halves, of all exponents and both signs, and the values that they stand for.
std::pair<Raster, Raster> halves_of(int channels) {
  Raster bits({.width = 67, .height = 41, .channels = channels, .dtype = Dtype::u16});
  Raster values({.width = 67, .height = 41, .channels = channels, .dtype = Dtype::f32, .bounded = false, .half = true});
  auto* stored = reinterpret_cast<std::uint16_t*>(bits.data());
  auto* value = reinterpret_cast<float*>(values.data());
  std::mt19937 random(5);
  for (std::size_t i = 0; i < bits.shape().bytes() / sizeof(*stored); ++i) {
    stored[i] = static_cast<std::uint16_t>(random() % 31 << 10 | (random() & 0x83ff));
    value[i] = half_value(stored[i]);
  }
  return {std::move(bits), std::move(values)};
}

TEST(TiffDecode, Float16InStripsAndTilesTogetherAndApart) {
  for (const int channels : {1, 3, 7}) {
    const auto [bits, values] = halves_of(channels);
    for (const Size tile : {Size{}, Size{16, 32}})
      for (const bool separate : {false, true})
        for (const bool predicted : {false, true}) {
          TiffRecipe recipe{.photometric = channels == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK, .bits = 16, .format = SAMPLEFORMAT_IEEEFP,
                            .separate = separate, .tile = tile};
          if (channels == 7) recipe.extra.assign(6, EXTRASAMPLE_UNSPECIFIED);
          if (predicted) {
            recipe.compression = COMPRESSION_ADOBE_DEFLATE;
            recipe.tags = [](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_FLOATINGPOINT); };
          }
          expect_pixels(write_tiff(bits, recipe), values, describe(values.shape()) + (separate ? " separate" : "") + (predicted ? " predicted" : ""));
        }
  }
}

TEST(TiffRoundTrip, Float16StaysFloat16) {
  for (const int channels : {1, 3, 4, 7}) {
    const auto [bits, values] = halves_of(channels);
    const Bytes file = encode(values.view(), {.format = ImageFormat::tiff});
    EXPECT_TRUE(same_pixels(decode_all(file).view(), values.view())) << channels;
    Raster wide = values.clone();
    RasterShape shape = wide.shape();
    shape.half = false;
    wide.reinterpret(shape);
    EXPECT_LT(file.size(), encode(wide.view(), {.format = ImageFormat::tiff}).size() * 9 / 10) << channels;
  }
}

TEST(TiffDecode, PredictorsAreUndone) {
  const Raster image = samples_of(3, Dtype::u16);
  const TiffRecipe recipe{.compression = COMPRESSION_LZW, .bits = 16, .tags = [](TIFF* tiff) {
                            TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
                          }};
  expect_pixels(write_tiff(image, recipe), image, "predictor");
}

TEST(TiffDecode, ZeroIsWhiteIsInverted) {
  const Raster stored = samples_of(1);
  Raster expected = stored.clone();
  for (std::size_t i = 0; i < stored.shape().bytes(); ++i) expected.data()[i] = ~stored.data()[i];
  expect_pixels(write_tiff(stored, {.photometric = PHOTOMETRIC_MINISWHITE}), expected, "8 bit");
  const Raster deep =
      decode_all(write_tiff(samples_of(1, Dtype::u16), {.photometric = PHOTOMETRIC_MINISWHITE, .bits = 16}));
  const Raster raw = samples_of(1, Dtype::u16);
  EXPECT_EQ(deep.row<std::uint16_t>(4)[9], 65535 - raw.row<std::uint16_t>(4)[9]);
}

TEST(TiffDecode, FewBitGreyAndBilevel) {
  const Raster one_row({.width = 4, .height = 1, .channels = 1});
  const auto spell = [](const Raster& image) {
    return pixel(image, 0, 0) + " " + pixel(image, 1, 0) + " " + pixel(image, 2, 0) + " " + pixel(image, 3, 0);
  };
  const auto read = [&](int bits, int photometric, std::vector<std::uint8_t> row) {
    return spell(
        decode_all(write_tiff(one_row, {.photometric = photometric, .bits = bits, .packed = {std::move(row)}})));
  };
  EXPECT_EQ(read(1, PHOTOMETRIC_MINISBLACK, {0xB0}), "255 0 255 255");
  EXPECT_EQ(read(1, PHOTOMETRIC_MINISWHITE, {0xB0}), "0 255 0 0");
  EXPECT_EQ(read(2, PHOTOMETRIC_MINISBLACK, {0x1B}), "0 85 170 255");
  EXPECT_EQ(read(4, PHOTOMETRIC_MINISBLACK, {0x05, 0xAF}), "0 85 170 255");
}

TEST(TiffDecode, PalettesOfAllDepthsWholeAndInRegions) {
  for (const int bits : {1, 2, 4, 8}) {
    const int entries = 1 << bits;
    std::vector<std::uint16_t> red(256), green(256), blue(256);
    for (int i = 0; i < entries; ++i) {
      const auto at = static_cast<std::size_t>(i);
      red[at] = static_cast<std::uint16_t>(257 * ((i * 37 + 255) & 255));
      green[at] = static_cast<std::uint16_t>(257 * (i * 91 & 255));
      blue[at] = static_cast<std::uint16_t>(257 * (255 - (i * 13 & 255)));
    }
    Raster expected({.width = 29, .height = 12, .channels = 3});
    std::vector<std::vector<std::uint8_t>> packed(12, std::vector<std::uint8_t>(29));
    for (int y = 0; y < 12; ++y) {
      for (int x = 0; x < 29; ++x) {
        const int index = (x * 7 + y * 3) % entries;
        packed[static_cast<std::size_t>(y)][static_cast<std::size_t>(x * bits / 8)] |=
            static_cast<std::uint8_t>(index << (8 - bits - x * bits % 8));
        auto* out = expected.row<std::uint8_t>(y) + 3 * x;
        out[0] = static_cast<std::uint8_t>(red[static_cast<std::size_t>(index)] / 257);
        out[1] = static_cast<std::uint8_t>(green[static_cast<std::size_t>(index)] / 257);
        out[2] = static_cast<std::uint8_t>(blue[static_cast<std::size_t>(index)] / 257);
      }
    }
    const TiffRecipe recipe{
        .photometric = PHOTOMETRIC_PALETTE,
        .compression = COMPRESSION_LZW,
        .bits = bits,
        .packed = packed,
        .tags = [&](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_COLORMAP, red.data(), green.data(), blue.data()); }};
    expect_pixels(write_tiff(Raster({.width = 29, .height = 12, .channels = 1}), recipe), expected,
                  std::to_string(bits) + " bits");
  }
}

TEST(TiffDecode, CmykBecomesRgbAsInPillow) {
  Raster inks({.width = 3, .height = 1, .channels = 4});
  const std::uint8_t values[] = {0, 0, 0, 0, /**/ 255, 0, 100, 0, /**/ 10, 200, 77, 51};
  std::memcpy(inks.data(), values, sizeof values);
  const TiffRecipe recipe{.photometric = PHOTOMETRIC_SEPARATED};
  const Bytes file = write_tiff(inks, recipe);
  EXPECT_TRUE(read_header(file).cmyk);
  const Raster rgb = decode_all(file);
  EXPECT_EQ(pixel(rgb, 0, 0), "255 255 255");
  EXPECT_EQ(pixel(rgb, 1, 0), "0 255 155");
  // light 204: 204 − 10·204/255 = 196, 204 − 160 = 44, 204 − 61.6 → 204 − 62 = 142
  EXPECT_EQ(pixel(rgb, 2, 0), "196 44 142");

  Raster deep({.width = 1, .height = 1, .channels = 4, .dtype = Dtype::u16});
  const std::uint16_t wide[] = {65535, 0, 32768, 13107};
  std::memcpy(deep.data(), wide, sizeof wide);
  TiffRecipe sixteen = recipe;
  sixteen.bits = 16;
  // light 52428; 52428 − 32768·52428/65535 = 52428 − 26214.4
  EXPECT_EQ(pixel(decode_all(write_tiff(deep, sixteen)), 0, 0), "0 52428 26214");
}

TEST(TiffDecode, AlphaIsStraightAndGreyWithAlphaBecomesRgba) {
  const Raster straight = samples_of(4, Dtype::u8, true);
  expect_pixels(write_tiff(straight, {.extra = {EXTRASAMPLE_UNASSALPHA}}), straight, "straight");

  Raster multiplied({.width = 4, .height = 1, .channels = 4});
  const std::uint8_t values[] = {50, 100, 0, 100, /**/ 1, 2, 3, 255, /**/ 9, 9, 9, 0, /**/ 200, 7, 7, 100};
  std::memcpy(multiplied.data(), values, sizeof values);
  const Raster undone = decode_all(write_tiff(multiplied, {.extra = {EXTRASAMPLE_ASSOCALPHA}}));
  EXPECT_TRUE(undone.shape().alpha);
  EXPECT_EQ(pixel(undone, 0, 0), "128 255 0 100");  // 127.5 rounds up
  EXPECT_EQ(pixel(undone, 1, 0), "1 2 3 255");
  EXPECT_EQ(pixel(undone, 2, 0), "9 9 9 0");
  EXPECT_EQ(pixel(undone, 3, 0), "255 18 18 100");

  Raster grey({.width = 1, .height = 1, .channels = 2});
  grey.row<std::uint8_t>(0)[0] = 60;
  grey.row<std::uint8_t>(0)[1] = 120;
  const TiffRecipe recipe{.photometric = PHOTOMETRIC_MINISBLACK, .extra = {EXTRASAMPLE_UNASSALPHA}};
  EXPECT_EQ(pixel(decode_all(write_tiff(grey, recipe)), 0, 0), "60 60 60 120");
}

TEST(TiffDecode, OtherExtraSamplesStayChannels) {
  const Raster infrared = samples_of(4);
  expect_pixels(write_tiff(infrared, {.extra = {EXTRASAMPLE_UNSPECIFIED}}), infrared, "RGB and near infrared");
  const Raster five = samples_of(5, Dtype::u16);
  const TiffRecipe recipe{.photometric = PHOTOMETRIC_MINISBLACK, .bits = 16, .extra = {0, 0, 0, 0}};
  expect_pixels(write_tiff(five, recipe), five, "five bands");
}

TEST(TiffDecode, JpegInsideBecomesRgbNearTheOriginal) {
  const Raster image = samples_of(3);
  const TiffRecipe recipe{
      .photometric = PHOTOMETRIC_YCBCR, .compression = COMPRESSION_JPEG, .strip_rows = 16, .tags = [](TIFF* tiff) {
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, 1, 1);
        TIFFSetField(tiff, TIFFTAG_JPEGQUALITY, 98);
      }};
  const Bytes file = write_tiff(image, recipe);
  const ImageHeader header = read_header(file);
  ASSERT_EQ(header.shape, image.shape());
  const Raster whole = decode(file, header);
  int furthest = 0;
  for (std::size_t i = 0; i < image.shape().bytes(); ++i)
    furthest =
        std::max(furthest, std::abs(std::to_integer<int>(whole.data()[i]) - std::to_integer<int>(image.data()[i])));
  EXPECT_LT(furthest, 12);
  expect_pixels(file, whole, "JPEG in TIFF");
}

TEST(TiffDecode, PlainYcbcrIsReadByLibtiff) {
  Raster grey({.width = 8, .height = 4, .channels = 3});
  for (int i = 0; i < 32; ++i) {
    grey.row<std::uint8_t>(0)[3 * i] = static_cast<std::uint8_t>(8 * i);
    grey.row<std::uint8_t>(0)[3 * i + 1] = grey.row<std::uint8_t>(0)[3 * i + 2] = 128;
  }
  const TiffRecipe recipe{.photometric = PHOTOMETRIC_YCBCR, .tags = [](TIFF* tiff) {
                            TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, 1, 1);
                            float reference[] = {0, 255, 128, 255, 128, 255};
                            TIFFSetField(tiff, TIFFTAG_REFERENCEBLACKWHITE, reference);
                          }};
  const Bytes file = write_tiff(grey, recipe);
  EXPECT_EQ(pixel(decode_all(file), 5, 2), "168 168 168");
  EXPECT_EQ(pixel(decode(file, read_header(file), {.region = {5, 2, 1, 1}}), 0, 0), "168 168 168");
}

TEST(TiffDecode, OnlyTheFirstPageIsRead) {
  const Raster image = samples_of(3);
  expect_pixels(write_tiff(image, {.pages = 3}), image, "three pages");
  EXPECT_TRUE(read_header(write_tiff(image, {.pages = 3})).has_more);
  EXPECT_FALSE(read_header(write_tiff(image, {.pages = 1})).has_more);
}

TEST(TiffDecode, TruncatedAnywhereIsAnErrorWholeOrInPart) {
  for (const int compression : {COMPRESSION_NONE, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_LZW}) {
    const Bytes file = write_tiff(samples_of(3), {.compression = compression});
    for (std::size_t size = 4; size < file.size(); size += 29) {
      const BytesView cut(file.data(), size);
      ASSERT_NE(decode_error(cut).find("truncated TIFF"), std::string::npos) << size << ": " << decode_error(cut);
      ASSERT_NE(decode_error(cut, {0, 0, 5, 1}), "") << size;
    }
  }
}

TEST(TiffDecode, AStripBeyondTheEndIsAnErrorEvenForARegionThatNeedsAnother) {
  Bytes file = write_tiff(samples_of(3), {.compression = COMPRESSION_LZW, .strip_rows = 15, .mode = "wl"});
  const Bytes tag = bytes_of({"\x11\x01\x04\0\x03\0\0\0", 8});  // three strip offsets
  const auto entry = std::search(file.begin(), file.end(), tag.begin(), tag.end());
  ASSERT_NE(entry, file.end());
  std::uint32_t list = 0;
  std::memcpy(&list, &entry[8], 4);
  file[list + 8 + 2] = std::byte{0xFF};  // the third strip lies at 16 MB
  EXPECT_EQ(decode_error(file), "truncated TIFF: strip 3 of 3 lies beyond the end of the file");
  EXPECT_EQ(decode_error(file, {0, 0, 5, 1}), decode_error(file));
}

TEST(TiffDecode, WhatIsNotReadIsNamed) {
  const Raster image = samples_of(3);
  const auto refusal = [&](const TiffRecipe& recipe) { return decode_error(write_tiff(image, recipe)); };
  EXPECT_EQ(refusal({.format = SAMPLEFORMAT_INT}),
            "unsupported TIFF: 8-bit signed samples; unsigned 1, 2, 4, 8, 16 and float 16, 32 are read");
  EXPECT_EQ(refusal({.photometric = PHOTOMETRIC_CIELAB}), "unsupported TIFF: photometric interpretation 8");
  EXPECT_EQ(refusal({.photometric = PHOTOMETRIC_SEPARATED}),
            "unsupported TIFF: inks other than CMYK with 8 or 16 bits");
  const Raster many = samples_of(513);
  EXPECT_EQ(decode_error(write_tiff(many, {.photometric = PHOTOMETRIC_MINISBLACK,
                                           .extra = std::vector<std::uint16_t>(512, EXTRASAMPLE_UNSPECIFIED)})),
            "unsupported TIFF: 513 samples a pixel, at most 512 are read");
}

TEST(TiffDecode, ManyBandsTogetherApartAndInParts) {
  const Raster bands = samples_of(13);
  for (const bool separate : {false, true}) {
    const Bytes file = write_tiff(bands, {.photometric = PHOTOMETRIC_MINISBLACK, .separate = separate,
                                          .extra = std::vector<std::uint16_t>(12, EXTRASAMPLE_UNSPECIFIED)});
    const Raster read = decode_all(file);
    ASSERT_EQ(read.shape().channels, 13);
    EXPECT_FALSE(read.shape().alpha);
    EXPECT_TRUE(same_pixels(read.view(), bands.view())) << separate;
    const ImageHeader header = read_header(file);
    const Region region{3, 2, 5, 4};
    EXPECT_TRUE(same_pixels(decode(file, header, {.region = region}).view(), part_of(bands, region).view())) << separate;
  }
}

TEST(TiffRoundTrip, KeepsEveryShapeBitForBit) {
  for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32}) {
    for (const int channels : {1, 3, 4, 5, 13}) {
      for (const Size size : {kSide, Size{1, 1}, Size{1, 90}, Size{400, 1}, Size{300, 200}}) {
        for (const bool alpha : {false, true}) {
          if (alpha && channels != 4) continue;
          const Raster image = pattern({size.width, size.height, channels, dtype, alpha, dtype != Dtype::f32});
          const Raster back = decode_all(encode(image.view(), {.format = ImageFormat::tiff}));
          ASSERT_TRUE(same_pixels(back.view(), image.view())) << describe(image.shape());
        }
      }
    }
  }
}

TEST(TiffRoundTrip, FloatsOutsideOfZeroToOneAreKept) {
  Raster image({.width = 3, .height = 1, .channels = 1, .dtype = Dtype::f32, .bounded = false});
  const float values[] = {-1.5f, 3e20f, 0.25f};
  std::memcpy(image.data(), values, sizeof values);
  EXPECT_TRUE(same_pixels(decode_all(encode(image.view(), {.format = ImageFormat::tiff})).view(), image.view()));
}

}  // namespace

}  // namespace leaven::io::testing
