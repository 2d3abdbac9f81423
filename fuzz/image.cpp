#include "fuzz/image.hpp"

#include <zlib.h>

#include <cstdint>

#include "fuzz/decode_image.hpp"

namespace leaven::fuzz {

namespace {

Raster pattern(const RasterShape& shape) {
  Raster image(shape);
  std::uint32_t state = 1;
  auto* byte = reinterpret_cast<std::uint8_t*>(image.data());
  for (std::size_t i = 0; i < shape.bytes(); ++i) {
    state = state * 1664525U + 1013904223U;  // Numerical Recipes' generator: enough for a busy picture
    byte[i] = static_cast<std::uint8_t>((i * 5 + (state >> 27)) & 0xFF);
  }
  return image;
}

std::uint32_t big_endian(io::BytesView four) {
  std::uint32_t number = 0;
  for (const std::byte byte : four.first(4)) number = number << 8 | std::to_integer<std::uint32_t>(byte);
  return number;
}

/// A PNG with the checksum of each chunk made right again, so that accidents inside chunks get past the first gate.
io::Bytes with_right_checksums(io::BytesView input) {
  constexpr std::size_t kSignature = 8, kAround = 12;  // of a chunk: length, name and checksum
  io::Bytes file(input.begin(), input.end());
  for (std::size_t at = kSignature; at + kAround <= file.size();) {
    const std::size_t length = big_endian(io::BytesView(file).subspan(at));
    if (length > file.size() - at - kAround) break;
    const auto sum = crc32(0, reinterpret_cast<const Bytef*>(&file[at + 4]), static_cast<uInt>(length + 4));
    for (std::size_t i = 0; i < 4; ++i) file[at + 8 + length + i] = static_cast<std::byte>(sum >> (24 - 8 * i) & 0xFF);
    at += kAround + length;
  }
  return file;
}

/// 5 × 4 pixels of four colours, one of them transparent, with a comment.
constexpr char kGif[] =
    "\x47\x49\x46\x38\x39\x61\x05\x00\x04\x00\x81\x00\x00\x00\x00\x00\xff\x00\x00\x00\xff\x00\xff\xff"
    "\xff\x21\xfe\x05\x77\x6f\x72\x64\x73\x00\x21\xf9\x04\x01\x00\x00\x02\x00\x2c\x00\x00\x00\x00\x05"
    "\x00\x04\x00\x00\x08\x0f\x00\x01\x04\x10\x30\x40\x20\x41\x83\x05\x07\x26\x24\x18\x10\x00\x3b";
/// 3 × 2 pixels of 24 bits.
constexpr char kBmp[] =
    "\x42\x4d\x4e\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00\x03\x00\x00\x00\x02\x00"
    "\x00\x00\x01\x00\x18\x00\x00\x00\x00\x00\x18\x00\x00\x00\xc4\x0e\x00\x00\xc4\x0e\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x03\x02\x01\x03\x02\x01\x03\x02\x01\x00\x00\x00\x03\x02\x01\x03\x02\x01"
    "\x03\x02\x01\x00\x00\x00";

}  // namespace

bool run_image(io::BytesView input) {
  const Outcome outcome = decode_image(input);
  if (io::sniff(input) == io::ImageFormat::png) decode_image(with_right_checksums(input));
  return outcome == Outcome::decoded;
}

std::vector<io::Bytes> image_seeds() {
  using io::ImageFormat;
  const RasterShape grey{.width = 19, .height = 23, .channels = 1}, rgb{.width = 33, .height = 18, .channels = 3};
  const RasterShape rgba{.width = 17, .height = 9, .channels = 4, .alpha = true};
  const RasterShape deep{.width = 11, .height = 14, .channels = 3, .dtype = Dtype::u16};
  const io::Bytes profile = bytes_of("not a colour profile, but as long as one needs to be to be carried along");
  std::vector<io::Bytes> seeds;
  const auto add = [&](const RasterShape& shape, const io::EncodeOptions& options) {
    seeds.push_back(io::encode(pattern(shape).view(), options));
  };
  add(grey, {.format = ImageFormat::jpeg, .quality = 80});
  add(rgb, {.format = ImageFormat::jpeg, .quality = 90, .subsampling = {1, 1}});
  add(rgb, {.format = ImageFormat::jpeg, .quality = 70, .subsampling = {2, 2}, .icc = profile});
  add(grey, {.format = ImageFormat::png});
  add(rgba, {.format = ImageFormat::png, .icc = profile});
  add(deep, {.format = ImageFormat::png});
  add(rgb, {.format = ImageFormat::webp, .quality = 60});
  add(rgba, {.format = ImageFormat::webp, .webp_lossless = true});
  add(rgb, {.format = ImageFormat::tiff});
  add(deep, {.format = ImageFormat::tiff});
  seeds.push_back(bytes_of({kGif, sizeof(kGif) - 1}));
  seeds.push_back(bytes_of({kBmp, sizeof(kBmp) - 1}));
  return seeds;
}

}  // namespace leaven::fuzz
