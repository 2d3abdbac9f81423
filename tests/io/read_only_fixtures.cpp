#include "tests/io/read_only_fixtures.hpp"

#include <gif_lib.h>
#include <libheif/heif.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

/// What x265, which writes the HEICs, keeps until the process ends is no leak of ours.
extern "C" const char* __lsan_default_suppressions() { return "leak:libx265\n"; }

namespace leaven::io::testing {

namespace {

void put(Bytes& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFF));
}

void need(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string(what) + " failed in a fixture");
}

}  // namespace

Bytes write_bmp(const BmpRecipe& recipe) {
  Bytes pixels;
  for (const auto& row : recipe.rows) {
    for (const unsigned char byte : row) pixels.push_back(std::byte{byte});
    while (pixels.size() % 4 != 0) pixels.push_back(std::byte{0});
  }
  const std::uint32_t header = recipe.alpha_mask ? 108 : 40;
  const std::uint32_t offset = 14 + header + 4 * static_cast<std::uint32_t>(recipe.palette.size());
  Bytes file = bytes_of("BM");
  put(file, offset + static_cast<std::uint32_t>(pixels.size()), 4);
  put(file, 0, 4);
  put(file, offset, 4);
  put(file, header, 4);
  put(file, static_cast<std::uint32_t>(recipe.width), 4);
  put(file, static_cast<std::uint32_t>(recipe.height), 4);
  put(file, 1, 2);
  put(file, static_cast<std::uint32_t>(recipe.bits), 2);
  put(file, recipe.alpha_mask ? 3 : recipe.compression, 4);
  put(file, static_cast<std::uint32_t>(pixels.size()), 4);
  put(file, 2835, 4);
  put(file, 2835, 4);
  put(file, static_cast<std::uint32_t>(recipe.palette.size()), 4);
  put(file, 0, 4);
  if (recipe.alpha_mask) {
    for (const std::uint32_t mask : {0x00FF0000U, 0x0000FF00U, 0x000000FFU, 0xFF000000U}) put(file, mask, 4);
    for (int i = 0; i < 52; ++i) put(file, 0, 1);  // colour space and its end points
  }
  for (const std::uint32_t colour : recipe.palette) put(file, colour, 4);
  file.insert(file.end(), pixels.begin(), pixels.end());
  return file;
}

Bytes write_gif(const GifRecipe& recipe) {
  Bytes file;
  int error = 0;
  GifFileType* gif = EGifOpen(
      &file,
      [](GifFileType* g, const GifByteType* data, int size) {
        const auto* first = reinterpret_cast<const std::byte*>(data);
        static_cast<Bytes*>(g->UserData)->insert(static_cast<Bytes*>(g->UserData)->end(), first, first + size);
        return size;
      },
      &error);
  need(gif != nullptr, "EGifOpen");
  EGifSetGifVersion(gif, true);
  const std::array<GifColorType, 4> colours{{{0, 0, 0}, {255, 0, 0}, {0, 255, 0}, {255, 255, 255}}};
  ColorMapObject* map = GifMakeMapObject(4, colours.data());
  const int width = recipe.screen_width > 0 ? recipe.screen_width : recipe.width;
  const int height = recipe.screen_height > 0 ? recipe.screen_height : recipe.height;
  need(EGifPutScreenDesc(gif, width, height, 8, 0, map) == GIF_OK, "EGifPutScreenDesc");
  if (!recipe.comment.empty()) need(EGifPutComment(gif, recipe.comment.c_str()) == GIF_OK, "EGifPutComment");
  if (!recipe.application.empty()) {
    need(EGifPutExtensionLeader(gif, APPLICATION_EXT_FUNC_CODE) == GIF_OK, "application");
    EGifPutExtensionBlock(gif, 11, recipe.application.data());
    EGifPutExtensionBlock(gif, static_cast<int>(recipe.application.size()) - 11, recipe.application.data() + 11);
    need(EGifPutExtensionTrailer(gif) == GIF_OK, "application");
  }
  for (int frame = 0; frame < recipe.frames; ++frame) {
    const bool transparent = recipe.transparent >= 0;
    const std::array<unsigned char, 4> control{static_cast<unsigned char>(transparent ? 1 : 0), 10, 0,
                                               static_cast<unsigned char>(transparent ? recipe.transparent : 0)};
    need(EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, control.data()) == GIF_OK, "control");
    need(EGifPutImageDesc(gif, recipe.left, recipe.top, recipe.width, recipe.height, recipe.interlaced, nullptr) == GIF_OK, "image");
    std::vector<int> order;
    for (const auto& [first, step] : recipe.interlaced ? std::vector<std::pair<int, int>>{{0, 8}, {4, 8}, {2, 4}, {1, 2}}
                                                       : std::vector<std::pair<int, int>>{{0, 1}})
      for (int y = first; y < recipe.height; y += step) order.push_back(y);
    for (const int y : order) {
      std::vector<unsigned char> row = recipe.rows[static_cast<std::size_t>(y)];
      need(EGifPutLine(gif, row.data(), recipe.width) == GIF_OK, "line");
    }
  }
  need(EGifCloseFile(gif, &error) == GIF_OK, "EGifCloseFile");
  GifFreeMapObject(map);
  return file;
}

