#include "io/several_pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/error.hpp"

namespace leaven::io {

namespace {

constexpr int kQuickPng = 1;  // zlib's level: most of these files are read again and gone

/// Makes another page the first one of a TIFF.
void put_first(Bytes& file, std::uint64_t offset) {
  const bool little = file.at(0) == std::byte{'I'};
  const bool big = file.at(little ? 2 : 3) == std::byte{43};  // BigTIFF: offsets of 8 bytes
  const std::size_t at = big ? 8 : 4, size = big ? 8 : 4;
  for (std::size_t i = 0; i < size; ++i) file.at(at + (little ? i : size - 1 - i)) = static_cast<std::byte>(offset >> (8 * i));
}

Bytes page_of(Bytes& file, std::uint64_t offset) {
  put_first(file, offset);
  const ImageHeader header = tiff::first_page_header(file);
  return encode(decode(file, header).view(), {.format = ImageFormat::tiff, .icc = header.icc});
}

/// Of formats whose frames are drawn one over the other: how many, and the canvas after each.
struct Animation {
  std::size_t (*count)(BytesView file);
  void (*each)(BytesView file, const std::function<bool(const Raster& canvas)>& take);
};

/// Nothing for stills of formats that have both.
std::optional<Animation> animation_of(BytesView file) {
  const auto format = sniff(file);
  if (format == ImageFormat::gif) return Animation{gif::frame_count, gif::each_frame};
  if (format == ImageFormat::png && png::frame_count(file) > 1) return Animation{png::frame_count, png::each_frame};
  if (format == ImageFormat::webp && webp::frame_count(file) > 1) return Animation{webp::frame_count, webp::each_frame};
  return std::nullopt;
}

Bytes frame_file(const Raster& canvas, const ImageHeader& header) {
  return encode(canvas.view(), {.png_level = kQuickPng, .icc = header.icc});
}

std::uint64_t offset_of(BytesView file, std::size_t number) {
  const std::vector<std::uint64_t> pages = tiff::page_offsets(file);
  if (number >= pages.size()) throw data_error("changed since its pages were counted");
  return pages[number];
}

}  // namespace

std::size_t picture_count(BytesView file) {
  if (const auto animation = animation_of(file)) return animation->count(file);
  if (sniff(file) == ImageFormat::tiff) return tiff::page_offsets(file).size();
  return 1;
}

void each_picture(BytesView file, const std::function<bool(std::size_t number, Bytes picture)>& take) {
  std::size_t number = 0;
  if (const auto animation = animation_of(file)) {
    const ImageHeader header = read_header(file);  // refuses what is too large
    animation->each(file, [&](const Raster& canvas) { return take(number++, frame_file(canvas, header)); });
  } else if (sniff(file) == ImageFormat::tiff) {
    Bytes turned(file.begin(), file.end());
    for (const std::uint64_t offset : tiff::page_offsets(file))
      if (!take(number++, page_of(turned, offset))) return;
  } else {
    take(0, Bytes(file.begin(), file.end()));
  }
}

Bytes picture_of(BytesView file, std::size_t number) {
  if (sniff(file) == ImageFormat::tiff) {
    Bytes turned(file.begin(), file.end());
    return page_of(turned, offset_of(file, number));
  }
  Bytes found;
  if (const auto animation = animation_of(file)) {
    const ImageHeader header = read_header(file);
    std::size_t at = 0;
    animation->each(file, [&](const Raster& canvas) {
      if (at++ < number) return true;
      found = frame_file(canvas, header);
      return false;
    });
  }
  if (found.empty()) throw data_error("changed since its frames were counted");
  return found;
}

std::string picture_suffix(ImageFormat format, std::size_t number) {
  return fmt::format(".{:04}.{}", number + 1, format == ImageFormat::tiff ? "tif" : "png");
}

}  // namespace leaven::io
