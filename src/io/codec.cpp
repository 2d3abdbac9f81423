#include "io/codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "core/error.hpp"
#include "io/codec_formats.hpp"
#include "io/frame.hpp"
#include "io/unknown_file.hpp"

namespace leaven::io {

namespace {

struct Codec {
  std::string_view name, extension;
  ImageHeader (*read_header)(BytesView file);
  Raster (*decode)(BytesView file, const ImageHeader& header, const Region& region);
  Raster (*decode_shrunk)(BytesView file, const ImageHeader& header, const Region& region, int shrink);  ///< or none
  Bytes (*encode)(const RasterView& image, const EncodeOptions& options);                             ///< or
  Bytes (*encode_rows)(const RasterShape& shape, const EncodeOptions& options, const MakeRows& make);  ///< row by row
  int max_side;
  bool u16, f32, alpha, more_channels;
};

constexpr int kAnySide = 0x7FFFFFFF;
constexpr int kJpegSide = 65500, kWebpSide = 16383;

constexpr Codec read_only(std::string_view name, std::string_view extension, decltype(Codec::read_header) read_header, decltype(Codec::decode) decode) {
  return {.name = name,
          .extension = extension,
          .read_header = read_header,
          .decode = decode,
          .decode_shrunk = nullptr,
          .encode = nullptr,
          .encode_rows = nullptr,
          .max_side = 0,
          .u16 = false,
          .f32 = false,
          .alpha = false,
          .more_channels = false};
}

/// In the order of ImageFormat.
constexpr std::array kCodecs{
    Codec{.name = "JPEG",
          .extension = "jpg",
          .read_header = jpeg::read_header,
          .decode = jpeg::decode,
          .decode_shrunk = jpeg::decode_shrunk,
          .encode = nullptr,
          .encode_rows = jpeg::encode,
          .max_side = kJpegSide,
          .u16 = false,
          .f32 = false,
          .alpha = false,
          .more_channels = false},
    Codec{.name = "PNG",
          .extension = "png",
          .read_header = png::read_header,
          .decode = png::decode,
          .decode_shrunk = nullptr,
          .encode = png::encode,
          .encode_rows = nullptr,
          .max_side = kAnySide,
          .u16 = true,
          .f32 = false,
          .alpha = true,
          .more_channels = false},
    Codec{.name = "WebP",
          .extension = "webp",
          .read_header = webp::read_header,
          .decode = webp::decode,
          .decode_shrunk = nullptr,
          .encode = webp::encode,
          .encode_rows = nullptr,
          .max_side = kWebpSide,
          .u16 = false,
          .f32 = false,
          .alpha = true,
          .more_channels = false},
    Codec{.name = "TIFF",
          .extension = "tif",
          .read_header = tiff::read_header,
          .decode = tiff::decode,
          .decode_shrunk = nullptr,
          .encode = tiff::encode,
          .encode_rows = nullptr,
          .max_side = kAnySide,
          .u16 = true,
          .f32 = true,
          .alpha = true,
          .more_channels = true},
    read_only("BMP", "bmp", bmp::read_header, bmp::decode),
    read_only("GIF", "gif", gif::read_header, gif::decode),
    read_only("HEIC", "heic", heif::read_heic_header, heif::decode),
    read_only("AVIF", "avif", heif::read_avif_header, heif::decode),
};
constexpr std::array kFormats{ImageFormat::jpeg, ImageFormat::png, ImageFormat::webp, ImageFormat::tiff};

constexpr int kMostShrink = 8;  // of libjpeg's own scales; a power of two

// Real profiles have up to about 3 MB; a JPEG has room for 16.
constexpr std::size_t kMaxIcc = std::size_t{8} << 20;

const Codec& codec_of(ImageFormat format) { return kCodecs.at(static_cast<std::size_t>(format)); }

bool has(BytesView file, std::size_t at, std::string_view bytes) {
  return file.size() >= at + bytes.size() &&
         std::equal(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char c, std::byte b) { return std::byte(c) == b; });
}

void require_size(const RasterShape& stored, const DecodeLimits& limits) {
  const auto pixels = static_cast<std::uint64_t>(stored.width) * static_cast<std::uint64_t>(stored.height);
  // Of many channels, each four count as a picture.
  const auto groups = static_cast<std::uint64_t>((std::max(1, stored.channels) + kGroupChannels - 1) / kGroupChannels);
  if (pixels * groups <= limits.max_pixels) return;
  if (groups > 1)
    throw data_error(fmt::format("claims {}×{} pixels of {} channels, the limit is {} in all for each four (a decompression bomb?)", stored.width,
                                 stored.height, stored.channels, limits.max_pixels / groups));
  throw data_error(fmt::format("claims {}×{} pixels, the limit is {} in all (a decompression bomb?)", stored.width,
                               stored.height, limits.max_pixels));
}

/// Why the format cannot hold the shape, as "subject must …, got"; empty when it can.
std::string objection(const RasterShape& shape, ImageFormat format) {
  const Codec& codec = codec_of(format);
  if (!codec.encode && !codec.encode_rows) return "cannot be written so";
  if (shape.width < 1 || shape.height < 1) return "must have at least one pixel";
  if (shape.width > codec.max_side || shape.height > codec.max_side)
    return fmt::format("must have sides up to {} px", codec.max_side);
  if (shape.dtype == Dtype::f32 && !codec.f32) return codec.u16 ? "must be u8 or u16" : "must be u8";
  if (shape.dtype == Dtype::u16 && !codec.u16) return "must be u8";
  if (shape.alpha && !codec.alpha) return "must have no alpha";
  const int colours = shape.colour_channels();
  if (colours < 1 || (colours != 1 && colours != 3 && !codec.more_channels)) return "must have 1 or 3 colour channels";
  return {};
}

std::string formats_for(const RasterShape& shape) {
  std::string names;
  for (const ImageFormat format : kFormats)
    if (objection(shape, format).empty()) names += (names.empty() ? "" : ", ") + std::string(name_of(format));
  return names;
}

void require_in(std::string_view subject, int value, int lowest, int highest) {
  if (value < lowest || value > highest)
    throw usage_error(fmt::format("{} must be in [{}, {}], got {}", subject, lowest, highest, value));
}

/// An RGB profile says nothing about grey pixels, nor the other way round (the profile's data colour space, ICC.1
/// section 7.2.6).
bool fits(BytesView icc, const RasterShape& shape) {
  constexpr std::size_t kColourSpace = 16;
  return icc.size() <= kMaxIcc && has(icc, kColourSpace, shape.colour_channels() == 1 ? "GRAY" : "RGB ");
}

}  // namespace