Bytes write_heif(const Raster& image, const HeifRecipe& recipe) {
  const auto check = [](const heif_error& e) { need(e.code == heif_error_Ok, e.message); };
  const RasterShape& s = image.shape();
  heif_image* picture = nullptr;
  int stride = 0;
  if (s.dtype == Dtype::u16) {
    check(heif_image_create(s.width, s.height, heif_colorspace_YCbCr, heif_chroma_420, &picture));
    check(heif_image_add_plane(picture, heif_channel_Y, s.width, s.height, 10));
    for (const heif_channel grey : {heif_channel_Cb, heif_channel_Cr}) {
      check(heif_image_add_plane(picture, grey, s.width / 2, s.height / 2, 10));
      std::uint8_t* plane = heif_image_get_plane(picture, grey, &stride);
      for (int y = 0; y < s.height / 2; ++y)
        std::fill_n(reinterpret_cast<std::uint16_t*>(plane + static_cast<std::ptrdiff_t>(y) * stride), s.width / 2, std::uint16_t{512});
    }
    std::uint8_t* out = heif_image_get_plane(picture, heif_channel_Y, &stride);
    for (int y = 0; y < s.height; ++y)
      for (int x = 0; x < s.width; ++x)
        reinterpret_cast<std::uint16_t*>(out + static_cast<std::ptrdiff_t>(y) * stride)[x] = static_cast<std::uint16_t>(image.row<std::uint16_t>(y)[x] >> 6);
  } else {
    check(heif_image_create(s.width, s.height, heif_colorspace_RGB, s.channels == 4 ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, &picture));
    check(heif_image_add_plane(picture, heif_channel_interleaved, s.width, s.height, 8));
    std::uint8_t* out = heif_image_get_plane(picture, heif_channel_interleaved, &stride);
    for (int y = 0; y < s.height; ++y)
      std::copy_n(image.row<std::uint8_t>(y), s.row_bytes(), out + static_cast<std::ptrdiff_t>(y) * stride);
  }
  heif_context* context = heif_context_alloc();
  heif_encoder* encoder = nullptr;
  check(heif_context_get_encoder_for_format(context, recipe.kind == HeifKind::avif ? heif_compression_AV1 : heif_compression_HEVC, &encoder));
  check(heif_encoder_set_lossy_quality(encoder, 98));
  heif_image_handle* handle = nullptr;
  check(heif_context_encode_image(context, picture, encoder, nullptr, &handle));
  if (!recipe.exif.empty()) {
    const std::string block = std::string("Exif\0\0", 6) + recipe.exif;
    check(heif_context_add_exif_metadata(context, handle, block.data(), static_cast<int>(block.size())));
  }
  if (!recipe.xmp.empty()) check(heif_context_add_XMP_metadata(context, handle, recipe.xmp.data(), static_cast<int>(recipe.xmp.size())));
  Bytes file;
  heif_writer writer{1, [](heif_context*, const void* data, std::size_t size, void* to) {
                       const auto* first = static_cast<const std::byte*>(data);
                       static_cast<Bytes*>(to)->assign(first, first + size);
                       return heif_error{heif_error_Ok, heif_suberror_Unspecified, ""};
                     }};
  check(heif_context_write(context, &writer, &file));
  heif_image_handle_release(handle);
  heif_encoder_release(encoder);
  heif_context_free(context);
  heif_image_release(picture);
  return file;
}

}  // namespace leaven::io::testing
