#include <gtest/gtest.h>
#include <webp/mux.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "io/exif.hpp"
#include "io/frame.hpp"
#include "tests/io/codec_fixtures.hpp"
#include "tests/io/marked_fixture.hpp"

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

/// The pixels that are not 0.
Box bounds_of_painted(const Raster& image) {
  Box box{1e9, 1e9, 0, 0};
  for (int y = 0; y < image.shape().height; ++y)
    for (int x = 0; x < image.shape().width; ++x)
      if (image.row<std::uint8_t>(y)[x] != 0)
        box = {std::min<double>(box.left, x), std::min<double>(box.top, y), std::max<double>(box.right, x + 1),
               std::max<double>(box.bottom, y + 1)};
  return box;
}

// Marks go where the pixels under them go.
TEST(Orientation, Case19MarksTurnAsPixelsDo) {
  Raster painted({.width = 9, .height = 5, .channels = 1});
  for (int y = 0; y < 5; ++y)
    for (int x = 0; x < 9; ++x) painted.row<std::uint8_t>(y)[x] = x >= 1 && x < 4 && y >= 2 && y < 4;
  Annotations marks;
  Instance& instance = marks.instances.emplace_back();
  instance.box = Box{1, 2, 4, 4};
  instance.outlines = {{{1, 2}, {4, 2}, {4, 4}, {1, 4}}};
  instance.mask = RunLengths::of(painted.view());
  instance.keypoints = {{.at = {1.5, 2.5}, .angle = 0}, {.at = {2.5, 2.5}}, {.at = {1.5, 3.5}, .angle = 30}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Raster seen = oriented(painted, orientation);
    const Annotations turned = oriented(marks.clone(), {9, 5}, orientation);
    const Instance& its = turned.instances.at(0);
    EXPECT_EQ(its.box, bounds_of_painted(seen)) << orientation;
    EXPECT_EQ(*bounds_of(its.outlines.at(0)), bounds_of_painted(seen)) << orientation;
    EXPECT_EQ(bounds_of_painted(its.mask->to_raster()), bounds_of_painted(seen)) << orientation;
    // The arrow to the next pixel on the right is that of angle 0.
    const Point from = its.keypoints[0].at, right = its.keypoints[1].at;
    const double radians = *its.keypoints[0].angle * 3.14159265358979323846 / 180;
    EXPECT_NEAR(from.x + std::cos(radians), right.x, 1e-9) << orientation;
    EXPECT_NEAR(from.y - std::sin(radians), right.y, 1e-9) << orientation;
    EXPECT_NE(seen.row<std::uint8_t>(static_cast<int>(from.y))[static_cast<int>(from.x)], 0) << orientation;
  }
}

// A tool that ignores the camera's word tells the stored size, one that heeds it the seen one.
TEST(Orientation, Case19LabelsInTheStoredFrameAreTurned) {
  for (const int orientation : {1, 5, 6, 7, 8}) {
    const TempFolder stored, seen, masks;
    const Bytes file = tagged_png(letters(3), orientation, false);
    const auto box_of_letter = [&](char letter) {
      const std::string text = kSeen[orientation - 1];
      const std::size_t columns = text.find('/') + 1, at = text.find(letter);
      const double x = static_cast<double>(at % columns), y = static_cast<double>(at / columns);
      return Box{x, y, x + 1, y + 1};
    };
    const auto coco = [](const Size& size, const std::string& box) {
      return R"({"images":[{"id":1,"file_name":"a.png","width":)" + std::to_string(size.width) + R"(,"height":)" +
             std::to_string(size.height) + R"(}],"categories":[{"id":1,"name":"c"}],"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":)" + box + "}]}";
    };
    const Size size = seen_size({3, 2}, orientation);
    for (const TempFolder* in : {&stored, &seen}) in->write("a.png", text_of(file));
    stored.write("a.json.coco.json", coco({3, 2}, "[2,1,1,1]"));
    const auto reader = open_dataset(stored.path());
    ASSERT_EQ(reader->index().format, "coco");
    const Annotations turned = marks_of(*reader, "a.png", size);
    EXPECT_EQ(turned.instances.at(0).box, box_of_letter('f')) << orientation;
    EXPECT_EQ(mended(turned, "marks turned as their photo is"), orientation == 1 ? 0U : 1U);
    if (orientation == 1) continue;
    seen.write("a.json.coco.json", coco(size, "[1,2,1,1]"));
    const Annotations upright = marks_of(*open_dataset(seen.path()), "a.png", size);
    EXPECT_EQ(upright.instances.at(0).box, (Box{1, 2, 2, 3})) << orientation;
    EXPECT_TRUE(upright.mended.empty());
    masks.write("images/a.png", text_of(file));
    masks.write("masks/a.png", text_of(encode(letters(1).view(), {.format = ImageFormat::png})));
    const Annotations mask = marks_of(*open_dataset(masks.path()), "images/a.png", size);
    EXPECT_EQ(spell(mask.masks.at(0).pixels), kSeen[orientation - 1]);
  }
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
