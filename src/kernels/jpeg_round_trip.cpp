#include "kernels/jpeg_round_trip.hpp"

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <jpeglib.h>

#include "core/error.hpp"

namespace leaven::kernels {

namespace {

constexpr int kLargestSide = 65500;  ///< libjpeg's JPEG_MAX_DIMENSION

/// libjpeg reports by calling back and must not be returned to: it jumps out of the work under way.
struct Failure {
  jpeg_error_mgr manager{};
  std::jmp_buf where{};
  char text[JMSG_LENGTH_MAX]{};

  jpeg_error_mgr* install() {
    jpeg_std_error(&manager);
    manager.error_exit = [](j_common_ptr info) {
      auto* failure = reinterpret_cast<Failure*>(info->err);
      info->err->format_message(info, failure->text);
      std::longjmp(failure->where, 1);
    };
    manager.emit_message = [](j_common_ptr, int) {};
    return &manager;
  }
};

/// Runs `work`, which may own nothing that needs a destructor; false when libjpeg jumped out.
template <class Work>
bool guarded(Failure& failure, const Work& work) {
  if (setjmp(failure.where) != 0) return false;
  work();
  return true;
}

/// 8-bit pixels of 1 or 3 channels that somebody owns.
struct Pixels {
  int width{}, height{}, channels{};
  JSAMPLE* samples{};
  std::ptrdiff_t stride{};

  JSAMPLE* row(unsigned y) const { return samples + stride * static_cast<std::ptrdiff_t>(y); }
};

/// A JPEG file in memory, owned by libjpeg's allocation.
struct File {
  unsigned char* data{};
  unsigned long size{};
  File() = default;
  ~File() { std::free(data); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
};

void encode(const Pixels& pixels, int quality, int horizontal, int vertical, File& file) {
  Failure failure;
  jpeg_compress_struct info{};
  info.err = failure.install();
  const bool done = guarded(failure, [&] {
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &file.data, &file.size);
    info.image_width = static_cast<JDIMENSION>(pixels.width);
    info.image_height = static_cast<JDIMENSION>(pixels.height);
    info.input_components = pixels.channels;
    info.in_color_space = pixels.channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    info.dct_method = JDCT_ISLOW;
    if (pixels.channels == 3) {
      info.comp_info[0].h_samp_factor = horizontal;
      info.comp_info[0].v_samp_factor = vertical;
    }
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
      JSAMPROW row = pixels.row(info.next_scanline);
      jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
  });
  jpeg_destroy_compress(&info);
  if (!done) throw environment_error("JPEG compression in memory failed: " + std::string(failure.text));
}

void decode(const File& file, const Pixels& pixels) {
  Failure failure;
  jpeg_decompress_struct info{};
  info.err = failure.install();
  const bool done = guarded(failure, [&] {
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, file.data, file.size);
    jpeg_read_header(&info, TRUE);
    info.dct_method = JDCT_ISLOW;
    info.do_fancy_upsampling = TRUE;
    jpeg_start_decompress(&info);
    while (info.output_scanline < info.output_height) {
      JSAMPROW row = pixels.row(info.output_scanline);
      jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
  });
  jpeg_destroy_decompress(&info);
  if (!done) throw environment_error("JPEG decompression in memory failed: " + std::string(failure.text));
}

template <class T>
JSAMPLE to_byte(T value) {
  if constexpr (sizeof(T) == 1) return value;
  const double unit = sizeof(T) == 2 ? static_cast<double>(value) / 65535 : static_cast<double>(value);
  return static_cast<JSAMPLE>(unit > 0 ? std::nearbyint(std::min(unit, 1.0) * 255) : 0);
}

template <class T>
T from_byte(JSAMPLE level) {
  if constexpr (sizeof(T) == 1) return level;
  else if constexpr (sizeof(T) == 2) return static_cast<T>(level * 257);
  else return static_cast<T>(level / 255.0);
}

/// Channels [first, first + pixels.channels) of the image, out of it or into it.
template <class T>
void take(const RasterView& image, int first, const Pixels& pixels) {
  JSAMPLE* out = pixels.samples;
  for (int y = 0; y < pixels.height; ++y) {
    const T* in = image.row<T>(y) + first;
    for (int x = 0; x < pixels.width; ++x, in += image.shape.channels)
      for (int c = 0; c < pixels.channels; ++c) *out++ = to_byte(in[c]);
  }
}
template <class T>
void put(const Pixels& pixels, int first, Raster& image) {
  const JSAMPLE* in = pixels.samples;
  for (int y = 0; y < pixels.height; ++y) {
    T* out = image.row<T>(y) + first;
    for (int x = 0; x < pixels.width; ++x, out += image.shape().channels)
      for (int c = 0; c < pixels.channels; ++c) out[c] = from_byte<T>(*in++);
  }
}

template <class T>
void round_trip(const RasterView& image, int quality, int horizontal, int vertical, Raster& out) {
  const RasterShape& shape = image.shape;
  const int together = shape.colour_channels() == 3 ? 3 : 1;
  std::vector<JSAMPLE> room(static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(shape.height) *
                            static_cast<std::size_t>(together));
  const Pixels pixels{shape.width, shape.height, together, room.data(), std::ptrdiff_t{shape.width} * together};
  for (int first = 0; first < shape.colour_channels(); first += together) {
    File file;
    take<T>(image, first, pixels);
    encode(pixels, quality, horizontal, vertical, file);
    decode(file, pixels);
    put<T>(pixels, first, out);
  }
}

}  // namespace

Raster jpeg_round_trip(const RasterView& image, int quality, int horizontal, int vertical) {
  const RasterShape& shape = image.shape;
  if (shape.width > kLargestSide || shape.height > kLargestSide)
    throw usage_error("JPEG holds at most 65500 px a side, got " + describe(shape));
  Raster out(shape);
  out.origin_x = image.origin_x;
  out.origin_y = image.origin_y;
  if (shape.dtype == Dtype::u8 && !shape.alpha && (shape.channels == 1 || shape.channels == 3)) {
    // Bytes as libjpeg wants them: it reads and writes them where they are. It does not change what it compresses.
    const auto at = [&](const std::byte* bytes, std::ptrdiff_t stride) {
      return Pixels{shape.width, shape.height, shape.channels, const_cast<JSAMPLE*>(reinterpret_cast<const JSAMPLE*>(bytes)), stride};
    };
    File file;
    encode(at(image.data, image.stride), quality, horizontal, vertical, file);
    decode(file, at(out.data(), out.stride()));
    return out;
  }
  for (int y = 0; y < shape.height; ++y)  // alpha stays
    std::memcpy(out.row<std::byte>(y), image.row<std::byte>(y), shape.row_bytes());
  switch (shape.dtype) {
    case Dtype::u8: round_trip<std::uint8_t>(image, quality, horizontal, vertical, out); break;
    case Dtype::u16: round_trip<std::uint16_t>(image, quality, horizontal, vertical, out); break;
    case Dtype::f32: round_trip<float>(image, quality, horizontal, vertical, out); break;
  }
  return out;
}

}  // namespace leaven::kernels
