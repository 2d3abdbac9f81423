#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "core/error.hpp"
#include "tests/io/codec_fixtures.hpp"

namespace leaven::io::testing {

namespace {

const RasterShape kOddColour{.width = 197, .height = 131, .channels = 3};

/// The factors that cameras and programs write, by the names of the trade.
struct Layout {
  const char* name;
  Subsampling luma;
  int channels;
};
const Layout kLayouts[] = {{"4:4:4", {1, 1}, 3}, {"4:2:2", {2, 1}, 3},   {"4:2:0", {2, 2}, 3}, {"4:4:0", {1, 2}, 3},
                           {"4:1:1", {4, 1}, 3}, {"4:1:0", {4, 2}, 3},   {"1x4", {1, 4}, 3},   {"3x1", {3, 1}, 3},
                           {"grey", {1, 1}, 1},  {"grey 2x2", {2, 2}, 1}};

Bytes file_of(const Layout& layout, Size size, bool progressive, int restart_interval = 0) {
  const Raster image = pattern({.width = size.width, .height = size.height, .channels = layout.channels});
  JpegRecipe recipe{.sampling = {layout.luma, {1, 1}, {1, 1}}, .progressive = progressive};
  recipe.restart_interval = restart_interval;
  if (layout.channels == 1) {
    recipe.pixels = recipe.stored = JCS_GRAYSCALE;
    recipe.sampling.resize(1);
  }
  return write_jpeg(image, recipe);
}

TEST(JpegDecode, EqualsLibjpegForEverySubsampling) {
  for (const Layout& layout : kLayouts) {
    for (const bool progressive : {false, true}) {
      const Bytes file = file_of(layout, {197, 131}, progressive);
      EXPECT_TRUE(same_pixels(decode_all(file).view(), plain_libjpeg(file).view())) << layout.name << progressive;
    }
  }
}

TEST(JpegDecode, EveryRegionEqualsThatPartOfTheWhole) {
  std::mt19937 random(20);
  const Size sizes[] = {{197, 131}, {64, 64}, {33, 250}, {301, 17}, {7, 5}, {1, 1}};
  int regions = 0;
  for (const Layout& layout : kLayouts) {
    for (const Size size : sizes) {
      for (const bool progressive : {false, true}) {
        const Bytes file = file_of(layout, size, progressive, progressive ? 0 : 3);
        const ImageHeader header = read_header(file);
        const Raster whole = plain_libjpeg(file);
        for (int i = 0; i < 25; ++i, ++regions) {
          const Region region = random_region(size, random);
          const Raster part = decode(file, header, {.region = region});
          ASSERT_EQ(part.origin_x, region.x);
          ASSERT_EQ(part.origin_y, region.y);
          ASSERT_TRUE(same_pixels(part.view(), part_of(whole, region).view()))
              << layout.name << (progressive ? " progressive " : " ") << size.width << "×" << size.height << ": "
              << region.width << "×" << region.height << " at " << region.x << "," << region.y;
        }
      }
    }
  }
  EXPECT_EQ(regions, 3000);
}

/// All factors of three components that a file may have (at most 10 blocks in an MCU) and libjpeg reads (whole ratios).
std::vector<std::vector<Subsampling>> all_factors() {
  std::vector<Subsampling> pairs;
  for (int h = 1; h <= 4; ++h)
    for (int v = 1; v <= 4; ++v) pairs.push_back({h, v});
  std::vector<std::vector<Subsampling>> all;
  for (const Subsampling& a : pairs) {
    for (const Subsampling& b : pairs) {
      for (const Subsampling& c : pairs) {
        const auto blocks = [](const Subsampling& s) { return s.horizontal * s.vertical; };
        const int h = std::max({a.horizontal, b.horizontal, c.horizontal});
        const int v = std::max({a.vertical, b.vertical, c.vertical});
        const auto whole = [&](const Subsampling& s) { return h % s.horizontal == 0 && v % s.vertical == 0; };
        if (blocks(a) + blocks(b) + blocks(c) <= 10 && whole(a) && whole(b) && whole(c)) all.push_back({a, b, c});
      }
    }
  }
  return all;
}

TEST(JpegDecode, EveryRegionOfAShrunkPictureEqualsThatPartOfTheWhole) {
  std::mt19937 random(24);
  for (const Layout& layout : kLayouts) {
    for (const Size size : {Size{397, 331}, Size{64, 64}, Size{33, 250}, Size{7, 5}}) {
      for (const bool progressive : {false, true}) {
        const Bytes file = file_of(layout, size, progressive, progressive ? 0 : 3);
        const ImageHeader header = read_header(file);
        ASSERT_EQ(largest_shrink(header), 8);
        for (const int shrink : {2, 4, 8}) {
          const Raster whole = plain_libjpeg(file, static_cast<unsigned>(shrink));
          const Size small = shrunk(size, shrink);
          ASSERT_EQ(whole.shape().size(), small);
          for (int i = 0; i < 12; ++i) {
            const Region region = i == 0 ? Region{} : random_region(small, random);
            const Raster part = decode(file, header, {.region = region, .shrink = shrink});
            ASSERT_TRUE(same_pixels(part.view(), part_of(whole, i == 0 ? Region::whole(small) : region).view()))
                << layout.name << (progressive ? " progressive " : " ") << size.width << "×" << size.height << " at 1/" << shrink << ": "
                << region.width << "×" << region.height << " at " << region.x << "," << region.y;
          }
        }
      }
    }
  }
}

TEST(JpegDecode, ShrunkRegionsAreExactForAllFactors) {
  std::mt19937 random(26);
  const Size size{297, 190};
  const Raster image = pattern({.width = size.width, .height = size.height, .channels = 3});
  for (const auto& sampling : all_factors()) {
    const Bytes file = write_jpeg(image, {.sampling = sampling});
    const ImageHeader header = read_header(file);
    for (const int shrink : {2, 4, 8}) {
      const Raster whole = plain_libjpeg(file, static_cast<unsigned>(shrink));
      for (int i = 0; i < 5; ++i) {
        const Region region = random_region(shrunk(size, shrink), random);
        EXPECT_TRUE(same_pixels(decode(file, header, {.region = region, .shrink = shrink}).view(), part_of(whole, region).view()))
            << sampling[0].horizontal << sampling[0].vertical << sampling[1].horizontal << sampling[1].vertical << sampling[2].horizontal
            << sampling[2].vertical << " at 1/" << shrink << ": " << region.width << "×" << region.height << " at " << region.x << "," << region.y;
      }
    }
  }
}

TEST(JpegDecode, ATurnedPictureShrinksOnlyWherePixelsStaySquare) {
  const auto header = [](int orientation, Size size) {
    const Bytes file = write_jpeg(pattern({.width = size.width, .height = size.height, .channels = 3}), {});
    ImageHeader h = read_header(file);
    h.orientation = orientation;
    return h;
  };
  EXPECT_EQ(largest_shrink(header(1, {101, 51})), 8);
  EXPECT_EQ(largest_shrink(header(5, {101, 51})), 8);
  EXPECT_EQ(largest_shrink(header(6, {160, 80})), 8);
  EXPECT_EQ(largest_shrink(header(6, {160, 84})), 4);
  EXPECT_EQ(largest_shrink(header(3, {162, 84})), 2);
  EXPECT_EQ(largest_shrink(header(8, {161, 84})), 1);
}

TEST(JpegDecode, RegionsAreExactForAllFactors) {
  std::mt19937 random(21);
  const Size size{150, 170};
  const Raster image = pattern({.width = size.width, .height = size.height, .channels = 3});
  const auto factors = all_factors();
  EXPECT_EQ(factors.size(), 311u);
  for (const auto& sampling : factors) {
    const Bytes file = write_jpeg(image, {.sampling = sampling});
    const ImageHeader header = read_header(file);
    const Raster whole = plain_libjpeg(file);
    for (int i = 0; i < 8; ++i) {
      const Region region = random_region(size, random);
      ASSERT_TRUE(same_pixels(decode(file, header, {.region = region}).view(), part_of(whole, region).view()))
          << sampling[0].horizontal << sampling[0].vertical << sampling[1].horizontal << sampling[1].vertical
          << sampling[2].horizontal << sampling[2].vertical << ": " << region.width << "×" << region.height << " at "
          << region.x << "," << region.y;
    }
  }
}

// libjpeg smooths blocks whose low frequencies a progressive file never sends, from blocks that a crop would not see.
TEST(JpegDecode, RegionsAreExactWhereLibjpegSmooths) {
  std::mt19937 random(22);
  const Raster image = pattern(kOddColour);
  const JpegRecipe dc_only{.quality = 30, .scans = {{3, {0, 1, 2}, 0, 0, 0, 0}}};
  const Bytes file = write_jpeg(image, dc_only);
  const Raster whole = plain_libjpeg(file);
  for (int i = 0; i < 40; ++i) {
    const Region region = random_region(image.shape().size(), random);
    ASSERT_TRUE(same_pixels(decode(file, read_header(file), {.region = region}).view(), part_of(whole, region).view()));
  }
}

TEST(JpegDecode, GreyStaysOneChannel) {
  const Bytes file = file_of(kLayouts[8], {20, 10}, false);
  EXPECT_EQ(read_header(file).shape, (RasterShape{.width = 20, .height = 10, .channels = 1}));
  EXPECT_EQ(decode_all(file).shape().channels, 1);
}

/// Pillow's convert("RGB") for CMYK, written down from its definition: light = 255 − K, channel = light − C·light/255,
/// rounded to nearest. `ink` is 0…255, full ink at 255.
int pillow_light(int ink, int black) {
  const int light = 255 - black;
  return light - static_cast<int>(std::lround(ink * light / 255.0));
}

// Pillow takes every JPEG of four components as Adobe writes it: inverted.
TEST(JpegDecode, CmykAndYcckAreInvertedAndBecomeRgbAsInPillow) {
  Raster image = pattern({.width = 61, .height = 47, .channels = 4});
  for (const J_COLOR_SPACE stored : {JCS_CMYK, JCS_YCCK}) {
    for (const bool half_chroma : {false, true}) {
      JpegRecipe recipe{.pixels = JCS_CMYK, .stored = stored};
      if (half_chroma) recipe.sampling = {{2, 2}, {1, 1}, {1, 1}, {2, 2}};
      const Bytes file = write_jpeg(image, recipe);
      const ImageHeader header = read_header(file);
      EXPECT_TRUE(header.cmyk);
      EXPECT_EQ(header.shape.channels, 3);
      const Raster raw = plain_libjpeg(file), rgb = decode(file, header);
      ASSERT_EQ(raw.shape().channels, 4);
      for (int y = 0; y < 47; ++y) {
        for (int x = 0; x < 61; ++x) {
          const auto* ink = raw.row<std::uint8_t>(y) + 4 * x;
          for (int c = 0; c < 3; ++c)
            ASSERT_EQ(rgb.row<std::uint8_t>(y)[3 * x + c], pillow_light(255 - ink[c], 255 - ink[3])) << x << "," << y;
        }
      }
      const Region region{13, 9, 30, 31};
      EXPECT_TRUE(same_pixels(decode(file, header, {.region = region}).view(), part_of(rgb, region).view()));
    }
  }
}

TEST(JpegDecode, TruncatedAnywhereIsAnErrorWholeOrInPart) {
  for (const bool progressive : {false, true}) {
    const Bytes file = file_of(kLayouts[2], {64, 48}, progressive);
    for (std::size_t size = 3; size < file.size(); ++size) {
      const BytesView cut(file.data(), size);
      ASSERT_TRUE(decode_error(cut).starts_with("truncated JPEG: the file ends before the image does"))
          << size << ": " << decode_error(cut);
      ASSERT_NE(decode_error(cut, {0, 0, 8, 8}), "") << size;
    }
    EXPECT_EQ(decode_error(file), "");
  }
}

TEST(JpegDecode, AnEndMarkerPutBehindACutStreamDoesNotPassForPixels) {
  Bytes file = file_of(kLayouts[0], {64, 48}, false);
  file.resize(file.size() * 3 / 4);
  file.insert(file.end(), {std::byte{0xFF}, std::byte{0xD9}});
  EXPECT_EQ(decode_error(file).substr(0, 47), "corrupt JPEG: premature end of data segment (ro");
}

TEST(JpegDecode, AMissingRestartMarkerIsAnError) {
  Bytes file = file_of(kLayouts[0], {64, 64}, false, 2);
  for (std::size_t i = file.size() / 2; i + 1 < file.size(); ++i) {
    if (file[i] != std::byte{0xFF} || (file[i + 1] & std::byte{0xF8}) != std::byte{0xD0}) continue;
    file.erase(file.begin() + static_cast<std::ptrdiff_t>(i), file.begin() + static_cast<std::ptrdiff_t>(i) + 2);
    break;
  }
  EXPECT_TRUE(decode_error(file).starts_with("corrupt JPEG: ")) << decode_error(file);
}

// Cameras leave stray bytes before the end marker and whole blocks behind it; no pixel is lost.
TEST(JpegDecode, StrayBytesAroundTheEndMarkerAreAccepted) {
  const Bytes file = file_of(kLayouts[2], {40, 30}, false);
  const Raster whole = decode_all(file);
  Bytes padded = file;
  padded.insert(padded.end() - 2, 3, std::byte{0});
  EXPECT_TRUE(same_pixels(decode_all(padded).view(), whole.view()));
  Bytes trailed = file;
  trailed.insert(trailed.end(), 1000, std::byte{0x55});
  EXPECT_TRUE(same_pixels(decode_all(trailed).view(), whole.view()));
}

TEST(JpegDecode, AComponentThatNoScanBringsIsAnError) {
  const Raster image = pattern({.width = 32, .height = 32, .channels = 3});
  const JpegRecipe recipe{.sampling = {{1, 1}, {1, 1}, {1, 1}},
                          .scans = {{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}}};
  Bytes file = write_jpeg(image, recipe);
  std::size_t last_scan = 0;
  for (std::size_t i = 0; i + 1 < file.size(); ++i)
    if (file[i] == std::byte{0xFF} && file[i + 1] == std::byte{0xDA}) last_scan = i;
  EXPECT_EQ(decode_error(file), "");
  file.resize(last_scan);
  file.insert(file.end(), {std::byte{0xFF}, std::byte{0xD9}});
  EXPECT_EQ(decode_error(file), "corrupt JPEG: no data for component 3 of 3");
}

TEST(JpegDecode, WhatLibjpegCannotReadIsCalledUnsupported) {
  Bytes file = file_of(kLayouts[0], {16, 16}, false);
  const auto frame = std::adjacent_find(
      file.begin(), file.end(), [](std::byte a, std::byte b) { return a == std::byte{0xFF} && b == std::byte{0xC0}; });
  ASSERT_NE(frame, file.end());
  Bytes deep = file;
  deep[static_cast<std::size_t>(frame - file.begin()) + 4] = std::byte{12};
  EXPECT_EQ(decode_error(deep), "unsupported JPEG: unsupported JPEG data precision 12");
  Bytes lossless = file;
  lossless[static_cast<std::size_t>(frame - file.begin()) + 1] = std::byte{0xC3};
  EXPECT_TRUE(decode_error(lossless).starts_with("unsupported JPEG: ")) << decode_error(lossless);
}

TEST(JpegHeader, QualityIsReadBackForEveryQuality) {
  const Raster image = pattern({.width = 16, .height = 16, .channels = 3});
  for (int quality = 1; quality <= 100; ++quality) {
    EXPECT_EQ(read_header(write_jpeg(image, {.quality = quality})).jpeg_quality, quality);
    const Bytes ours = encode(image.view(), {.format = ImageFormat::jpeg, .quality = quality});
    EXPECT_EQ(read_header(ours).jpeg_quality, quality);
  }
}

TEST(JpegHeader, SubsamplingIsReadBack) {
  const Raster image = pattern({.width = 40, .height = 40, .channels = 3});
  for (const Subsampling s : {Subsampling{1, 1}, {2, 1}, {2, 2}, {1, 2}, {4, 1}, {4, 2}, {1, 4}}) {
    const Bytes ours = encode(image.view(), {.format = ImageFormat::jpeg, .subsampling = s});
    EXPECT_EQ(read_header(ours).subsampling, s);
    EXPECT_EQ(ours, write_jpeg(image, {.sampling = {s, {1, 1}, {1, 1}}, .quality = 95}));
  }
  const Bytes doubled = write_jpeg(image, {.sampling = {{2, 1}, {2, 1}, {2, 1}}});
  EXPECT_EQ(read_header(doubled).subsampling, (Subsampling{1, 1}));
  EXPECT_EQ(read_header(file_of(kLayouts[9], {40, 40}, false)).subsampling, (Subsampling{1, 1}));
}

TEST(JpegEncode, EqualsLibjpegWithItsDefaults) {
  const Raster image = pattern(kOddColour);
  const Bytes ours = encode(image.view(), {.format = ImageFormat::jpeg, .quality = 77, .subsampling = {2, 1}});
  EXPECT_EQ(ours, write_jpeg(image, {.sampling = {{2, 1}, {1, 1}, {1, 1}}, .quality = 77}));
  const Raster grey = pattern({.width = 33, .height = 65, .channels = 1});
  EXPECT_EQ(encode(grey.view(), {.format = ImageFormat::jpeg, .quality = 90}),
            write_jpeg(grey, {.pixels = JCS_GRAYSCALE, .stored = JCS_GRAYSCALE}));
}

// Noise at the best quality is larger than the first guess of its size.
TEST(JpegEncode, OutputLargerThanThePixelsIsWhole) {
  Raster noise({.width = 600, .height = 500, .channels = 3});
  std::mt19937 random(5);
  std::generate_n(noise.row<std::uint8_t>(0), noise.shape().bytes(),
                  [&] { return static_cast<std::uint8_t>(random()); });
  const Bytes file = encode(noise.view(), {.format = ImageFormat::jpeg, .quality = 100, .subsampling = {1, 1}});
  EXPECT_GT(file.size(), noise.shape().bytes() / 4);
  EXPECT_EQ(decode_error(file), "");
}

TEST(JpegEncode, RefusesFactorsThatNoFileCanHave) {
  const Raster image = pattern({.width = 8, .height = 8, .channels = 3});
  for (const Subsampling s : {Subsampling{0, 1}, {5, 1}, {4, 4}, {3, 3}}) {
    try {
      encode(image.view(), {.format = ImageFormat::jpeg, .subsampling = s});
      ADD_FAILURE() << s.horizontal << "×" << s.vertical;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      EXPECT_NE(error.message().find(std::to_string(s.horizontal) + "×"), std::string::npos);
    }
  }
}

}  // namespace

}  // namespace leaven::io::testing
