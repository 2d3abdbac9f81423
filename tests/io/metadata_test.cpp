// Files lose what they tell about place, time, camera and author, and not one pixel.
#include "io/metadata.hpp"

#include <gtest/gtest.h>
#include <webp/mux.h>

#include <algorithm>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "tests/io/codec_fixtures.hpp"
#include "tests/io/read_only_fixtures.hpp"
#include "tests/io/tiff_fixtures.hpp"

namespace leaven::io::testing {

namespace {

constexpr std::string_view kSecret = "N 48 51 29.6 E 2 17 40.2";

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// An EXIF block as cameras write them: more than an orientation. What follows the directory belongs to no tag, and goes too.
Bytes camera_exif(int orientation) { return joined({bytes_of({"Exif\0\0", 6}), exif_block(orientation), bytes_of(kSecret)}); }

bool tells(BytesView file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  return text.find(kSecret) != std::string_view::npos;
}

Bytes stripped(BytesView file) { return without_metadata(file, read_header(file)); }

/// The secret is gone; pixels, orientation and profile are what they were; doing it again changes nothing.
void expect_only_the_secret_goes(const Bytes& file) {
  ASSERT_TRUE(tells(file));
  const Bytes bare = stripped(file);
  EXPECT_FALSE(tells(bare));
  const ImageHeader before = read_header(file), after = read_header(bare);
  EXPECT_EQ(after.orientation, before.orientation);
  EXPECT_EQ(after.icc, before.icc);
  EXPECT_EQ(after.jpeg_quality, before.jpeg_quality);
  const Raster was = decode_all(file), is = decode_all(bare);
  ASSERT_EQ(is.shape(), was.shape());
  EXPECT_TRUE(std::equal(is.data(), is.data() + is.shape().bytes(), was.data()));
  EXPECT_EQ(stripped(bare), bare);
}

Raster photo(int channels = 3) {
  return pattern({.width = 37, .height = 29, .channels = channels, .alpha = channels == 4});
}

std::uint32_t of_big_endian(BytesView bytes) {
  std::uint32_t value = 0;
  for (const std::byte b : bytes.first(4)) value = value << 8U | std::to_integer<std::uint32_t>(b);
  return value;
}

Bytes big_endian(std::uint32_t value) {
  Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::byte>(value >> shift));
  return bytes;
}

Bytes chunk(std::string_view name, const Bytes& data) {
  const Bytes named = joined({bytes_of(name), data});
  return joined({big_endian(static_cast<std::uint32_t>(data.size())), named, big_endian(crc_of(named))});
}

Bytes webp_with(const char* name, const Bytes& data) {
  const Bytes file = encode(photo(4).view(), {.format = ImageFormat::webp, .webp_lossless = true});
  const auto view = [](const Bytes& bytes) { return WebPData{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}; };
  const WebPData image = view(file), extra = view(data);
  WebPMux* mux = WebPMuxNew();
  WebPMuxSetImage(mux, &image, 1);
  WebPMuxSetChunk(mux, name, &extra, 1);
  WebPData out{};
  WebPMuxAssemble(mux, &out);
  WebPMuxDelete(mux);
  const auto* first = reinterpret_cast<const std::byte*>(out.bytes);
  Bytes result(first, first + out.size);
  WebPDataClear(&out);
  return result;
}

}  // namespace

TEST(Metadata, JpegOfEveryKind) {
  JpegRecipe progressive{.progressive = true}, restarts{.restart_interval = 2};
  JpegRecipe grey{.pixels = JCS_GRAYSCALE, .stored = JCS_GRAYSCALE};
  for (const JpegRecipe& recipe : {JpegRecipe{}, progressive, restarts, grey}) {
    const Bytes plain = write_jpeg(photo(recipe.pixels == JCS_GRAYSCALE ? 1 : 3), recipe);
    EXPECT_EQ(stripped(plain), plain);
    for (const int orientation : {1, 3, 6}) expect_only_the_secret_goes(with_segment(plain, 0xE1, camera_exif(orientation)));
    for (const int marker : {0xE1, 0xE2, 0xE3, 0xED, 0xEF, 0xFE}) expect_only_the_secret_goes(with_segment(plain, marker, bytes_of(kSecret)));
    // A phone's video, or a second picture, behind the first.
    expect_only_the_secret_goes(joined({plain, bytes_of(kSecret)}));
  }
}

