// Ten thousand broken files, the same ones in every run.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "fuzz/decode_image.hpp"
#include "tests/io/png_fixtures.hpp"
#include "tests/io/read_only_fixtures.hpp"
#include "tests/io/tiff_fixtures.hpp"

namespace leaven::io::testing {

namespace {

constexpr Size kSize{37, 29};

Raster image_of(int channels, Dtype dtype = Dtype::u8) {
  return pattern({kSize.width, kSize.height, channels, dtype, channels == 4, dtype != Dtype::f32});
}

/// What our encoders can write.
void add_ours(std::vector<Bytes>& files) {
  for (const int channels : {1, 3, 4}) {
    for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32}) {
      const Raster image = image_of(channels, dtype);
      const auto add = [&](const EncodeOptions& options) { files.push_back(encode(image.view(), options)); };
      add({.format = ImageFormat::tiff});
      if (dtype != Dtype::f32) add({.format = ImageFormat::png});
      if (dtype != Dtype::u8) continue;
      add({.format = ImageFormat::webp});
      add({.format = ImageFormat::webp, .webp_lossless = true});
      if (channels < 4) add({.format = ImageFormat::jpeg, .quality = 70});
    }
  }
}

void add_jpegs(std::vector<Bytes>& files) {
  const Raster image = image_of(3);
  files.push_back(write_jpeg(image, {.progressive = true}));
  files.push_back(write_jpeg(image, {.sampling = {{2, 1}, {1, 1}, {1, 1}}, .restart_interval = 2}));
  files.push_back(write_jpeg(image, {.sampling = {{4, 1}, {1, 1}, {1, 1}}}));
  files.push_back(write_jpeg(image_of(4), {.pixels = JCS_CMYK, .stored = JCS_YCCK}));
  Bytes exif = bytes_of({"Exif\0\0", 6});
  const Bytes block = exif_block(6);
  exif.insert(exif.end(), block.begin(), block.end());
  files.push_back(with_segment(write_jpeg(image, {}), 0xE1, exif));
}

void add_pngs(std::vector<Bytes>& files) {
  for (const bool interlaced : {false, true}) {
    const std::vector<std::vector<unsigned char>> rows(29, std::vector<unsigned char>{0x1B, 0, 0xE4, 0x37, 0x99});
    const PngRecipe four_bits{.width = 10, .height = 29, .bits = 4, .rows = rows, .interlaced = interlaced};
    files.push_back(write_png(four_bits));
    PngRecipe palette = four_bits;
    palette.colour = PNG_COLOR_TYPE_PALETTE;
    palette.palette.assign(16, {10, 20, 30});
    palette.palette_alpha = {0, 128};
    files.push_back(write_png(palette));
  }
}

void add_tiffs(std::vector<Bytes>& files) {
  const Raster rgb = image_of(3);
  for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_PACKBITS, COMPRESSION_ADOBE_DEFLATE}) {
    files.push_back(write_tiff(rgb, {.compression = compression, .separate = true}));
    files.push_back(write_tiff(rgb, {.compression = compression, .tile = {16, 16}, .mode = "wb"}));
  }
  files.push_back(write_tiff(image_of(4), {.photometric = PHOTOMETRIC_SEPARATED, .compression = COMPRESSION_LZW}));
  files.push_back(write_tiff(image_of(4), {.extra = {EXTRASAMPLE_ASSOCALPHA}}));
  const auto ycbcr = [](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, 1, 1); };
  for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE})
    files.push_back(write_tiff(rgb, {.photometric = PHOTOMETRIC_YCBCR, .compression = compression, .tags = ycbcr}));
  const auto jpeg = [](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB); };
  files.push_back(write_tiff(
      rgb, {.photometric = PHOTOMETRIC_YCBCR, .compression = COMPRESSION_JPEG, .strip_rows = 16, .tags = jpeg}));
  const std::vector<std::vector<std::uint8_t>> bits(29, std::vector<std::uint8_t>{0x0F, 0xF0, 0, 0xFF, 0x18});
  for (const int compression : {COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4})
    files.push_back(write_tiff(
        image_of(1), {.photometric = PHOTOMETRIC_MINISWHITE, .compression = compression, .bits = 1, .packed = bits}));
  std::vector<std::uint16_t> map(16, 40000);
  files.push_back(write_tiff(
      image_of(1),
      {.photometric = PHOTOMETRIC_PALETTE,
       .bits = 4,
       .packed = std::vector<std::vector<std::uint8_t>>(29, std::vector<std::uint8_t>(19, 0x5A)),
       .tags = [&](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_COLORMAP, map.data(), map.data(), map.data()); }}));
}

