#include <fmt/format.h>
#include <webp/decode.h>
#include <webp/mux.h>

#include <algorithm>
#include <memory>

#include "core/error.hpp"
#include "io/codec_formats.hpp"
#include "io/exif.hpp"
#include "io/frame.hpp"
#include "io/webp_animation.hpp"

namespace leaven::io::webp {

namespace {

// Chroma is smoothed over its neighbours, which a crop's edge lacks; libwebp also moves a crop's corner to even
// numbers.
constexpr int kMargin = 4;

struct FreeMux {
  void operator()(WebPMux* mux) const { WebPMuxDelete(mux); }
};

const std::uint8_t* data_of(BytesView file) { return reinterpret_cast<const std::uint8_t*>(file.data()); }

/// The RIFF header says how long the file is.
void require_whole(BytesView file) {
  constexpr std::size_t kRiffHeader = 8;
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size |= std::to_integer<std::size_t>(file[4 + i]) << (8 * i);
  if (file.size() - kRiffHeader < size)
    throw data_error(fmt::format("truncated WebP: {} of {} bytes", file.size(), size + kRiffHeader));
}

[[noreturn]] void fail(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY: throw environment_error("out of memory while reading a WebP");
    case VP8_STATUS_UNSUPPORTED_FEATURE: throw data_error("unsupported WebP: a feature that libwebp does not know");
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA: throw data_error("truncated WebP: the file ends before the image does");
    case VP8_STATUS_INVALID_PARAM: throw bug("WebP decoder: invalid parameters");
    default: throw data_error("corrupt WebP: the bit stream is broken");
  }
}

WebPBitstreamFeatures features_of(BytesView file) {
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(data_of(file), file.size(), &features);
  if (status != VP8_STATUS_OK) fail(status);
  return features;
}

RasterShape stored_shape(const WebPBitstreamFeatures& features) {
  return {.width = features.width,
          .height = features.height,
          .channels = features.has_alpha ? 4 : 3,
          .alpha = features.has_alpha != 0};
}

ImageHeader still_header(const WebPBitstreamFeatures& features) {
  ImageHeader header{.format = ImageFormat::webp};
  header.stored = stored_shape(features);
  header.webp_lossless = features.format == 2;
  return header;
}

/// What libwebp must decode so that `region` comes out as in the whole image.
Region window_around(const Region& region, const ImageHeader& header) {
  const int left = std::max(0, region.x - kMargin) & ~1;
  // Rows of alpha may be predicted from those above, which libwebp (1.2) forgets at a crop's top edge.
  const int top = header.stored.alpha ? 0 : std::max(0, region.y - kMargin) & ~1;
  return {left, top, std::min(header.stored.width, region.x + region.width + kMargin) - left,
          std::min(header.stored.height, region.y + region.height + kMargin) - top};
}

BytesView chunk(const WebPMux& mux, const char* name) {
  WebPData data{};
  if (WebPMuxGetChunk(&mux, name, &data) != WEBP_MUX_OK) return {};
  return {reinterpret_cast<const std::byte*>(data.bytes), data.size};
}

}  // namespace

ImageHeader read_header(BytesView file) {
  const WebPBitstreamFeatures features = features_of(file);
  ImageHeader header = features.has_animation ? animation_header(file) : still_header(features);
  // A file whose chunks are in disorder has no metadata; its pixels decide whether it is an image.
  const WebPData bytes{data_of(file), file.size()};
  const std::unique_ptr<WebPMux, FreeMux> mux(WebPMuxCreate(&bytes, 0));
  if (!mux) return header;
  header.orientation = exif_orientation(chunk(*mux, "EXIF"));
  const BytesView icc = chunk(*mux, "ICCP");
  header.icc.assign(icc.begin(), icc.end());
  return header;
}

Raster decode(BytesView file, const ImageHeader& header, const Region& region) {
  require_whole(file);
  const WebPBitstreamFeatures features = features_of(file);
  const RasterShape stored = features.has_animation ? animation_header(file).stored : stored_shape(features);
  if (stored != header.stored) throw data_error("changed since its header was read");
  if (features.has_animation) return cut(first_frame(file), region);

  const bool part = region != Region::whole(header.stored.size());
  const Region window = part ? window_around(region, header) : region;
  RasterShape shape = header.stored;
  shape.width = window.width;
  shape.height = window.height;
  Raster image(shape);

  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) throw environment_error("libwebp has another version than built with");
  config.options.use_cropping = part;
  config.options.crop_left = window.x;
  config.options.crop_top = window.y;
  config.options.crop_width = window.width;
  config.options.crop_height = window.height;
  config.output.colorspace = shape.alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {
      .rgba = image.row<std::uint8_t>(0), .stride = static_cast<int>(image.stride()), .size = shape.bytes()};
  const VP8StatusCode status = WebPDecode(data_of(file), file.size(), &config);
  if (status != VP8_STATUS_OK) fail(status);
  if (!part) return image;
  return cut(image, {region.x - window.x, region.y - window.y, region.width, region.height});
}

}  // namespace leaven::io::webp
