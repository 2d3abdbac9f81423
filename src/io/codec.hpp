// Image files in memory: look at the header, decode all or a region, encode. One .cpp a format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/decode_request.hpp"
#include "core/raster.hpp"

namespace leaven::io {

using Bytes = std::vector<std::byte>;
using BytesView = std::span<const std::byte>;

/// Those behind tiff are read only; heic and avif where libheif is.
enum class ImageFormat : std::uint8_t { jpeg, png, webp, tiff, bmp, gif, heic, avif };
/// "JPEG", "PNG", "WebP", "TIFF", "BMP", "GIF", "HEIC", "AVIF".
std::string_view name_of(ImageFormat format);
/// "jpg", "png", "webp", "tif", "bmp", "gif", "heic", "avif".
std::string_view extension_of(ImageFormat format);
/// By magic bytes, never by file name; nothing when it is none of ours.
std::optional<ImageFormat> sniff(BytesView file);
/// In which a copy of such a file is written: itself, or for what is read only PNG, of HEIC and AVIF JPEG where it can.
ImageFormat written_as(ImageFormat format, const RasterShape& shape);
/// "JPEG, PNG, … and AVIF", or with another word before the last: all that is read.
std::string readable_formats(std::string_view last = "and");

/// Chroma subsampling of a JPEG as horizontal × vertical factors of luma: 4:4:4 is {1,1}, 4:2:2 {2,1}, 4:2:0 {2,2}.
struct Subsampling {
  int horizontal{2}, vertical{2};
  friend bool operator==(const Subsampling&, const Subsampling&) = default;
};

/// All that can be known without decoding pixels.
struct ImageHeader {
  ImageFormat format{};
  RasterShape shape{};        ///< as decode() gives it with Orientation::apply (sides swapped for EXIF 5…8)
  RasterShape stored{};       ///< as stored
  int orientation{1};         ///< EXIF 1…8
  int jpeg_quality{};         ///< estimated from the luma quantisation table (the IJG formula), 1…100; 0: no JPEG
  Subsampling subsampling{};  ///< JPEG
  bool webp_lossless{};
  bool has_more{};            ///< pictures (frames, pages) than the first, which is the one that is read
  bool cmyk{};  ///< CMYK or YCCK, converted to RGB as Pillow's convert("RGB") does
  Bytes icc{};  ///< colour profile, empty: none. Dropped for CMYK (it no longer fits the pixels)
};

struct DecodeLimits {
  std::uint64_t max_pixels{kMostPixels};  ///< above: refused as a decompression bomb
};

/// Throws Error(data) that says what is wrong: not an image (with the magic seen), empty file, truncated header,
/// claimed size over the limit, unsupported variant.
ImageHeader read_header(BytesView file, const DecodeLimits& limits = {});

/// By how much decode() can shrink while it decodes, so that pixel (i, j) of the result covers the square of that many
/// pixels from (i·shrink, j·shrink) on: a JPEG of 8, less where a mirroring orientation puts a narrower last column or
/// row first; all else by 1.
int largest_shrink(const ImageHeader& header);

/// Pixels of the region asked for; the result's origin_x/y tell where it lies. 8-bit palette, 1/2/4-bit and grey +
/// alpha become 1, 3 or 4 channels (grey + alpha → RGBA; palette with transparency → RGBA; else RGB); 16-bit PNG/TIFF
/// stay u16; float TIFF f32, unbounded; a TIFF's other extra samples stay plain channels. JPEG: equal to libjpeg's
/// defaults (accurate integer DCT, fancy upsampling) bit for bit, also in regions. What is truncated or corrupt throws
/// Error(data).
Raster decode(BytesView file, const ImageHeader& header, const DecodeRequest& request = {});

struct EncodeOptions {
  ImageFormat format{ImageFormat::png};
  int quality{95};            ///< JPEG and lossy WebP, 1…100
  Subsampling subsampling{};  ///< JPEG
  bool webp_lossless{};
  int png_level{3};  ///< zlib 0…9; 4 takes a third longer and makes photos no smaller
  BytesView icc{};   ///< embedded when it is for the pixels' kind (a grey profile for grey, else RGB)
};

/// Without metadata except ICC. Throws Error(usage) for what the format cannot hold (f32 or u16 in JPEG and WebP, alpha
/// in JPEG, f32 in PNG), naming formats that can. The same pixels and options give the same bytes.
Bytes encode(const RasterView& image, const EncodeOptions& options);

/// Passes an image on from the top, some rows at a time.
using TakeRows = std::function<void(const RasterView& rows)>;
using MakeRows = std::function<void(const TakeRows& take)>;
/// The same file, of an image all of whose rows `make` passes on; a format that must see them all at once collects them.
Bytes encode(const RasterShape& shape, const EncodeOptions& options, const MakeRows& make);

/// Throws Error(usage), as encode() would, for a shape that cannot be encoded; called when the recipe is read.
void require_encodable(const RasterShape& shape, ImageFormat format);

}  // namespace leaven::io
