// Frames of an animated PNG (APNG 1.0): each becomes a PNG of its own, which libpng reads, and is drawn onto the canvas.
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>
#include <vector>

#include "core/error.hpp"
#include "io/codec_formats.hpp"
#include "io/png_chunks.hpp"
#include "io/several_pictures.hpp"

namespace leaven::io::png {

namespace {

constexpr std::size_t kHead = 8, kChecksum = 4;  ///< of a chunk: length and name, and what stands behind its data

std::uint32_t number_at(BytesView data, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(data[at + i]);
  return value;
}

void put_number(Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::byte>(value >> shift));
}

void put(Bytes& out, BytesView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void put_chunk(Bytes& out, std::string_view name, BytesView data) {
  put_number(out, static_cast<std::uint32_t>(data.size()));
  const std::size_t from = out.size();
  put(out, std::as_bytes(std::span(name)));
  put(out, data);
  put_number(out, static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(out.data() + from), out.size() - from)));
}

/// What a frame's control chunk says of it, and its packed pixels.
struct Frame {
  Region place{};
  enum class Dispose : std::uint8_t { none, background, previous } dispose{};
  bool over{};  ///< blended over what is there, else in its place
  Bytes packed{};
};

struct Animation {
  ImageHeader header{};
  Bytes before{};      ///< signature and what stands before the pixels and is no matter of the animation, IHDR left out
  Bytes description{}; ///< IHDR's data
  std::vector<Frame> frames{};
};

Frame frame_from(BytesView control, const RasterShape& canvas) {
  constexpr std::size_t kControl = 26;
  if (control.size() < kControl) throw data_error("corrupt APNG: a frame's control chunk is too short");
  const std::uint32_t width = number_at(control, 4), height = number_at(control, 8), x = number_at(control, 12), y = number_at(control, 16);
  const auto fits = [](std::uint32_t from, std::uint32_t size, int side) {
    return size > 0 && size <= static_cast<std::uint32_t>(side) && from <= static_cast<std::uint32_t>(side) - size;
  };
  if (!fits(x, width, canvas.width) || !fits(y, height, canvas.height)) throw data_error("corrupt APNG: a frame reaches over the picture");
  const auto dispose = std::to_integer<std::uint8_t>(control[24]), blend = std::to_integer<std::uint8_t>(control[25]);
  if (dispose > 2 || blend > 1) throw data_error("corrupt APNG: a frame's control chunk makes no sense");
  return {{static_cast<int>(x), static_cast<int>(y), static_cast<int>(width), static_cast<int>(height)}, static_cast<Frame::Dispose>(dispose), blend == 1, {}};
}

Animation read(BytesView file) {
  Animation found;
  found.header = read_header(file);
  bool pixels = false;
  walk_chunks(file, [&](std::string_view name, BytesView whole) {
    if (name.empty()) return put(found.before, whole);
    const BytesView data = whole.subspan(kHead, whole.size() - kHead - kChecksum);
    if (name == "IHDR") {
      found.description.assign(data.begin(), data.end());
    } else if (name == "fcTL") {
      found.frames.push_back(frame_from(data, found.header.stored));
    } else if (name == "IDAT") {
      pixels = true;
      if (!found.frames.empty()) put(found.frames.back().packed, data);  // else the still picture is no frame
    } else if (name == "fdAT" && data.size() >= 4 && !found.frames.empty()) {
      put(found.frames.back().packed, data.subspan(4));
    } else if (!pixels && name != "acTL" && name != "eXIf") {
      put(found.before, whole);
    }
  });
  if (found.description.size() < 8) throw data_error("corrupt PNG: no IHDR chunk");
  return found;
}

