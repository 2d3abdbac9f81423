// What is the same for all formats: recognising files, limits, refusals, profiles, repeatability, threads.
#include "io/codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "core/error.hpp"
#include "tests/io/codec_fixtures.hpp"

namespace leaven::io::testing {

namespace {

constexpr ImageFormat kFormats[] = {ImageFormat::jpeg, ImageFormat::png, ImageFormat::webp, ImageFormat::tiff};

Bytes file_in(ImageFormat format, const RasterShape& shape = {.width = 30, .height = 20, .channels = 3}) {
  return encode(pattern(shape).view(), {.format = format});
}

void put_big_endian(Bytes& file, std::size_t at, std::uint32_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) file[at + i] = static_cast<std::byte>(value >> (8 * (width - 1 - i)));
}

/// The head of a profile and nothing else: codecs carry profiles, they do not judge them.
Bytes profile(std::string_view colour_space) {
  Bytes icc(132);
  put_big_endian(icc, 0, 132, 4);
  const auto put = [&](std::size_t at, std::string_view text) {
    const Bytes bytes = bytes_of(text);
    std::copy(bytes.begin(), bytes.end(), icc.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(16, colour_space);
  put(36, "acsp");
  return icc;
}

TEST(Sniff, KnowsItsFormatsByContent) {
  for (const ImageFormat format : kFormats) {
    EXPECT_EQ(sniff(file_in(format)), format);
    EXPECT_EQ(read_header(file_in(format)).format, format);
  }
  EXPECT_EQ(sniff(bytes_of({"MM\0+", 4})), ImageFormat::tiff);
  EXPECT_EQ(sniff({}), std::nullopt);
  EXPECT_EQ(sniff(bytes_of("RIFF....WAVE")), std::nullopt);
  EXPECT_EQ(extension_of(ImageFormat::jpeg), "jpg");
  EXPECT_EQ(extension_of(ImageFormat::tiff), "tif");
}

TEST(ReadHeader, SaysWhatAFileLooksLike) {
  const std::string other = "not a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or AVIF image: looks like ";
  const std::pair<std::string, std::string> files[] = {
      {{"BM\x36\0\0\0", 6}, "a BMP image"},
      {"%PDF-1.7\n", "a PDF document"},
      {"PK\3\4....", "a ZIP archive"},
      {"\n <!DOCTYPE html><html>", "HTML text"},
      {"<?xml version=\"1.0\"?><svg/>", "an SVG drawing"},
      {"{\"error\": 404}", "JSON text"},
      {"BMW makes cars", "text"},
      {std::string(64, '\0'), "only zero bytes"},
      {"version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer (fetch the real file with git lfs pull)"},
      {{"\xFF\xD8", 2}, "no known format, first bytes ff d8"},
      {{"\x01\x02\x03", 3}, "no known format, first bytes 01 02 03"},
  };
  for (const auto& [content, name] : files) EXPECT_EQ(decode_error(bytes_of(content)), other + name);
  EXPECT_EQ(decode_error({}), "empty file");
}

TEST(ReadHeader, RefusesClaimedPixelsAboveTheLimit) {
  for (const ImageFormat format : kFormats) {
    const Bytes file = file_in(format);
    EXPECT_NO_THROW(read_header(file, {.max_pixels = 600}));
    EXPECT_THROW(read_header(file, {.max_pixels = 599}), Error) << name_of(format);
  }
}

// 60,000 × 60,000 in a file of some hundred bytes, refused before anything of that size is allocated.
TEST(ReadHeader, RefusesBombs) {
  const std::string refusal = "claims 60000×60000 pixels, the limit is 178956970 in all (a decompression bomb?)";
  Bytes png = file_in(ImageFormat::png);
  put_big_endian(png, 16, 60000, 4);
  put_big_endian(png, 20, 60000, 4);
  put_big_endian(png, 29, crc_of(BytesView(png).subspan(12, 17)), 4);
  EXPECT_EQ(decode_error(png), refusal);

  Bytes jpeg = file_in(ImageFormat::jpeg);
  for (std::size_t i = 0; i + 9 < jpeg.size(); ++i) {
    if (jpeg[i] != std::byte{0xFF} || jpeg[i + 1] != std::byte{0xC0}) continue;
    put_big_endian(jpeg, i + 5, 60000, 2);
    put_big_endian(jpeg, i + 7, 60000, 2);
    break;
  }
  EXPECT_EQ(decode_error(jpeg), refusal);

  Bytes tiff = file_in(ImageFormat::tiff);
  for (const char tag : {0x00, 0x01}) {  // width and height, 16-bit values
    const Bytes entry = bytes_of({std::string{tag, 1} + std::string{"\x03\0\x01\0\0\0", 6}});
    const auto at = std::search(tiff.begin(), tiff.end(), entry.begin(), entry.end());
    ASSERT_NE(at, tiff.end());
    at[8] = std::byte{60000 & 0xFF};
    at[9] = std::byte{60000 >> 8};
  }
  EXPECT_EQ(decode_error(tiff), refusal);
}

TEST(Decode, RefusesAFileThatIsNotTheHeaders) {
  for (const ImageFormat format : kFormats) {
    const ImageHeader header = read_header(file_in(format));
    for (const ImageFormat other : kFormats) {
      const Bytes file = file_in(other, {.width = 31, .height = 20, .channels = 3});
      try {
        decode(file, header);
        ADD_FAILURE() << name_of(format) << " " << name_of(other);
      } catch (const Error& error) {
        EXPECT_EQ(error.message(), "changed since its header was read");
      }
    }
  }
}

TEST(Decode, ARegionOutsideIsACallersMistake) {
  const Bytes file = file_in(ImageFormat::png);
  const ImageHeader header = read_header(file);
  for (const Region region :
       {Region{-1, 0, 5, 5}, {0, -1, 5, 5}, {26, 0, 5, 5}, {0, 16, 5, 5}, {1, 0, 2147483647, 1}}) {
    try {
      decode(file, header, {.region = region});
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::bug);
    }
  }
}

std::string refusal(const RasterShape& shape, ImageFormat format) {
  std::string text;
  try {
    require_encodable(shape, format);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    text = error.what();
  }
  return text;
}

TEST(RequireEncodable, NamesTheRuleAndTheFormatsThatCan) {
  const RasterShape rgb{.width = 500, .height = 375, .channels = 3};
  RasterShape f32 = rgb, u16 = rgb, alpha = rgb, wide = rgb, plain = rgb, empty = rgb;
  f32.dtype = Dtype::f32;
  u16.dtype = Dtype::u16;
  alpha.channels = 4;
  alpha.alpha = true;
  wide.width = 20000;
  plain.channels = 5;
  empty.height = 0;
  for (const ImageFormat format : kFormats) EXPECT_EQ(refusal(rgb, format), "");
  EXPECT_EQ(refusal(f32, ImageFormat::jpeg), "JPEG: an image must be u8, got 500×375×3 f32 (can be written as TIFF)");
  EXPECT_EQ(refusal(f32, ImageFormat::png),
            "PNG: an image must be u8 or u16, got 500×375×3 f32 (can be written as TIFF)");
  EXPECT_EQ(refusal(u16, ImageFormat::webp),
            "WebP: an image must be u8, got 500×375×3 u16 (can be written as PNG, TIFF)");
  EXPECT_EQ(refusal(alpha, ImageFormat::jpeg),
            "JPEG: an image must have no alpha, got 500×375×4 u8 with alpha (can be written as PNG, WebP, TIFF)");
  EXPECT_EQ(refusal(wide, ImageFormat::webp),
            "WebP: an image must have sides up to 16383 px, got 20000×375×3 u8 (can be written as JPEG, PNG, TIFF)");
  EXPECT_EQ(refusal(plain, ImageFormat::png),
            "PNG: an image must have 1 or 3 colour channels, got 500×375×5 u8 (can be written as TIFF)");
  EXPECT_EQ(refusal(empty, ImageFormat::tiff), "TIFF: an image must have at least one pixel, got 500×0×3 u8");
  EXPECT_EQ(refusal(u16, ImageFormat::png) + refusal(alpha, ImageFormat::webp) + refusal(f32, ImageFormat::tiff), "");
}

TEST(Encode, RefusesAsRequireEncodableDoesAndChecksItsOptions) {
  const Raster deep = pattern({.width = 4, .height = 4, .channels = 3, .dtype = Dtype::u16});
  EXPECT_THROW(encode(deep.view(), {.format = ImageFormat::jpeg}), Error);
  const Raster image = pattern({.width = 4, .height = 4, .channels = 3});
  const auto refused = [&](const EncodeOptions& options) {
    try {
      encode(image.view(), options);
      return std::string();
    } catch (const Error& error) {
      return error.message();
    }
  };
  EXPECT_EQ(refused({.format = ImageFormat::jpeg, .quality = 101}), "JPEG quality must be in [1, 100], got 101");
  EXPECT_EQ(refused({.format = ImageFormat::webp, .quality = 0}), "WebP quality must be in [1, 100], got 0");
  EXPECT_EQ(refused({.format = ImageFormat::png, .png_level = 10}), "PNG level must be in [0, 9], got 10");
}

TEST(Encode, SamePixelsGiveTheSameBytes) {
  for (const ImageFormat format : kFormats) {
    for (const bool lossless : {false, true}) {
      const EncodeOptions options{.format = format, .webp_lossless = lossless};
      const Raster image = pattern({.width = 120, .height = 90, .channels = 3});
      const Bytes first = encode(image.view(), options);
      encode(pattern({.width = 50, .height = 70, .channels = 3}, 2).view(), options);
      EXPECT_EQ(encode(image.clone().view(), options), first) << name_of(format);
    }
  }
}

TEST(Encode, RowsAsTheyComeGiveTheSameBytes) {
  const Raster image = pattern({.width = 37, .height = 29, .channels = 3});
  for (const ImageFormat format : kFormats) {
    const EncodeOptions options{.format = format, .quality = 90, .subsampling = {2, 2}};
    const Bytes rows = encode(image.shape(), options, [&](const TakeRows& take) {
      for (const auto& [from, to] : {std::pair{0, 1}, {1, 17}, {17, 29}}) {
        RasterView strip = image.view();
        strip.data += strip.stride * from;
        strip.origin_y = from;
        strip.shape.height = to - from;
        take(strip);
      }
    });
    EXPECT_EQ(rows, encode(image.view(), options)) << name_of(format);
  }
}

TEST(Encode, LeavesItsInputAlone) {
  for (const ImageFormat format : kFormats) {
    const Raster image = pattern({.width = 50, .height = 40, .channels = 3});
    const Raster before = image.clone();
    encode(image.view(), {.format = format});
    EXPECT_TRUE(same_pixels(image.view(), before.view())) << name_of(format);
  }
}

TEST(Icc, SurvivesARoundTripInEveryFormat) {
  for (const ImageFormat format : kFormats) {
    for (const bool grey : {false, true}) {
      if (grey && format == ImageFormat::webp) continue;  // grey becomes colour there
      const Raster image = pattern({.width = 16, .height = 12, .channels = grey ? 1 : 3});
      const Bytes icc = profile(grey ? "GRAY" : "RGB ");
      const Bytes file = encode(image.view(), {.format = format, .icc = icc});
      EXPECT_EQ(read_header(file).icc, icc) << name_of(format);
      EXPECT_EQ(read_header(encode(image.view(), {.format = format})).icc, Bytes()) << name_of(format);
      EXPECT_EQ(decode_error(file), "");
    }
  }
}

// More than one JPEG marker holds (64 KB), and more than a buffer of the PNG reader.
TEST(Icc, LongProfilesAreKept) {
  Bytes icc = profile("RGB ");
  std::mt19937 random(6);
  while (icc.size() < 200'000) icc.push_back(static_cast<std::byte>(random()));
  const Raster image = pattern({.width = 16, .height = 12, .channels = 3});
  for (const ImageFormat format : kFormats)
    EXPECT_TRUE(read_header(encode(image.view(), {.format = format, .icc = icc})).icc == icc) << name_of(format);
}

TEST(Icc, AProfileForOtherPixelsIsLeftOut) {
  for (const ImageFormat format : kFormats) {
    const Raster grey = pattern({.width = 16, .height = 12, .channels = 1});
    const Raster colour = pattern({.width = 16, .height = 12, .channels = 3});
    EXPECT_EQ(encode(grey.view(), {.format = format, .icc = profile("RGB ")}), encode(grey.view(), {.format = format}));
    EXPECT_EQ(encode(colour.view(), {.format = format, .icc = profile("GRAY")}),
              encode(colour.view(), {.format = format}));
  }
}

TEST(Icc, IsDroppedWhereCmykBecomesRgb) {
  const Bytes icc = profile("CMYK");
  const JpegRecipe recipe{.pixels = JCS_CMYK, .stored = JCS_YCCK, .markers = [&](jpeg_compress_struct& info) {
                            jpeg_write_icc_profile(&info, reinterpret_cast<const JOCTET*>(icc.data()),
                                                   static_cast<unsigned>(icc.size()));
                          }};
  const Bytes file = write_jpeg(pattern({.width = 16, .height = 16, .channels = 4}), recipe);
  EXPECT_EQ(read_header(file).icc, Bytes());
}

TEST(Codecs, WorkInManyThreadsAtOnce) {
  std::vector<Bytes> files;
  std::vector<Raster> expected;
  for (const ImageFormat format : kFormats) {
    files.push_back(file_in(format, {.width = 90, .height = 70, .channels = 3}));
    expected.push_back(decode_all(files.back()));
  }
  std::vector<int> wrong(8);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 40; ++i) {
        const std::size_t k = (t + i) % files.size();
        const Raster image = decode_all(files[k]);
        if (!same_pixels(image.view(), expected[k].view())) ++wrong[t];
        Bytes broken = files[k];
        broken.resize(broken.size() / 2);
        if (decode_error(broken).empty()) ++wrong[t];
        if (encode(image.view(), {.format = kFormats[k]}).empty()) ++wrong[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(8));
}

}  // namespace

}  // namespace leaven::io::testing