std::string_view name_of(ImageFormat format) { return codec_of(format).name; }

std::string_view extension_of(ImageFormat format) { return codec_of(format).extension; }

ImageFormat written_as(ImageFormat format, const RasterShape& shape) {
  if (std::ranges::find(kFormats, format) != kFormats.end()) return format;
  const bool lossy = format == ImageFormat::heic || format == ImageFormat::avif;
  return lossy && objection(shape, ImageFormat::jpeg).empty() ? ImageFormat::jpeg : ImageFormat::png;
}

std::string readable_formats(std::string_view last) {
  std::string names;
  for (const Codec& codec : kCodecs)
    names += (names.empty() ? "" : &codec == &kCodecs.back() ? fmt::format(" {} ", last) : ", ") + std::string(codec.name);
  return names;
}

namespace {

/// HEIF's file type box: the brand, or for the general ones those that it is compatible with (ISO 23008-12, section 10).
std::optional<ImageFormat> heif_brand(BytesView file) {
  if (!has(file, 4, "ftyp")) return std::nullopt;
  const auto any_of = [&](std::size_t at, std::initializer_list<std::string_view> brands) {
    return std::ranges::any_of(brands, [&](std::string_view brand) { return has(file, at, brand); });
  };
  const std::initializer_list<std::string_view> heic{"heic", "heix", "hevc", "hevx", "heim", "heis"}, avif{"avif", "avis"};
  if (any_of(8, heic)) return ImageFormat::heic;
  if (any_of(8, avif)) return ImageFormat::avif;
  if (!any_of(8, {"mif1", "msf1"})) return std::nullopt;
  constexpr std::size_t kMostBrands = 64;
  for (std::size_t at = 16; at + 4 <= file.size() && at < 4 * kMostBrands; at += 4) {
    if (any_of(at, heic)) return ImageFormat::heic;
    if (any_of(at, avif)) return ImageFormat::avif;
  }
  return std::nullopt;
}

/// "BM" may begin any text: the size of the header that follows is one of those that there are.
bool is_bmp(BytesView file) {
  constexpr std::array<unsigned, 7> kHeaders{12, 40, 52, 56, 64, 108, 124};
  return has(file, 0, "BM") && file.size() > 26 && std::ranges::find(kHeaders, std::to_integer<unsigned>(file[14])) != kHeaders.end() &&
         has(file, 15, {"\0\0\0", 3});
}

}  // namespace

std::optional<ImageFormat> sniff(BytesView file) {
  if (has(file, 0, "\xFF\xD8\xFF")) return ImageFormat::jpeg;
  if (has(file, 0, "\x89PNG\r\n\x1A\n")) return ImageFormat::png;
  if (has(file, 0, "RIFF") && has(file, 8, "WEBP")) return ImageFormat::webp;
  for (const std::string_view magic : {std::string_view{"II*\0", 4}, std::string_view{"MM\0*", 4},
                                       std::string_view{"II+\0", 4}, std::string_view{"MM\0+", 4}})
    if (has(file, 0, magic)) return ImageFormat::tiff;
  if (has(file, 0, "GIF87a") || has(file, 0, "GIF89a")) return ImageFormat::gif;
  if (is_bmp(file)) return ImageFormat::bmp;
  return heif_brand(file);
}