void add_read_only(std::vector<Bytes>& files) {
  const std::vector<std::vector<unsigned char>> rows(9, std::vector<unsigned char>{0, 1, 2, 3, 1, 2, 0});
  files.push_back(write_gif({.width = 7, .height = 9, .rows = rows, .transparent = 2, .interlaced = true}));
  files.push_back(write_gif({.width = 7, .height = 9, .rows = rows, .left = 3, .screen_width = 12, .screen_height = 9, .frames = 2, .comment = "words"}));
  files.push_back(write_bmp({.width = 2, .height = 9, .rows = std::vector<std::vector<unsigned char>>(9, {1, 2, 3, 4, 5, 6})}));
  files.push_back(write_bmp({.width = 7, .height = -9, .bits = 8, .rows = rows, .palette = {0x102030, 0xC86432, 0, 0xFFFFFF}}));
  files.push_back(write_bmp({.width = 1, .height = 9, .bits = 32, .rows = std::vector<std::vector<unsigned char>>(9, {1, 2, 3, 4}), .alpha_mask = true}));
}

/// Small valid files of every format and kind.
std::vector<Bytes> seeds() {
  std::vector<Bytes> files;
  add_ours(files);
  add_jpegs(files);
  add_pngs(files);
  add_tiffs(files);
  add_read_only(files);
  return files;
}

class Mutator {
 public:
  explicit Mutator(std::vector<Bytes> files) : files_(std::move(files)) {}

  Bytes next() {
    Bytes file = files_[below(files_.size())];
    for (std::size_t rounds = 1 + below(3); rounds > 0; --rounds) mutate(file);
    return file;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  std::byte* any(Bytes& file) { return file.data() + below(file.size()); }
  /// Headers are short and pixels long: half of the changes go to the first 200 bytes.
  std::byte* any_weighted(Bytes& file) {
    return below(2) ? any(file) : file.data() + below(std::min<std::size_t>(file.size(), 200));
  }

  void mutate(Bytes& file) {
    if (file.empty()) return;
    switch (below(7)) {
      case 0: *any_weighted(file) ^= static_cast<std::byte>(1u << below(8)); break;
      case 1: *any_weighted(file) = static_cast<std::byte>(random_()); break;
      case 2: file.resize(below(file.size())); break;
      case 3: {  // a run of one value
        std::byte* at = any_weighted(file);
        const std::size_t length =
            std::min<std::size_t>(1 + below(8), static_cast<std::size_t>(file.data() + file.size() - at));
        std::fill_n(at, length, below(2) ? std::byte{0xFF} : std::byte{0});
        break;
      }
      case 4: {  // the end of another file
        const Bytes& other = files_[below(files_.size())];
        file.resize(below(file.size()));
        file.insert(file.end(), other.begin() + static_cast<std::ptrdiff_t>(below(other.size())), other.end());
        break;
      }
      case 5: {  // a piece twice
        const std::size_t from = below(file.size()), length = below(std::min<std::size_t>(64, file.size() - from) + 1);
        const Bytes piece(file.begin() + static_cast<std::ptrdiff_t>(from),
                          file.begin() + static_cast<std::ptrdiff_t>(from + length));
        file.insert(file.begin() + static_cast<std::ptrdiff_t>(below(file.size())), piece.begin(), piece.end());
        break;
      }
      default: {  // a piece less
        const std::size_t from = below(file.size()), length = below(std::min<std::size_t>(64, file.size() - from) + 1);
        file.erase(file.begin() + static_cast<std::ptrdiff_t>(from),
                   file.begin() + static_cast<std::ptrdiff_t>(from + length));
      }
    }
  }

  std::vector<Bytes> files_;
  std::mt19937 random_{20240229};
};

TEST(CodecFuzz, BrokenFilesDecodeOrAreRefusedAsData) {
  constexpr int kInputs = 10'000;
  for (const Bytes& file : seeds()) ASSERT_EQ(fuzz::decode_image(file), fuzz::Outcome::decoded);
  Mutator mutator(seeds());
  int decoded = 0;
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < kInputs; ++i) {
    const Bytes file = mutator.next();
    try {
      decoded += fuzz::decode_image(file) == fuzz::Outcome::decoded;
    } catch (const std::exception& error) {
      ADD_FAILURE() << "input " << i << ": " << error.what();
    }
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");  // no library says a word on its own
  // Both kinds must be there, or the mutations are too coarse or too mild to test anything.
  EXPECT_GT(decoded, kInputs / 20);
  EXPECT_LT(decoded, kInputs * 19 / 20);
}

}  // namespace

}  // namespace leaven::io::testing
