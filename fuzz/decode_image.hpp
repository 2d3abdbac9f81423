// One input through all image decoders. libFuzzer and the seeded test share it.
#pragma once

#include "core/error.hpp"
#include "io/codec.hpp"
#include "io/metadata.hpp"
#include "io/several_pictures.hpp"

namespace leaven::fuzz {

/// What became of an input.
enum class Outcome { decoded, refused };

/// The same pixels without the metadata. Where a TIFF's directories lie over its own pixels, blanking one spoils the other.
inline void require_same_without_metadata(io::BytesView file, const io::ImageHeader& header, const Raster& whole) {
  io::Bytes bare;
  try {
    bare = io::without_metadata(file, header);
  } catch (const Error& error) {
    if (error.fault() != Fault::data) throw;
    return;
  }
  if (header.format == io::ImageFormat::tiff) return;
  const io::ImageHeader again = io::read_header(bare);
  if (again.orientation != header.orientation) throw bug("without metadata the image is turned");
  if (!same_pixels(io::decode(bare, again).view(), whole.view())) throw bug("without metadata the image is another");
}

/// How many pictures there are, and of an animation the first ones. What is broken behind the first picture is refused.
inline void read_pictures(io::BytesView file, const io::ImageHeader& header) {
  constexpr std::size_t kMost = 4;
  try {
    io::picture_count(file);
    if (header.format == io::ImageFormat::gif) io::each_picture(file, [](std::size_t number, const io::Bytes&) { return number + 1 < kMost; });
  } catch (const Error& error) {
    if (error.fault() != Fault::data) throw;
  }
}

/// Reads the header, the whole image and a region of it. Error(data) counts as refused; every other error is a finding
/// and is thrown on, as is Error(bug) when the region is not that part of the whole.
inline Outcome decode_image(io::BytesView file) {
  constexpr io::DecodeLimits kSmall{.max_pixels = 1 << 18};
  io::ImageHeader header;
  Raster whole;
  try {
    header = io::read_header(file, kSmall);
    whole = io::decode(file, header);
  } catch (const Error& error) {
    if (error.fault() != Fault::data) throw;
    return Outcome::refused;
  }
  if (whole.shape() != header.shape) throw bug("the image has another shape than its header says");

  // The region follows from the input, so that an input is all that a finding needs.
  std::uint32_t mix = 2166136261u;  // FNV-1a
  for (const std::byte b : file) mix = (mix ^ std::to_integer<std::uint32_t>(b)) * 16777619u;
  const auto below = [&](int bound) {
    mix = mix * 1664525u + 1013904223u;
    return static_cast<int>((mix >> 8) % static_cast<std::uint32_t>(bound));
  };
  Region region{.x = below(header.shape.width), .y = below(header.shape.height)};
  region.width = 1 + below(header.shape.width - region.x);
  region.height = 1 + below(header.shape.height - region.y);
  const Raster part = io::decode(file, header, {.region = region});

  RasterView same = whole.view();
  same.data += same.stride * region.y + region.x * static_cast<std::ptrdiff_t>(same.shape.pixel_bytes());
  same.shape.width = region.width;
  same.shape.height = region.height;
  if (!same_pixels(part.view(), same)) throw bug("a region is not that part of the whole image");
  require_same_without_metadata(file, header, whole);
  read_pictures(file, header);
  return Outcome::decoded;
}

}  // namespace leaven::fuzz
