// Ten thousand broken files, the same ones in every run.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "fuzz/decode_image.hpp"
#include "tests/io/codec_fixtures.hpp"

namespace leaven::io::testing {

namespace {

/// Small valid files of every format and kind.
std::vector<Bytes> seeds() {
  std::vector<Bytes> files;
  const Size size{37, 29};
  for (const int channels : {1, 3, 4}) {
    for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32}) {
      const Raster image = pattern({size.width, size.height, channels, dtype, channels == 4, dtype != Dtype::f32});
      for (const ImageFormat format : {ImageFormat::jpeg, ImageFormat::png, ImageFormat::webp, ImageFormat::tiff}) {
        for (const bool lossless : {false, true}) {
          try {
            files.push_back(encode(image.view(), {.format = format, .quality = 70, .webp_lossless = lossless}));
          } catch (const Error&) {  // not a shape for this format
          }
        }
      }
    }
  }
  const Raster image = pattern({.width = size.width, .height = size.height, .channels = 3});
  const Raster inks = pattern({.width = size.width, .height = size.height, .channels = 4});
  files.push_back(write_jpeg(image, {.progressive = true}));
  files.push_back(write_jpeg(image, {.sampling = {{2, 1}, {1, 1}, {1, 1}}, .restart_interval = 2}));
  files.push_back(write_jpeg(image, {.sampling = {{4, 1}, {1, 1}, {1, 1}}}));
  files.push_back(write_jpeg(inks, {.pixels = JCS_CMYK, .stored = JCS_YCCK}));
  Bytes exif = bytes_of({"Exif\0\0", 6});
  const Bytes block = exif_block(6);
  exif.insert(exif.end(), block.begin(), block.end());
  files.push_back(with_segment(write_jpeg(image, {}), 0xE1, exif));
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
        const std::size_t length = std::min<std::size_t>(1 + below(8), static_cast<std::size_t>(file.data() + file.size() - at));
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
