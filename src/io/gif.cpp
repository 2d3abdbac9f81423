// The frames of a GIF, read by giflib. The blocks of the file (GIF89a, section 15 on) are walked here: what they say is
// needed before pixels are.
#include "io/gif_blocks.hpp"

#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "io/codec_formats.hpp"
#include "io/several_pictures.hpp"

namespace leaven::io::gif {

namespace {

constexpr unsigned kGraphicControl = 0xF9;

/// What is known of the first frame.
struct Frame {
  int left{}, top{}, width{}, height{};
  int transparent{-1};  ///< index of the colour that is none
  bool more{};
};

/// All blocks are walked: a file that is cut off behind its first frame is broken, whoever reads it.
Frame first_frame(BytesView file) {
  Frame frame;
  int frames = 0;
  walk_blocks(file, [&](unsigned kind, BytesView whole) {
    const auto byte = [&](std::size_t i) { return std::to_integer<int>(whole[i]); };
    if (kind == kGraphicControl && frames == 0 && whole.size() >= 8 && (byte(3) & 1) != 0) frame.transparent = byte(6);
    if (kind == kImageBlock && ++frames == 1)
      frame = {byte(1) | byte(2) << 8, byte(3) | byte(4) << 8, byte(5) | byte(6) << 8, byte(7) | byte(8) << 8, frame.transparent, false};
    return true;
  });
  if (frames == 0) throw data_error("corrupt GIF: no image in it");
  frame.more = frames > 1;
  return frame;
}

/// What a frame's control block says of it.
struct Control {
  int transparent{-1};  ///< index of the colour that is none
  int disposal{};       ///< what becomes of it before the next: 2 its place is cleared, 3 what was there before comes back
};

std::vector<Control> controls_of(BytesView file) {
  std::vector<Control> frames;
  Control next;
  walk_blocks(file, [&](unsigned kind, BytesView whole) {
    const auto byte = [&](std::size_t i) { return std::to_integer<int>(whole[i]); };
    if (kind == kGraphicControl && whole.size() >= 8) next = {(byte(3) & 1) != 0 ? byte(6) : -1, byte(3) >> 2 & 7};
    if (kind == kImageBlock) frames.push_back(std::exchange(next, {}));
    return true;
  });
  return frames;
}

struct Source {
  BytesView file;
  std::size_t at{};
};

int read(GifFileType* gif, GifByteType* out, int size) {
  auto& source = *static_cast<Source*>(gif->UserData);
  const std::size_t take = std::min(static_cast<std::size_t>(std::max(size, 0)), source.file.size() - source.at);
  if (take > 0) std::memcpy(out, source.file.data() + source.at, take);
  source.at += take;
  return static_cast<int>(take);
}

struct Close {
  void operator()(GifFileType* gif) const {
    int ignored = 0;
    DGifCloseFile(gif, &ignored);
  }
};

Error failed(int code) {
  const char* text = GifErrorString(code);
  const bool ended = code == D_GIF_ERR_READ_FAILED || code == D_GIF_ERR_EOF_TOO_SOON;
  return data_error(ended ? "truncated GIF: the file ends before the image does" : std::string("corrupt GIF: ") + (text ? text : "unknown"));
}

/// Stands behind the description of the first image.
void seek_image(GifFileType* gif) {
  for (;;) {
    GifRecordType kind{};
    if (DGifGetRecordType(gif, &kind) == GIF_ERROR) throw failed(gif->Error);
    if (kind == IMAGE_DESC_RECORD_TYPE) break;
    if (kind != EXTENSION_RECORD_TYPE) throw data_error("corrupt GIF: no image in it");
    int label = 0;
    GifByteType* data = nullptr;
    int outcome = DGifGetExtension(gif, &label, &data);
    while (outcome != GIF_ERROR && data) outcome = DGifGetExtensionNext(gif, &data);
    if (outcome == GIF_ERROR) throw failed(gif->Error);
  }
  if (DGifGetImageDesc(gif) == GIF_ERROR) throw failed(gif->Error);
}

/// The rows in which the lines of a frame come.
std::vector<int> row_order(int height, bool interlaced) {
  std::vector<int> rows;
  if (!interlaced) {
    for (int y = 0; y < height; ++y) rows.push_back(y);
    return rows;
  }
  constexpr std::array<std::array<int, 2>, 4> kPasses{{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};  // first row and step, Appendix E
  for (const auto& [first, step] : kPasses)
    for (int y = first; y < height; y += step) rows.push_back(y);
  return rows;
}

/// The frame that giflib has come to, onto an image that shows `region` of the screen.
void draw(GifFileType* gif, int transparent, const Region& region, Raster& image) {
  const GifImageDesc& desc = gif->Image;
  const ColorMapObject* colours = desc.ColorMap ? desc.ColorMap : gif->SColorMap;
  if (!colours) throw data_error("corrupt GIF: no colours");
  const RasterShape& shape = image.shape();
  std::vector<GifPixelType> line(static_cast<std::size_t>(desc.Width));
  const int left = std::max(region.x, desc.Left), right = std::min(region.x + region.width, desc.Left + desc.Width);
  for (const int row : row_order(desc.Height, desc.Interlace)) {
    if (DGifGetLine(gif, line.data(), desc.Width) == GIF_ERROR) throw failed(gif->Error);
    const int y = desc.Top + row - region.y;
    if (y < 0 || y >= region.height) continue;
    for (int x = left; x < right; ++x) {
      const int index = line[static_cast<std::size_t>(x - desc.Left)];
      if (index == transparent || index >= colours->ColorCount) continue;
      auto* out = image.row<std::uint8_t>(y) + static_cast<std::ptrdiff_t>(x - region.x) * shape.channels;
      const GifColorType& colour = colours->Colors[index];
      out[0] = colour.Red;
      out[1] = colour.Green;
      out[2] = colour.Blue;
      if (shape.alpha) out[3] = 255;
    }
  }
}

void clear(const GifImageDesc& place, Raster& image) {
  const RasterShape& shape = image.shape();
  const int left = std::clamp(place.Left, 0, shape.width), right = std::clamp(place.Left + place.Width, left, shape.width);
  const int top = std::clamp(place.Top, 0, shape.height), bottom = std::clamp(place.Top + place.Height, top, shape.height);
  for (int y = top; y < bottom; ++y)
    std::fill_n(image.row<std::byte>(y) + left * shape.channels, static_cast<std::size_t>((right - left) * shape.channels), std::byte{});
}

}  // namespace

std::size_t frame_count(BytesView file) { return std::max<std::size_t>(1, controls_of(file).size()); }

void each_frame(BytesView file, const std::function<bool(const Raster& canvas)>& take) {
  const std::vector<Control> controls = controls_of(file);
  RasterShape shape = read_header(file).stored;
  // Frames of one file are of one kind: all have alpha where a later one clears what was there.
  const auto clears = [](const Control& control) { return control.disposal == 2; };
  shape.alpha = shape.alpha || std::any_of(controls.begin(), controls.end(), clears);
  shape.channels = shape.alpha ? 4 : 3;
  Raster canvas(shape), before;
  std::memset(canvas.data(), 0, shape.bytes());
  Source source{file, 0};
  int code = 0;
  const std::unique_ptr<GifFileType, Close> gif(DGifOpen(&source, read, &code));
  if (!gif) throw failed(code);
  for (const Control& control : controls) {
    seek_image(gif.get());
    if (control.disposal == 3) before = canvas.clone();
    const GifImageDesc place = gif->Image;
    draw(gif.get(), control.transparent, Region::whole(shape.size()), canvas);
    if (!take(canvas)) return;
    if (control.disposal == 2) clear(place, canvas);
    if (control.disposal == 3) canvas = std::move(before);
  }
}

ImageHeader read_header(BytesView file) {
  const Frame frame = first_frame(file);
  const auto side = [&](std::size_t at) { return std::to_integer<int>(file[at]) | std::to_integer<int>(file[at + 1]) << 8; };
  ImageHeader header{.format = ImageFormat::gif};
  header.stored.width = side(6);
  header.stored.height = side(8);
  if (header.stored.width < 1 || header.stored.height < 1 || frame.width < 1 || frame.height < 1)
    throw data_error("corrupt GIF: no width or height");
  const bool covers = frame.left == 0 && frame.top == 0 && frame.width >= header.stored.width && frame.height >= header.stored.height;
  header.stored.alpha = frame.transparent >= 0 || !covers;
  header.stored.channels = header.stored.alpha ? 4 : 3;
  header.has_more = frame.more;
  return header;
}

Raster decode(BytesView file, const ImageHeader& header, const Region& region) {
  const Frame frame = first_frame(file);
  Source source{file, 0};
  int code = 0;
  const std::unique_ptr<GifFileType, Close> gif(DGifOpen(&source, read, &code));
  if (!gif) throw failed(code);
  seek_image(gif.get());
  const GifImageDesc& desc = gif->Image;
  const ColorMapObject* colours = desc.ColorMap ? desc.ColorMap : gif->SColorMap;
  if (!colours || desc.Width != frame.width || desc.Height != frame.height) throw data_error("corrupt GIF: no colours");

  RasterShape shape = header.stored;
  shape.width = region.width;
  shape.height = region.height;
  Raster image(shape);
  std::memset(image.data(), 0, shape.bytes());
  draw(gif.get(), frame.transparent, region, image);
  return image;
}

}  // namespace leaven::io::gif
