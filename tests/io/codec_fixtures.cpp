#include "tests/io/codec_fixtures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "core/error.hpp"

namespace leaven::io::testing {

namespace {

template <class T>
void fill(Raster& image, std::mt19937& random) {
  const RasterShape& shape = image.shape();
  std::uniform_real_distribution<double> noise(-0.06, 0.06);
  for (int y = 0; y < shape.height; ++y) {
    for (int x = 0; x < shape.width; ++x) {
      T* at = image.row<T>(y) + static_cast<std::ptrdiff_t>(x) * shape.channels;
      for (int c = 0; c < shape.channels; ++c) {
        const double wave = 0.5 + 0.3 * std::sin(0.13 * x + c) + 0.2 * std::cos(0.29 * y - 0.05 * c * x);
        double value = std::clamp(wave + noise(random), 0.0, 1.0);
        if (shape.alpha && c == shape.channels - 1) value = x % 5 == 0 ? 0.0 : x % 5 == 1 ? value : 1.0;
        at[c] = static_cast<T>(value * full_scale(shape.dtype));
      }
    }
  }
}

}  // namespace

Raster pattern(const RasterShape& shape, std::uint32_t seed) {
  Raster image(shape);
  std::mt19937 random(seed);
  switch (shape.dtype) {
    case Dtype::u8: fill<std::uint8_t>(image, random); break;
    case Dtype::u16: fill<std::uint16_t>(image, random); break;
    case Dtype::f32: fill<float>(image, random); break;
  }
  return image;
}

std::string pixel(const Raster& image, int x, int y) {
  const RasterShape& shape = image.shape();
  std::string text;
  for (int c = 0; c < shape.channels; ++c) {
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(x) * shape.channels + c;
    if (c > 0) text += ' ';
    switch (shape.dtype) {
      case Dtype::u8: text += std::to_string(image.row<std::uint8_t>(y)[at]); break;
      case Dtype::u16: text += std::to_string(image.row<std::uint16_t>(y)[at]); break;
      case Dtype::f32: text += std::to_string(image.row<float>(y)[at]); break;
    }
  }
  return text;
}

Raster part_of(const Raster& whole, const Region& region) {
  RasterShape shape = whole.shape();
  shape.width = region.width;
  shape.height = region.height;
  Raster part(shape);
  for (int y = 0; y < region.height; ++y)
    for (int x = 0; x < region.width; ++x)
      for (std::size_t b = 0; b < shape.pixel_bytes(); ++b)
        part.row<std::byte>(y)[static_cast<std::size_t>(x) * shape.pixel_bytes() + b] =
            whole.row<std::byte>(y + region.y)[static_cast<std::size_t>(x + region.x) * shape.pixel_bytes() + b];
  return part;
}

Region random_region(Size size, std::mt19937& random) {
  const auto span = [&](int length) {
    const int a = std::uniform_int_distribution<int>(0, length - 1)(random);
    const int b = std::uniform_int_distribution<int>(0, length - 1)(random);
    return std::pair{std::min(a, b), std::abs(a - b) + 1};
  };
  const auto [x, width] = span(size.width);
  const auto [y, height] = span(size.height);
  return {x, y, width, height};
}

Raster decode_all(BytesView file, Orientation orientation) {
  return decode(file, read_header(file), {.orientation = orientation});
}

std::string decode_error(BytesView file, const Region& region) {
  try {
    decode(file, read_header(file), {.region = region});
  } catch (const Error& error) {
    return error.fault() == Fault::data ? error.message() : "not a data error: " + error.message();
  }
  return "";
}

std::string decode_error(BytesView file) { return decode_error(file, {}); }

Bytes exif_block(int orientation, bool big_endian) {
  const std::string little{"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18};
  const std::string big{"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01", 18};
  const char value = static_cast<char>(orientation);
  std::string block = big_endian ? big + '\0' + value : little + value + '\0';
  block.append(6, '\0');  // the value's other half, no next directory
  return bytes_of(block);
}

Bytes bytes_of(std::string_view text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

std::uint32_t crc_of(BytesView bytes) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const std::byte b : bytes) {
    crc ^= std::to_integer<std::uint32_t>(b);
    for (int k = 0; k < 8; ++k) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
  }
  return ~crc;
}

Bytes write_jpeg(const Raster& image, const JpegRecipe& recipe) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &memory, &size);
  info.image_width = static_cast<JDIMENSION>(image.shape().width);
  info.image_height = static_cast<JDIMENSION>(image.shape().height);
  info.input_components = image.shape().channels;
  info.in_color_space = recipe.pixels;
  jpeg_set_defaults(&info);
  jpeg_set_colorspace(&info, recipe.stored);
  jpeg_set_quality(&info, recipe.quality, TRUE);
  for (std::size_t i = 0; i < recipe.sampling.size(); ++i) {
    info.comp_info[i].h_samp_factor = recipe.sampling[i].horizontal;
    info.comp_info[i].v_samp_factor = recipe.sampling[i].vertical;
  }
  info.restart_interval = static_cast<unsigned>(recipe.restart_interval);
  if (recipe.progressive) jpeg_simple_progression(&info);
  if (!recipe.scans.empty()) {
    info.scan_info = recipe.scans.data();
    info.num_scans = static_cast<int>(recipe.scans.size());
  }
  jpeg_start_compress(&info, TRUE);
  if (recipe.markers) recipe.markers(info);
  for (int y = 0; y < image.shape().height; ++y) {
    auto* row = const_cast<JSAMPLE*>(image.row<JSAMPLE>(y));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const auto* first = reinterpret_cast<const std::byte*>(memory);
  Bytes file(first, first + size);
  std::free(memory);
  return file;
}

Raster plain_libjpeg(BytesView file, unsigned shrink) {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(file.data()), static_cast<unsigned long>(file.size()));
  jpeg_read_header(&info, TRUE);
  info.scale_denom = shrink * info.scale_num;
  jpeg_start_decompress(&info);
  Raster image({.width = static_cast<int>(info.output_width),
                .height = static_cast<int>(info.output_height),
                .channels = info.output_components});
  while (info.output_scanline < info.output_height) {
    auto* row = image.row<JSAMPLE>(static_cast<int>(info.output_scanline));
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return image;
}

Bytes with_segment(const Bytes& file, int marker, BytesView data) {
  const std::size_t length = data.size() + 2;
  Bytes segment{std::byte{0xFF}, static_cast<std::byte>(marker), static_cast<std::byte>(length >> 8),
                static_cast<std::byte>(length & 0xFF)};
  segment.insert(segment.end(), data.begin(), data.end());
  Bytes result = file;
  result.insert(result.begin() + 2, segment.begin(), segment.end());
  return result;
}

}  // namespace leaven::io::testing
