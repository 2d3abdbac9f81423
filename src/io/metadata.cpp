#include "io/metadata.hpp"

#include <webp/mux.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "core/error.hpp"
#include "io/exif.hpp"
#include "io/png_chunks.hpp"

namespace leaven::io {

namespace {

std::string_view text_of(BytesView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

void append(Bytes& out, BytesView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void append_big_endian(Bytes& out, std::uint32_t value, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) out.push_back(std::byte(value >> shift & 0xFFU));
}

// Markers of ITU T.81, table B.1.
constexpr unsigned kSof0 = 0xC0, kSof15 = 0xCF, kSoi = 0xD8, kEoi = 0xD9, kSos = 0xDA, kApp0 = 0xE0, kApp1 = 0xE1;
constexpr unsigned kApp15 = 0xEF, kComment = 0xFE;

/// Frames and tables (0xC0…0xCF, 0xDA…0xDF), APPn and comments are followed by a length; other markers stand alone.
bool has_segment(unsigned marker) {
  return (marker >= kSof0 && marker <= kSof15) || (marker >= kSos && marker <= kApp15) || marker == kComment;
}

/// JFIF, the colour profile and Adobe's note on colour say how the picture is to be seen; all other APPn do not.
bool says_how_to_see(unsigned marker, std::string_view data) {
  if (marker == kComment) return false;
  if (marker < kApp0 || marker > kApp15) return true;
  return (marker == kApp0 && data.starts_with(std::string_view("JFIF\0", 5))) ||
         (marker == kApp0 + 2 && data.starts_with(std::string_view("ICC_PROFILE\0", 12))) ||
         (marker == kApp0 + 14 && data.starts_with("Adobe"));
}

/// Walks a JPEG marker by marker.
class JpegWalk {
 public:
  /// Behind the start of image.
  explicit JpegWalk(BytesView file) : file_(file), at_(2) {}

  /// The next marker, and the bytes before it: behind a start of scan the coded picture, elsewhere nothing of use.
  unsigned next(BytesView& before) {
    const std::size_t begin = at_;
    for (; at_ + 1 < file_.size(); ++at_) {
      if (byte(at_) != 0xFF) continue;
      const unsigned code = byte(at_ + 1);
      if (code != kEoi && !has_segment(code)) continue;  // stuffed, fill, restart: part of the coded picture
      before = file_.subspan(begin, at_ - begin);
      at_ += 2;
      return code;
    }
    throw data_error("truncated JPEG: no end of image");
  }
  /// The segment of the marker just met, its length included.
  BytesView segment() {
    const std::size_t length = at_ + 2 <= file_.size() ? byte(at_) << 8U | byte(at_ + 1) : 0;
    if (length < 2 || file_.size() - at_ < length)
      throw data_error("truncated JPEG: a segment is longer than the file");
    const BytesView whole = file_.subspan(at_, length);
    at_ += length;
    return whole;
  }

 private:
  unsigned byte(std::size_t at) const { return std::to_integer<unsigned>(file_[at]); }

  BytesView file_;
  std::size_t at_{};
};

void put_marker(Bytes& out, unsigned marker) {
  out.push_back(std::byte{0xFF});
  out.push_back(std::byte(marker));
}

void put_orientation(Bytes& out, int orientation) {
  const Bytes block = exif_block(orientation);
  put_marker(out, kApp1);
  append_big_endian(out, static_cast<std::uint32_t>(block.size() + 2), 2);
  append(out, block);
}

}  // namespace

Bytes jpeg_without_metadata(BytesView file, int orientation) {
  Bytes out;
  out.reserve(file.size());
  put_marker(out, kSoi);
  JpegWalk walk(file);
  bool waiting = orientation != 1;  // EXIF goes behind JFIF and before all else
  for (bool coded = false;;) {
    BytesView before;
    const unsigned marker = walk.next(before);
    if (coded) append(out, before);
    coded = coded || marker == kSos;
    if (marker == kEoi) {
      put_marker(out, marker);
      return out;
    }
    const BytesView segment = walk.segment();
    if (waiting && marker != kApp0) {
      put_orientation(out, orientation);
      waiting = false;
    }
    if (!says_how_to_see(marker, text_of(segment.subspan(2)))) continue;
    put_marker(out, marker);
    append(out, segment);
  }
}

Bytes png_without_metadata(BytesView file, int orientation) {
  constexpr std::array<std::string_view, 6> kTelling{"eXIf", "tEXt", "zTXt", "iTXt", "tIME", "caBX"};
  Bytes out;
  png::walk_chunks(file, [&](std::string_view name, BytesView whole) {
    if (name == "IDAT" && orientation != 1) {
      Bytes chunk{std::byte('e'), std::byte('X'), std::byte('I'), std::byte('f')};
      append(chunk, BytesView(exif_block(orientation)).subspan(6));
      append_big_endian(out, static_cast<std::uint32_t>(chunk.size() - 4), 4);
      append(out, chunk);
      append_big_endian(
          out, static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(chunk.data()), chunk.size())), 4);
      orientation = 1;
    }
    if (std::ranges::find(kTelling, name) == kTelling.end()) append(out, whole);
  });
  return out;
}

Bytes webp_without_metadata(BytesView file, int orientation) {
  const auto freed = [](WebPMux* mux) { WebPMuxDelete(mux); };
  const WebPData bytes{reinterpret_cast<const std::uint8_t*>(file.data()), file.size()};
  const std::unique_ptr<WebPMux, decltype(freed)> mux(WebPMuxCreate(&bytes, 1));
  if (!mux) throw data_error("WebP whose chunks are in disorder");
  std::uint32_t features{};
  WebPMuxGetFeatures(mux.get(), &features);
  if (!(features & (EXIF_FLAG | XMP_FLAG))) return {file.begin(), file.end()};
  WebPMuxDeleteChunk(mux.get(), "EXIF");
  WebPMuxDeleteChunk(mux.get(), "XMP ");
  if (orientation != 1) {
    const Bytes block = exif_block(orientation);
    const WebPData exif{reinterpret_cast<const std::uint8_t*>(block.data()), block.size()};
    WebPMuxSetChunk(mux.get(), "EXIF", &exif, 1);
  }
  WebPData assembled{};
  if (WebPMuxAssemble(mux.get(), &assembled) != WEBP_MUX_OK) throw data_error("WebP whose chunks are in disorder");
  const BytesView whole(reinterpret_cast<const std::byte*>(assembled.bytes), assembled.size);
  Bytes out(whole.begin(), whole.end());
  WebPDataClear(&assembled);
  return out;
}

Bytes without_metadata(BytesView file, const ImageHeader& header) {
  switch (header.format) {
    case ImageFormat::jpeg: return jpeg_without_metadata(file, header.orientation);
    case ImageFormat::png: return png_without_metadata(file, header.orientation);
    case ImageFormat::webp: return webp_without_metadata(file, header.orientation);
    case ImageFormat::tiff: return tiff_without_metadata(file);
    case ImageFormat::bmp: return {file.begin(), file.end()};  // has no place for any
    case ImageFormat::gif: return gif_without_metadata(file);
    case ImageFormat::heic:
    case ImageFormat::avif: return heif_without_metadata(file);
  }
  throw bug("no such image format");
}

}  // namespace leaven::io
