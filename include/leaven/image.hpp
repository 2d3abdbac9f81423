// Pixels at the public door, owned by the caller or by an Image.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace leaven {

enum class PixelType : std::uint8_t { u8, u16, f32 };

/// Rows × columns × interleaved channels that somebody else owns. u8 and u16 use their whole range; f32 is in [0, 1]
/// unless `bounded` is false.
struct ImageView {
  const void* data{};
  int width{}, height{};      ///< px, at least 1
  int channels{};             ///< 1 to 512; 2 with alpha, more than 4 without
  PixelType type{PixelType::u8};
  std::ptrdiff_t stride{};    ///< bytes from row to row; 0: rows follow each other without gaps
  bool alpha{};               ///< the last channel is straight (not premultiplied) alpha
  bool bounded{true};
};

/// Owned pixels, rows packed.
struct Image {
  std::vector<std::byte> data{};
  int width{}, height{}, channels{};
  PixelType type{PixelType::u8};
  bool alpha{}, bounded{true};
  ImageView view() const { return {data.data(), width, height, channels, type, 0, alpha, bounded}; }
};

}  // namespace leaven