TEST(Metadata, JpegKeepsItsColourProfile) {
  const Bytes icc = bytes_of("a profile of colours");
  const Bytes plain = write_jpeg(photo(), {});
  const Bytes file = with_segment(plain, 0xE2, joined({bytes_of({"ICC_PROFILE\0\1\1", 14}), icc}));
  EXPECT_EQ(stripped(file), file);
  expect_only_the_secret_goes(with_segment(file, 0xE1, camera_exif(8)));
}

TEST(Metadata, JpegThatEndsTooSoonIsRefused) {
  const Bytes plain = write_jpeg(photo(), {});
  for (const std::size_t length : {3U, 20U, 300U}) EXPECT_THROW(jpeg_without_metadata(BytesView(plain).first(length), 1), Error);
}

TEST(Metadata, PngChunksThatTell) {
  const Bytes plain = encode(photo(4).view(), {.format = ImageFormat::png});
  EXPECT_EQ(stripped(plain), plain);
  constexpr std::size_t kBehindHeader = 8 + 25, kEnd = 12;
  const Bytes exif = joined({exif_block(6), bytes_of(kSecret)});
  for (const auto& [name, data] : {std::pair<std::string_view, Bytes>{"eXIf", exif}, {"tEXt", bytes_of(kSecret)}, {"iTXt", bytes_of(kSecret)}, {"zTXt", bytes_of(kSecret)}})
    for (const std::size_t at : {kBehindHeader, plain.size() - kEnd}) {
      Bytes file = plain;
      const Bytes piece = chunk(name, data);
      file.insert(file.begin() + static_cast<std::ptrdiff_t>(at), piece.begin(), piece.end());
      expect_only_the_secret_goes(file);
    }
  expect_only_the_secret_goes(joined({plain, bytes_of(kSecret)}));
  EXPECT_THROW(png_without_metadata(BytesView(plain).first(plain.size() - 9), 1), Error);
}

TEST(Metadata, WebpChunksThatTell) {
  const Bytes plain = encode(photo(4).view(), {.format = ImageFormat::webp, .webp_lossless = true});
  EXPECT_EQ(stripped(plain), plain);
  expect_only_the_secret_goes(webp_with("EXIF", joined({exif_block(1), bytes_of(kSecret)})));
  expect_only_the_secret_goes(webp_with("EXIF", joined({exif_block(5), bytes_of(kSecret)})));
  expect_only_the_secret_goes(webp_with("XMP ", bytes_of(kSecret)));
}

TEST(Metadata, GifCommentsAndNotesOfApplications) {
  const std::string secret(kSecret);
  const std::vector<std::vector<unsigned char>> rows{{0, 1}, {2, 3}};
  for (const int frames : {1, 2})
    expect_only_the_secret_goes(write_gif({.width = 2, .height = 2, .rows = rows, .frames = frames, .comment = secret, .application = "XMP DataXMP" + secret}));
  const Bytes repeats = write_gif({.width = 2, .height = 2, .rows = rows, .frames = 2, .application = std::string("NETSCAPE2.0\1\0\0", 14)});
  EXPECT_EQ(stripped(repeats), repeats);
}

TEST(Metadata, HeifItemsAreBlanked) {
  const std::string secret(kSecret);
  for (const HeifKind kind : {HeifKind::heic, HeifKind::avif}) {
    expect_only_the_secret_goes(write_heif(photo(), {.kind = kind, .exif = secret}));
    expect_only_the_secret_goes(write_heif(photo(4), {.kind = kind, .xmp = secret}));
    const Bytes bare = write_heif(photo(), {.kind = kind});
    EXPECT_EQ(stripped(bare), bare);
  }
}

TEST(Metadata, HeifThatLeadsNowhereIsRefused) {
  Bytes file = write_heif(photo(), {.kind = HeifKind::avif, .exif = std::string(kSecret)});
  const ImageHeader header = read_header(file);
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const std::size_t box = text.find("iloc");
  ASSERT_NE(box, std::string_view::npos);
  file[box - 1] = std::byte{0xFF};  // the box is longer than what holds it
  EXPECT_THROW(without_metadata(file, header), Error);
}

