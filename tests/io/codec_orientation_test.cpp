#include <gtest/gtest.h>
#include <webp/mux.h>

#include <algorithm>
#include <cstring>

#include "io/exif.hpp"
#include "io/frame.hpp"
#include "tests/io/codec_fixtures.hpp"

namespace leaven::io::testing {

namespace {

// EXIF 2.3, tag 274: where row 0 and column 0 of the file lie in the picture as it is seen. The stored image is
//   a b c
//   d e f
const char* const kSeen[] = {"abc/def",  "cba/fed",  "fed/cba",  "def/abc",
                             "ad/be/cf", "da/eb/fc", "fc/eb/da", "cf/be/ad"};

Raster letters(int channels) {
  Raster image({.width = 3, .height = 2, .channels = channels, .alpha = channels == 4});
  for (int i = 0; i < 6; ++i)
    std::memset(image.row<char>(0) + i * channels, 'a' + i, static_cast<std::size_t>(channels));
  return image;
}

std::string spell(const Raster& image) {
  std::string text;
  for (int y = 0; y < image.shape().height; ++y) {
    if (y > 0) text += '/';
    for (int x = 0; x < image.shape().width; ++x) text += image.row<char>(y)[x * image.shape().channels];
  }
  return text;
}

void append_big_endian(Bytes& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::byte>(value >> shift));
}

Bytes tagged_jpeg(const Raster& image, int orientation, bool big_endian = false) {
  Bytes exif = bytes_of({"Exif\0\0", 6});
  const Bytes block = exif_block(orientation, big_endian);
  exif.insert(exif.end(), block.begin(), block.end());
  JpegRecipe recipe{.sampling = {{2, 2}, {1, 1}, {1, 1}}};
  if (image.shape().channels == 1) recipe = {.pixels = JCS_GRAYSCALE, .stored = JCS_GRAYSCALE, .quality = 100};
  return with_segment(write_jpeg(image, recipe), 0xE1, exif);
}

/// `behind`: the chunk stands after the pixels, as some programs put it.
Bytes tagged_png(const Raster& image, int orientation, bool behind) {
  Bytes named = bytes_of("eXIf");
  const Bytes block = exif_block(orientation);
  named.insert(named.end(), block.begin(), block.end());
  Bytes chunk;
  append_big_endian(chunk, static_cast<std::uint32_t>(block.size()));
  chunk.insert(chunk.end(), named.begin(), named.end());
  append_big_endian(chunk, crc_of(named));
  Bytes file = encode(image.view(), {.format = ImageFormat::png});
  constexpr std::ptrdiff_t kBehindHeader = 8 + 25, kEnd = 12;
  file.insert(behind ? file.end() - kEnd : file.begin() + kBehindHeader, chunk.begin(), chunk.end());
  return file;
}

Bytes tagged_webp(const Raster& image, int orientation) {
  const Bytes file = encode(image.view(), {.format = ImageFormat::webp, .webp_lossless = true});
  const Bytes block = exif_block(orientation);
  WebPMux* mux = WebPMuxNew();
  const WebPData image_data{reinterpret_cast<const std::uint8_t*>(file.data()), file.size()};
  const WebPData exif{reinterpret_cast<const std::uint8_t*>(block.data()), block.size()};
  WebPMuxSetImage(mux, &image_data, 1);
  WebPMuxSetChunk(mux, "EXIF", &exif, 1);
  WebPData out{};
  WebPMuxAssemble(mux, &out);
  WebPMuxDelete(mux);
  const auto* first = reinterpret_cast<const std::byte*>(out.bytes);
  Bytes tagged(first, first + out.size);
  WebPDataClear(&out);
  return tagged;
}

/// The orientation tag in place of the first one that a reader can do without (the strip's row count).
Bytes tagged_tiff(const Raster& image, int orientation) {
  Bytes file = encode(image.view(), {.format = ImageFormat::tiff});
  const Bytes rows_per_strip = bytes_of({"\x16\x01\x03\0\x01\0\0\0", 8});
  const auto entry = std::search(file.begin(), file.end(), rows_per_strip.begin(), rows_per_strip.end());
  EXPECT_NE(entry, file.end());
  if (entry == file.end()) return file;
  entry[0] = std::byte{0x12};
  entry[8] = static_cast<std::byte>(orientation);
  return file;
}

TEST(Orientation, EightTurnsByHand) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const int channels : {1, 3, 4})
      EXPECT_EQ(spell(oriented(letters(channels), orientation)), kSeen[orientation - 1]) << orientation;
  }
}

TEST(Orientation, EveryPixelSizeTurnsAlike) {
  for (const int channels : {1, 2, 3, 4, 5}) {
    for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32}) {
      const Raster image = pattern({.width = 71, .height = 40, .channels = channels, .dtype = dtype});
      for (int orientation = 1; orientation <= 8; ++orientation) {
        const Raster seen = oriented(image, orientation);
        for (int i = 0; i < 50; ++i) {
          const Region spot{i * 37 % seen.shape().width, i * 23 % seen.shape().height, 1, 1};
          const Region stored = stored_region(spot, image.shape().size(), orientation);
          ASSERT_EQ(pixel(seen, spot.x, spot.y), pixel(image, stored.x, stored.y)) << orientation;
        }
      }
    }
  }
}

