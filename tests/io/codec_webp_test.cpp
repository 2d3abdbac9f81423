#include <gtest/gtest.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <algorithm>
#include <cstdlib>

#include "tests/io/codec_fixtures.hpp"

namespace leaven::io::testing {

namespace {

const RasterShape kColour{.width = 83, .height = 59, .channels = 3};
const RasterShape kClear{.width = 83, .height = 59, .channels = 4, .alpha = true};

Bytes lossy(const RasterShape& shape) { return encode(pattern(shape).view(), {.format = ImageFormat::webp}); }
Bytes lossless(const RasterShape& shape) {
  return encode(pattern(shape).view(), {.format = ImageFormat::webp, .webp_lossless = true});
}

double mean_difference(const Raster& a, const Raster& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.shape().bytes(); ++i)
    sum += std::abs(std::to_integer<int>(a.data()[i]) - std::to_integer<int>(b.data()[i]));
  return sum / static_cast<double>(a.shape().bytes());
}

TEST(WebpRoundTrip, LosslessKeepsEveryBitAlsoUnderFullTransparency) {
  for (const RasterShape& shape : {kColour, kClear, RasterShape{.width = 1, .height = 1, .channels = 3}}) {
    const Bytes file = lossless(shape);
    EXPECT_TRUE(read_header(file).webp_lossless);
    EXPECT_TRUE(same_pixels(decode_all(file).view(), pattern(shape).view())) << describe(shape);
  }
}

TEST(WebpRoundTrip, LossyStaysNear) {
  for (const RasterShape& shape : {kColour, kClear}) {
    const Bytes file = lossy(shape);
    const ImageHeader header = read_header(file);
    EXPECT_FALSE(header.webp_lossless);
    EXPECT_EQ(header.shape, shape);
    const double difference = mean_difference(decode(file, header), pattern(shape));
    EXPECT_GT(difference, 0);
    EXPECT_LT(difference, 12);
  }
}

TEST(WebpRoundTrip, QualityIsObeyed) {
  const Raster image = pattern(kColour);
  const auto size = [&](int quality) {
    return encode(image.view(), {.format = ImageFormat::webp, .quality = quality}).size();
  };
  EXPECT_LT(size(20), size(60));
  EXPECT_LT(size(60), size(95));
}

TEST(WebpRoundTrip, GreyBecomesColour) {
  const Raster grey = pattern({.width = 20, .height = 10, .channels = 1});
  const Raster back = decode_all(encode(grey.view(), {.format = ImageFormat::webp, .webp_lossless = true}));
  ASSERT_EQ(back.shape().channels, 3);
  EXPECT_EQ(pixel(back, 7, 3), pixel(grey, 7, 3) + " " + pixel(grey, 7, 3) + " " + pixel(grey, 7, 3));
  const Raster clear = pattern({.width = 20, .height = 10, .channels = 2, .alpha = true});
  const Raster rgba = decode_all(encode(clear.view(), {.format = ImageFormat::webp, .webp_lossless = true}));
  ASSERT_EQ(rgba.shape().channels, 4);
  const auto* at = clear.row<std::uint8_t>(3) + 2 * 7;
  const std::string g = std::to_string(at[0]);
  EXPECT_EQ(pixel(rgba, 7, 3), g + " " + g + " " + g + " " + std::to_string(at[1]));
}

TEST(WebpDecode, RegionsAreExact) {
  std::mt19937 random(4);
  for (const Bytes& file : {lossy(kColour), lossless(kColour), lossy(kClear), lossless(kClear)}) {
    const ImageHeader header = read_header(file);
    const Raster whole = decode(file, header);
    for (int i = 0; i < 150; ++i) {
      const Region region = random_region(whole.shape().size(), random);
      ASSERT_TRUE(same_pixels(decode(file, header, {.region = region}).view(), part_of(whole, region).view()))
          << region.width << "×" << region.height << " at " << region.x << "," << region.y;
    }
  }
}

// Alpha is predicted from the left, from above or from both; bits 2 and 3 of its chunk's first byte say which.
TEST(WebpDecode, RegionsAreExactForEveryAlphaFilter) {
  std::mt19937 random(5);
  Raster image = pattern(kClear);  // with few levels of alpha, which libwebp keeps as a palette
  for (int i = 0; i < 83 * 59; ++i)
    image.row<std::uint8_t>(0)[4 * i + 3] = static_cast<std::uint8_t>((i / 7 + i / 83) % 4 * 85);
  const Bytes name = bytes_of("ALPH");
  for (unsigned filter = 0; filter < 4; ++filter) {
    Bytes file = encode(image.view(), {.format = ImageFormat::webp});
    const auto chunk = std::search(file.begin(), file.end(), name.begin(), name.end());
    ASSERT_NE(chunk, file.end());
    chunk[8] = (chunk[8] & std::byte{0xF3}) | static_cast<std::byte>(filter << 2);
    const ImageHeader header = read_header(file);
    const Raster whole = decode(file, header);
    for (int i = 0; i < 100; ++i) {
      const Region region = random_region(whole.shape().size(), random);
      ASSERT_TRUE(same_pixels(decode(file, header, {.region = region}).view(), part_of(whole, region).view()))
          << filter << ": " << region.width << "×" << region.height << " at " << region.x << "," << region.y;
    }
  }
}

TEST(WebpDecode, TruncatedAnywhereIsAnErrorWholeOrInPart) {
  for (const Bytes& file : {lossy(kColour), lossless(kClear), lossy(kClear)}) {
    for (std::size_t size = 12; size < file.size(); size += size < 80 || size + 20 > file.size() ? 1 : 13) {
      const BytesView cut(file.data(), size);
      ASSERT_TRUE(decode_error(cut).starts_with("truncated WebP: ")) << size << ": " << decode_error(cut);
      ASSERT_NE(decode_error(cut, {0, 0, 3, 3}), "") << size;
    }
  }
}

TEST(WebpDecode, AnAnimationIsItsFirstFrame) {
  WebPAnimEncoderOptions options;
  WebPAnimEncoderOptionsInit(&options);
  WebPAnimEncoder* encoder = WebPAnimEncoderNew(16, 16, &options);
  for (int frame = 0; frame < 2; ++frame) {
    const Raster image = pattern({.width = 16, .height = 16, .channels = 3}, static_cast<std::uint32_t>(frame + 1));
    WebPPicture picture;
    ASSERT_TRUE(WebPPictureInit(&picture));
    picture.width = picture.height = 16;
    picture.use_argb = 1;
    WebPPictureImportRGB(&picture, image.row<std::uint8_t>(0), static_cast<int>(image.stride()));
    WebPAnimEncoderAdd(encoder, &picture, frame * 100, nullptr);
    WebPPictureFree(&picture);
  }
  WebPAnimEncoderAdd(encoder, nullptr, 200, nullptr);
  WebPData data{};
  WebPAnimEncoderAssemble(encoder, &data);
  WebPAnimEncoderDelete(encoder);
  const auto* first = reinterpret_cast<const std::byte*>(data.bytes);
  const Bytes file(first, first + data.size);
  WebPDataClear(&data);
  const ImageHeader header = read_header(file);
  EXPECT_TRUE(header.has_more);
  EXPECT_EQ(header.shape, (RasterShape{.width = 16, .height = 16, .channels = 3}));
  const Raster shown = decode(file, header), wanted = pattern({.width = 16, .height = 16, .channels = 3}, 1);
  EXPECT_TRUE(same_pixels(shown.view(), wanted.view())) << "made without loss";
  Bytes cut = file;
  cut.resize(file.size() - 30);
  EXPECT_NE(decode_error(cut).find("truncated WebP"), std::string::npos) << decode_error(cut);
}

}  // namespace

}  // namespace leaven::io::testing