Raster pixels_of(const Animation& animation, const Frame& frame) {
  Bytes description;
  put_number(description, static_cast<std::uint32_t>(frame.place.width));
  put_number(description, static_cast<std::uint32_t>(frame.place.height));
  put(description, BytesView(animation.description).subspan(8));
  constexpr std::size_t kSignature = 8;
  const BytesView before(animation.before);
  Bytes file(before.begin(), before.begin() + kSignature);
  put_chunk(file, "IHDR", description);
  put(file, before.subspan(kSignature));
  put_chunk(file, "IDAT", frame.packed);
  put_chunk(file, "IEND", {});
  const ImageHeader header = read_header(file);
  return decode(file, header, Region::whole(header.stored.size()));
}

/// Straight alpha over straight alpha, in shares of full scale.
template <class T>
void blend_over(const T* above, T* below, double scale) {
  const double a = static_cast<double>(above[3]) / scale, b = static_cast<double>(below[3]) / scale, out = a + b * (1 - a);
  if (out <= 0) return;
  for (int c = 0; c < 3; ++c)
    below[c] = static_cast<T>(std::nearbyint((static_cast<double>(above[c]) * a + static_cast<double>(below[c]) * b * (1 - a)) / out));
  below[3] = static_cast<T>(std::nearbyint(out * scale));
}

template <class T>
void draw(const Raster& frame, const Region& place, bool over, Raster& canvas) {
  const int channels = canvas.shape().channels;
  const bool blends = over && canvas.shape().alpha;
  for (int y = 0; y < place.height; ++y) {
    const T* in = frame.row<T>(y);
    T* out = canvas.row<T>(place.y + y) + static_cast<std::ptrdiff_t>(place.x) * channels;
    if (!blends) std::copy_n(in, static_cast<std::ptrdiff_t>(place.width) * channels, out);
    for (int x = 0; blends && x < place.width; ++x) blend_over(in + 4 * x, out + 4 * x, full_scale(canvas.shape().dtype));
  }
}

void clear(const Region& place, Raster& canvas) {
  const std::size_t pixel = canvas.shape().pixel_bytes();
  for (int y = place.y; y < place.y + place.height; ++y)
    std::memset(canvas.row<std::byte>(y) + static_cast<std::size_t>(place.x) * pixel, 0, static_cast<std::size_t>(place.width) * pixel);
}

/// Frames of one file are of one kind: all have alpha where any of the canvas is ever empty.
RasterShape canvas_of(const Animation& animation) {
  RasterShape shape = animation.header.stored;
  const auto empties = [](const Frame& frame) { return frame.dispose == Frame::Dispose::background; };
  const Frame& first = animation.frames.front();
  const bool whole = first.place == Region::whole(shape.size()) && first.dispose != Frame::Dispose::previous;
  if (!whole || std::ranges::any_of(animation.frames, empties)) shape = widened(shape, 4);
  return shape;
}

}  // namespace

std::size_t frame_count(BytesView file) {
  if (find_chunk(file, "acTL").empty()) return 1;
  return std::max<std::size_t>(1, read(file).frames.size());
}

void each_frame(BytesView file, const std::function<bool(const Raster& canvas)>& take) {
  const Animation animation = read(file);
  if (animation.frames.empty()) throw data_error("corrupt APNG: no frames");
  const RasterShape shape = canvas_of(animation);
  Raster canvas(shape);
  std::memset(canvas.data(), 0, shape.bytes());
  for (std::size_t i = 0; i < animation.frames.size(); ++i) {
    const Frame& frame = animation.frames[i];
    const Raster pixels = widened(pixels_of(animation, frame), shape.channels);
    // What was there before the first frame is nothing.
    const bool comes_back = frame.dispose == Frame::Dispose::previous && i > 0;
    Raster before = comes_back ? canvas.clone() : Raster();
    if (shape.dtype == Dtype::u16) draw<std::uint16_t>(pixels, frame.place, frame.over, canvas);
    else draw<std::uint8_t>(pixels, frame.place, frame.over, canvas);
    if (!take(canvas)) return;
    if (comes_back) canvas = std::move(before);
    else if (frame.dispose != Frame::Dispose::none) clear(frame.place, canvas);
  }
}

}  // namespace leaven::io::png