TEST(Metadata, CommentsOfTiffGoUnlessTheySayWhatThePagesAre) {
  for (const char* kept : {"ImageJ=1.53\nimages=2", "<OME xmlns=\"x\">", "{\"shape\": [2, 3]}"}) {
    TiffRecipe recipe{.mode = "wl", .pages = 2};
    recipe.tags = [&](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, kept); };
    const Bytes file = write_tiff(photo(), recipe);
    EXPECT_EQ(stripped(file), file) << kept;
  }
  TiffRecipe recipe{.mode = "wl", .pages = 2};
  recipe.tags = [&](TIFF* tiff) {
    TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, std::string(kSecret).c_str());
    TIFFSetField(tiff, TIFFTAG_SOFTWARE, "a telephone's");
  };
  const Bytes bare = stripped(write_tiff(photo(), recipe));
  const std::string_view text(reinterpret_cast<const char*>(bare.data()), bare.size());
  EXPECT_EQ(text.find(kSecret), text.npos);
  EXPECT_EQ(text.find("telephone"), text.npos);
}

TEST(Metadata, TiffDirectoriesAreBlanked) {
  for (const char* mode : {"wl", "wb", "w8l", "w8b"}) {
    const std::string secret(kSecret);
    TiffRecipe recipe{.mode = mode, .pages = 2};
    const Bytes plain = write_tiff(photo(), recipe);
    EXPECT_EQ(stripped(plain), plain) << mode;
    recipe.tags = [&](TIFF* tiff) {
      TIFFSetField(tiff, TIFFTAG_MAKE, secret.c_str());
      TIFFSetField(tiff, TIFFTAG_XMLPACKET, static_cast<std::uint32_t>(secret.size()), secret.c_str());
      TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, "axes=YX");
      TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_RIGHTTOP);
    };
    const Bytes file = write_tiff(photo(), recipe);
    expect_only_the_secret_goes(file);
    const Bytes bare = stripped(file);
    EXPECT_EQ(bare.size(), file.size()) << "offsets must not move";
    const std::string_view text(reinterpret_cast<const char*>(bare.data()), bare.size());
    EXPECT_NE(text.find("axes=YX"), text.npos);
  }
}

/// A directory of GPS values, built by hand behind a file of libtiff's: TIFF 6.0, section 2.
TEST(Metadata, TiffPlacesAreBlanked) {
  TiffRecipe recipe{.mode = "wb"};
  recipe.tags = [](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_DATETIME, "2001:02:03 04:05:06"); };
  Bytes file = write_tiff(photo(), recipe);
  const auto end = [&] { return static_cast<std::uint32_t>(file.size()); };
  const auto append = [&](const Bytes& bytes) { file.insert(file.end(), bytes.begin(), bytes.end()); };
  if (file.size() % 2) append({std::byte{}});
  const std::uint32_t text_at = end();
  append(bytes_of(kSecret));
  if (file.size() % 2) append({std::byte{}});
  const std::uint32_t gps_at = end();  // one entry: processing method, ASCII
  append(joined({bytes_of({"\0\1\0\x1B\0\2", 6}), big_endian(static_cast<std::uint32_t>(kSecret.size())), big_endian(text_at), big_endian(0)}));
  // The first directory again, with the GPS pointer (34853 = 0x8825, LONG) as its last entry.
  const std::uint32_t old_at = of_big_endian(BytesView(file).subspan(4));
  const std::uint32_t count = of_big_endian(BytesView(file).subspan(old_at)) >> 16U;
  const Bytes entries(file.begin() + old_at + 2, file.begin() + old_at + 2 + 12 * count);
  const std::uint32_t new_at = end();
  append(joined({Bytes{std::byte{0}, std::byte(count + 1)}, entries, bytes_of({"\x88\x25\0\4", 4}), big_endian(1), big_endian(gps_at), big_endian(0)}));
  const Bytes pointer = big_endian(new_at);
  std::ranges::copy(pointer, file.begin() + 4);

  expect_only_the_secret_goes(file);
  const Bytes bare = stripped(file);
  EXPECT_TRUE(std::all_of(bare.begin() + gps_at, bare.begin() + gps_at + 2 + 12 + 4, [](std::byte b) { return b == std::byte{}; }));
  const std::string_view text(reinterpret_cast<const char*>(bare.data()), bare.size());
  EXPECT_EQ(text.find("2001:02:03"), text.npos);
}

TEST(Metadata, TiffThatLeadsNowhereIsRefused) {
  const Bytes plain = write_tiff(photo(), {.mode = "wl"});
  for (std::size_t i = 4; i < 8; ++i) {
    Bytes file = plain;
    file[i] = std::byte{0xFF};
    EXPECT_THROW(tiff_without_metadata(file), Error);
  }
}

}  // namespace leaven::io::testing
