// Bare pixels in containers: how they lie there, and reading one image.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/raster.hpp"
#include "io/file.hpp"

namespace leaven::io {

/// Numbers as they are stored. What is no dtype of Raster becomes f32.
enum class Element : std::uint8_t { u8, u16, f16, f32, f64 };
std::size_t bytes_of(Element element);
Dtype dtype_of(Element element);

/// One image after the other, without gaps.
struct PixelBlock {
  RasterShape shape{};
  Element element{Element::u8};
  bool big_endian{};
  bool planar{};           ///< channels × rows × columns instead of rows × columns × channels
  std::uint64_t offset{};  ///< of the first image in the file
  std::uint64_t image_bytes() const;
};

/// Throws Error(data) when the file ends too early.
Raster read_pixels(const InputFile& file, const PixelBlock& block, std::uint64_t offset);

/// Whether float images lie in [0, 1], judged by up to 256 of them spread over the file.
bool lies_in_unit_range(const InputFile& file, const PixelBlock& block, std::uint64_t images);

/// The shape of one image from the dimensions behind the first, [H, W], [H, W, C] or [C, H, W] (the smaller of the two sides
/// that could be channels is, the last where they are equal); nothing when it is none.
struct ImageDimensions {
  int height{}, width{}, channels{};
  bool planar{};
};
std::optional<ImageDimensions> image_dimensions(std::span<const std::uint64_t> behind_first);

}  // namespace leaven::io