void expect_all_seen(const Bytes& file, int orientation, const std::string& what) {
  const ImageHeader header = read_header(file);
  EXPECT_EQ(header.orientation, orientation) << what;
  EXPECT_EQ(header.stored.size(), (Size{3, 2})) << what;
  EXPECT_EQ(header.shape.size(), orientation >= 5 ? (Size{2, 3}) : (Size{3, 2})) << what;
  const Raster seen = decode(file, header);
  EXPECT_EQ(seen.shape(), header.shape) << what;
  EXPECT_EQ(spell(seen), kSeen[orientation - 1]) << what << orientation;
  EXPECT_EQ(spell(decode(file, header, {.orientation = Orientation::ignore})), kSeen[0]) << what;
}

TEST(Orientation, IsAppliedInLosslessFormats) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    expect_all_seen(tagged_png(letters(3), orientation, false), orientation, "PNG");
    expect_all_seen(tagged_png(letters(1), orientation, true), orientation, "PNG, chunk behind the pixels");
    expect_all_seen(tagged_webp(letters(4), orientation), orientation, "WebP");
    expect_all_seen(tagged_tiff(letters(3), orientation), orientation, "TIFF");
  }
}

TEST(Orientation, IsAppliedInJpegs) {
  const Raster image = pattern({.width = 90, .height = 61, .channels = 3});
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool big_endian : {false, true}) {
      const Bytes file = tagged_jpeg(image, orientation, big_endian);
      EXPECT_EQ(read_header(file).orientation, orientation);
      const Raster stored = plain_libjpeg(file);
      EXPECT_TRUE(same_pixels(decode_all(file).view(), oriented(stored, orientation).view())) << orientation;
      EXPECT_TRUE(same_pixels(decode_all(file, Orientation::ignore).view(), stored.view())) << orientation;
    }
  }
}

TEST(Orientation, RegionsAreCountedInTheSeenPicture) {
  std::mt19937 random(8);
  const Raster image = pattern({.width = 90, .height = 61, .channels = 3});
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const Bytes& file : {tagged_jpeg(image, orientation), tagged_png(image, orientation, false),
                              tagged_webp(image, orientation), tagged_tiff(image, orientation)}) {
      const ImageHeader header = read_header(file);
      for (const Orientation wish : {Orientation::apply, Orientation::ignore}) {
        const Raster whole = decode(file, header, {.orientation = wish});
        for (int i = 0; i < 12; ++i) {
          const Region region = random_region(whole.shape().size(), random);
          const Raster part = decode(file, header, {.region = region, .orientation = wish});
          EXPECT_EQ(part.origin_x, region.x);
          EXPECT_EQ(part.origin_y, region.y);
          ASSERT_TRUE(same_pixels(part.view(), part_of(whole, region).view()))
              << name_of(header.format) << ", orientation " << orientation;
        }
      }
    }
  }
}

TEST(Orientation, EncodersWriteNone) {
  const Bytes file = tagged_jpeg(pattern({.width = 20, .height = 12, .channels = 3}), 6);
  const Raster seen = decode_all(file);
  for (const ImageFormat format : {ImageFormat::jpeg, ImageFormat::png, ImageFormat::webp, ImageFormat::tiff}) {
    const Bytes again = encode(seen.view(), {.format = format});
    EXPECT_EQ(read_header(again).orientation, 1);
    EXPECT_EQ(read_header(again).shape, seen.shape());
    const std::string text(reinterpret_cast<const char*>(again.data()), again.size());
    EXPECT_EQ(text.find("Exif"), text.npos);
    EXPECT_EQ(text.find("eXIf"), text.npos);
  }
}

TEST(Exif, ReadsBothByteOrdersWithAndWithoutPrefix) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool big_endian : {false, true}) {
      Bytes block = exif_block(orientation, big_endian);
      EXPECT_EQ(exif_orientation(block), orientation);
      const Bytes prefix = bytes_of({"Exif\0\0", 6});
      block.insert(block.begin(), prefix.begin(), prefix.end());
      EXPECT_EQ(exif_orientation(block), orientation);
    }
  }
}

TEST(Exif, MalformedBlocksMeanUpright) {
  EXPECT_EQ(exif_orientation({}), 1);
  for (const int value : {0, 9, 255}) EXPECT_EQ(exif_orientation(exif_block(value)), 1);
  const Bytes good = exif_block(6);
  for (std::size_t size = 0; size < 20; ++size) EXPECT_EQ(exif_orientation(BytesView(good.data(), size)), 1) << size;
  Bytes far = good;
  std::fill(far.begin() + 4, far.begin() + 8, std::byte{0xFF});  // the directory's offset
  EXPECT_EQ(exif_orientation(far), 1);
  Bytes many = good;
  many[8] = many[9] = std::byte{0xFF};  // 65,535 entries, of which one is there
  many[10] = std::byte{0x13};           // and is another tag
  EXPECT_EQ(exif_orientation(many), 1);
  Bytes text = good;
  text[12] = std::byte{2};  // an ASCII value
  EXPECT_EQ(exif_orientation(text), 1);
}

}  // namespace

}  // namespace leaven::io::testing
