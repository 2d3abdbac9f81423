#include "io/webp_animation.hpp"

#include <webp/demux.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "core/error.hpp"
#include "io/several_pictures.hpp"

namespace leaven::io::webp {

namespace {

struct FreeDemuxer {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};
struct FreeDecoder {
  void operator()(WebPAnimDecoder* decoder) const { WebPAnimDecoderDelete(decoder); }
};

WebPData data_of(BytesView file) { return {reinterpret_cast<const std::uint8_t*>(file.data()), file.size()}; }

/// What the frames say of themselves before any is decoded.
struct Facts {
  Size canvas{};
  std::size_t frames{};
  bool alpha{}, lossless{};
};

Facts facts_of(BytesView file) {
  const WebPData data = data_of(file);
  WebPDemuxState state{};
  const std::unique_ptr<WebPDemuxer, FreeDemuxer> demuxer(WebPDemuxPartial(&data, &state));
  if (!demuxer || state == WEBP_DEMUX_PARSE_ERROR) throw data_error("corrupt WebP: its chunks make no sense");
  if (state != WEBP_DEMUX_DONE) throw data_error("truncated WebP: the file ends before its last frame");
  Facts facts;
  facts.canvas = {static_cast<int>(WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH)), static_cast<int>(WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT))};
  facts.frames = WebPDemuxGetI(demuxer.get(), WEBP_FF_FRAME_COUNT);
  WebPIterator frame;
  if (facts.frames == 0 || !WebPDemuxGetFrame(demuxer.get(), 1, &frame)) throw data_error("corrupt WebP: no frames");
  WebPBitstreamFeatures features;
  facts.lossless = WebPGetFeatures(frame.fragment.bytes, frame.fragment.size, &features) == VP8_STATUS_OK && features.format == 2;
  facts.alpha = frame.x_offset != 0 || frame.y_offset != 0 || frame.width != facts.canvas.width || frame.height != facts.canvas.height;
  do facts.alpha = facts.alpha || (frame.frame_num == 1 && frame.has_alpha) || frame.dispose_method == WEBP_MUX_DISPOSE_BACKGROUND ||
                   (frame.has_alpha && frame.blend_method == WEBP_MUX_NO_BLEND);
  while (WebPDemuxNextFrame(&frame));
  WebPDemuxReleaseIterator(&frame);
  return facts;
}

Raster canvas_from(const std::uint8_t* rgba, const RasterShape& shape) {
  Raster canvas(shape);
  auto* out = reinterpret_cast<std::uint8_t*>(canvas.data());
  const std::size_t pixels = static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(shape.height);
  if (shape.alpha) std::memcpy(out, rgba, shape.bytes());
  for (std::size_t i = 0; !shape.alpha && i < pixels; ++i) std::copy_n(rgba + 4 * i, 3, out + 3 * i);
  return canvas;
}

}  // namespace

ImageHeader animation_header(BytesView file) {
  const Facts facts = facts_of(file);
  ImageHeader header{.format = ImageFormat::webp};
  header.stored = {.width = facts.canvas.width, .height = facts.canvas.height, .channels = facts.alpha ? 4 : 3, .alpha = facts.alpha};
  header.webp_lossless = facts.lossless;
  header.has_more = facts.frames > 1;
  return header;
}

Raster first_frame(BytesView file) {
  Raster first;
  each_frame(file, [&](const Raster& canvas) {
    first = canvas.clone();
    return false;
  });
  return first;
}

std::size_t frame_count(BytesView file) {
  WebPBitstreamFeatures features;
  const bool animated = WebPGetFeatures(data_of(file).bytes, file.size(), &features) == VP8_STATUS_OK && features.has_animation;
  return animated ? facts_of(file).frames : 1;
}

void each_frame(BytesView file, const std::function<bool(const Raster& canvas)>& take) {
  const RasterShape shape = animation_header(file).stored;
  const WebPData data = data_of(file);
  WebPAnimDecoderOptions options;
  if (!WebPAnimDecoderOptionsInit(&options)) throw environment_error("libwebpdemux has another version than built with");
  options.color_mode = MODE_RGBA;
  const std::unique_ptr<WebPAnimDecoder, FreeDecoder> decoder(WebPAnimDecoderNew(&data, &options));
  if (!decoder) throw environment_error("out of memory while reading a WebP");
  while (WebPAnimDecoderHasMoreFrames(decoder.get())) {
    std::uint8_t* rgba = nullptr;
    int time = 0;
    if (!WebPAnimDecoderGetNext(decoder.get(), &rgba, &time)) throw data_error("corrupt WebP: the bit stream of a frame is broken");
    if (!take(canvas_from(rgba, shape))) return;
  }
}

}  // namespace leaven::io::webp
