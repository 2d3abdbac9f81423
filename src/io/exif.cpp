#include "io/exif.hpp"

#include <algorithm>
#include <optional>

namespace leaven::io {

namespace {

constexpr std::uint16_t kOrientationTag = 0x0112;
constexpr std::size_t kEntryBytes = 12;

/// Integers of a TIFF structure in its own byte order; nothing beyond its end.
class TiffBlock {
 public:
  TiffBlock(BytesView bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

  std::optional<std::uint32_t> integer(std::size_t at, std::size_t width) const {
    if (at > bytes_.size() || bytes_.size() - at < width) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t byte = big_endian_ ? i : width - 1 - i;
      value = value << 8 | std::to_integer<std::uint32_t>(bytes_[at + byte]);
    }
    return value;
  }

 private:
  BytesView bytes_;
  bool big_endian_;
};

bool starts_with(BytesView bytes, std::string_view text) {
  return bytes.size() >= text.size() &&
         std::equal(text.begin(), text.end(), bytes.begin(), [](char c, std::byte b) { return std::byte(c) == b; });
}

}  // namespace

int exif_orientation(BytesView block) {
  constexpr std::string_view kPrefix{"Exif\0\0", 6};
  if (starts_with(block, kPrefix)) block = block.subspan(kPrefix.size());
  const bool big_endian = starts_with(block, {"MM\0*", 4});
  if (!big_endian && !starts_with(block, {"II*\0", 4})) return 1;

  const TiffBlock tiff(block, big_endian);
  const auto directory = tiff.integer(4, 4);
  if (!directory) return 1;
  const auto entries = tiff.integer(*directory, 2);
  if (!entries) return 1;
  for (std::size_t i = 0; i < *entries; ++i) {
    const std::size_t entry = *directory + 2 + i * kEntryBytes;
    const auto tag = tiff.integer(entry, 2), type = tiff.integer(entry + 2, 2), count = tiff.integer(entry + 4, 4);
    if (!tag || !type || !count) return 1;
    if (*tag != kOrientationTag) continue;
    // SHORT is the rule; BYTE and LONG are found in the wild.
    const std::size_t width = *type == 1 ? 1 : *type == 3 ? 2 : *type == 4 ? 4 : 0;
    const auto value = width && *count == 1 ? tiff.integer(entry + 8, width) : std::nullopt;
    return value && *value >= 1 && *value <= 8 ? static_cast<int>(*value) : 1;
  }
  return 1;
}

Bytes exif_block(int orientation) {
  // Prefix; big-endian TIFF, directory at 8; one entry: orientation, SHORT, one value; no next directory.
  constexpr std::size_t kValueAt = 6 + 8 + 2 + 9;
  constexpr std::string_view kBlock{
      "Exif\0\0"
      "MM\0*\0\0\0\x08"
      "\0\x01"
      "\x01\x12\0\x03\0\0\0\x01\0\0\0\0"
      "\0\0\0\0",
      6 + 8 + 2 + 12 + 4};
  const auto* const bytes = reinterpret_cast<const std::byte*>(kBlock.data());
  Bytes block(bytes, bytes + kBlock.size());
  block[kValueAt] = std::byte(orientation);
  return block;
}

}  // namespace leaven::io