ImageHeader read_header(BytesView file, const DecodeLimits& limits) {
  if (file.empty()) throw data_error("empty file");
  const auto format = sniff(file);
  if (!format) throw data_error("not a " + readable_formats("or") + " image: looks like " + looks_like(file));
  ImageHeader header = codec_of(*format).read_header(file);
  require_size(header.stored, limits);
  const Size seen = seen_size(header.stored.size(), header.orientation);
  header.shape = header.stored;
  header.shape.width = seen.width;
  header.shape.height = seen.height;
  if (header.icc.size() > kMaxIcc) header.icc = {};
  return header;
}

int largest_shrink(const ImageHeader& header) {
  if (!codec_of(header.format).decode_shrunk) return 1;
  constexpr int kUpright = 1, kTransposed = 5;  // the orientations that leave the first stored pixel first
  if (header.orientation == kUpright || header.orientation == kTransposed) return kMostShrink;
  int shrink = kMostShrink;
  while (header.stored.width % shrink != 0 || header.stored.height % shrink != 0) shrink /= 2;
  return shrink;
}

Raster decode(BytesView file, const ImageHeader& header, const DecodeRequest& request) {
  const Codec& codec = codec_of(header.format);
  if (request.shrink != 1 && (request.shrink > largest_shrink(header) || !std::has_single_bit(static_cast<unsigned>(request.shrink))))
    throw bug(fmt::format("this {} cannot be decoded at 1/{}", codec.name, request.shrink));
  const int orientation = request.orientation == Orientation::apply ? header.orientation : 1;
  const Size stored = shrunk(header.stored.size(), request.shrink), seen = seen_size(stored, orientation);
  const Region region = request.region.empty() ? Region::whole(seen) : request.region;
  if (region.x < 0 || region.y < 0 || region.width > seen.width - region.x || region.height > seen.height - region.y)
    throw bug(fmt::format("region {}×{} at {},{} lies outside of an image of {}×{}", region.width, region.height,
                          region.x, region.y, seen.width, seen.height));
  if (sniff(file) != header.format) throw data_error("changed since its header was read");
  const Region part = stored_region(region, stored, orientation);
  Raster image = request.shrink == 1 ? codec.decode(file, header, part) : codec.decode_shrunk(file, header, part, request.shrink);
  if (orientation != 1) image = oriented(image, orientation);
  image.origin_x = region.x;
  image.origin_y = region.y;
  return image;
}

void require_encodable(const RasterShape& shape, ImageFormat format) {
  const std::string rule = objection(shape, format);
  if (rule.empty()) return;
  Error error = usage_error(fmt::format("{}: an image {}, got {}", name_of(format), rule, describe(shape)));
  if (const std::string formats = formats_for(shape); !formats.empty()) error.with_hint("can be written as " + formats);
  throw error;
}

namespace {

/// Checked, and with a profile only where it fits.
EncodeOptions fitting(const RasterShape& shape, const EncodeOptions& options) {
  require_encodable(shape, options.format);
  const bool has_quality =
      options.format == ImageFormat::jpeg || (options.format == ImageFormat::webp && !options.webp_lossless);
  if (has_quality) require_in(fmt::format("{} quality", name_of(options.format)), options.quality, 1, 100);
  if (options.format == ImageFormat::png) require_in("PNG level", options.png_level, 0, 9);
  EncodeOptions fit = options;
  if (!fits(options.icc, shape)) fit.icc = {};
  return fit;
}

/// All rows that `make` passes on, which must be those of the shape in their order.
Raster collected(const RasterShape& shape, const MakeRows& make) {
  Raster image(shape);
  make([&](const RasterView& rows) {
    for (int y = 0; y < rows.shape.height; ++y)
      std::memcpy(image.row<std::byte>(rows.origin_y + y), rows.row<std::byte>(y), shape.row_bytes());
  });
  return image;
}

}  // namespace

Bytes encode(const RasterView& image, const EncodeOptions& options) {
  const EncodeOptions fit = fitting(image.shape, options);
  const Codec& codec = codec_of(options.format);
  if (!codec.encode_rows) return codec.encode(image, fit);
  return codec.encode_rows(image.shape, fit, [&](const TakeRows& take) { take(image); });
}

Bytes encode(const RasterShape& shape, const EncodeOptions& options, const MakeRows& make) {
  const EncodeOptions fit = fitting(shape, options);
  const Codec& codec = codec_of(options.format);
  return codec.encode_rows ? codec.encode_rows(shape, fit, make) : codec.encode(collected(shape, make).view(), fit);
}

}  // namespace leaven::io
