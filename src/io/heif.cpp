// HEIC and AVIF: the primary image of a HEIF file, upright as its own transformations say.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "core/error.hpp"
#include "io/codec_formats.hpp"
#include "io/frame.hpp"
#include "io/heif_library.hpp"

namespace leaven::io::heif {

namespace {

void require(const heif_error& error, const char* what) {
  if (error.code == heif_error_Ok) return;
  if (error.code == heif_error_Memory_allocation_error && error.subcode != heif_suberror_Security_limit_exceeded)
    throw environment_error(std::string("memory ran out while reading ") + what);
  throw data_error(std::string("unsupported or corrupt ") + what + ": " + (error.message ? error.message : "unknown"));
}

/// A file that is read, and its primary image.
class Input {
 public:
  Input(BytesView file, const char* what) : context_(lib_.context_alloc(), lib_.context_free), handle_(nullptr, lib_.image_handle_release) {
    lib_.context_set_max_decoding_threads(context_.get(), 0);  // jobs have threads of their own
    require(lib_.context_read(context_.get(), file.data(), file.size(), nullptr), what);
    heif_image_handle* handle = nullptr;
    require(lib_.context_get_primary_image_handle(context_.get(), &handle), what);
    handle_.reset(handle);
  }
  const Library& lib() const { return lib_; }
  heif_context* context() const { return context_.get(); }
  heif_image_handle* handle() const { return handle_.get(); }

  RasterShape stored() const {
    const bool alpha = lib_.image_handle_has_alpha_channel(handle()) != 0;
    const int bits = lib_.image_handle_get_luma_bits_per_pixel(handle());
    return {.width = lib_.image_handle_get_width(handle()),
            .height = lib_.image_handle_get_height(handle()),
            .channels = alpha ? 4 : 3,
            .dtype = bits > 8 ? Dtype::u16 : Dtype::u8,
            .alpha = alpha};
  }

 private:
  const Library& lib_{library()};
  std::unique_ptr<heif_context, void (*)(heif_context*)> context_;
  std::unique_ptr<heif_image_handle, void (*)(const heif_image_handle*)> handle_;
};

const char* name(ImageFormat format) { return format == ImageFormat::avif ? "AVIF" : "HEIC"; }

/// Samples of fewer bits spread over all of 16.
void widen(Raster& image, int bits) {
  if (bits >= 16 || bits < 9) return;
  auto* sample = reinterpret_cast<std::uint16_t*>(image.data());
  for (std::size_t i = 0; i < image.shape().bytes() / sizeof(std::uint16_t); ++i)
    sample[i] = static_cast<std::uint16_t>(sample[i] << (16 - bits) | sample[i] >> (2 * bits - 16));
}

template <class T>
void divide_by_alpha(Raster& image) {
  constexpr unsigned kFull = static_cast<T>(~T{0});
  for (int y = 0; y < image.shape().height; ++y) {
    T* pixel = image.row<T>(y);
    for (int x = 0; x < image.shape().width; ++x, pixel += 4)
      for (int c = 0; c < 3 && pixel[3] != 0; ++c)
        pixel[c] = static_cast<T>(std::min<unsigned>(kFull, (pixel[c] * kFull + pixel[3] / 2U) / pixel[3]));
  }
}

ImageHeader header_of(BytesView file, ImageFormat format) {
  const Input input(file, name(format));
  ImageHeader header{.format = format};
  header.stored = input.stored();
  header.has_more = input.lib().context_get_number_of_top_level_images(input.context()) > 1;
  if (header.stored.width < 1 || header.stored.height < 1) throw data_error(std::string("corrupt ") + name(format) + ": no width or height");
  const std::size_t size = input.lib().image_handle_get_raw_color_profile_size(input.handle());
  if (size > 0 && size <= file.size()) {
    header.icc.resize(size);
    if (input.lib().image_handle_get_raw_color_profile(input.handle(), header.icc.data()).code != heif_error_Ok) header.icc.clear();
  }
  return header;
}

}  // namespace

ImageHeader read_heic_header(BytesView file) { return header_of(file, ImageFormat::heic); }
ImageHeader read_avif_header(BytesView file) { return header_of(file, ImageFormat::avif); }

Raster decode(BytesView file, const ImageHeader& header, const Region& region) {
  const char* const what = name(header.format);
  const Input input(file, what);
  if (input.stored() != header.stored) throw data_error("changed since its header was read");
  const bool deep = header.stored.dtype == Dtype::u16, alpha = header.stored.alpha;
  const heif_chroma chroma = deep ? (alpha ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE)
                                  : (alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB);
  heif_image* decoded = nullptr;
  const std::unique_ptr<heif_decoding_options, void (*)(heif_decoding_options*)> options(input.lib().decoding_options_alloc(),
                                                                                         input.lib().decoding_options_free);
  constexpr int kHasStrict = 3;
  if (options->version >= kHasStrict) options->strict_decoding = 1;  // what is broken is no picture
  require(input.lib().decode_image(input.handle(), &decoded, heif_colorspace_RGB, chroma, options.get()), what);
  const std::unique_ptr<heif_image, void (*)(const heif_image*)> held(decoded, input.lib().image_release);
  int stride = 0;
  const std::uint8_t* const first = input.lib().image_get_plane_readonly(decoded, heif_channel_interleaved, &stride);
  if (!first) throw data_error(std::string("corrupt ") + what + ": it has no pixels");
  // What the file claims and what its codec made need not agree.
  if (input.lib().image_get_width(decoded, heif_channel_interleaved) != header.stored.width ||
      input.lib().image_get_height(decoded, heif_channel_interleaved) != header.stored.height)
    throw data_error(std::string("corrupt ") + what + ": its picture has another size than it says");
  Raster image(header.stored);
  if (static_cast<std::size_t>(stride) < image.shape().row_bytes()) throw data_error(std::string("corrupt ") + what + ": its rows are too short");
  for (int y = 0; y < header.stored.height; ++y)
    std::memcpy(image.row<std::uint8_t>(y), first + static_cast<std::ptrdiff_t>(y) * stride, image.shape().row_bytes());
  if (deep) widen(image, input.lib().image_get_bits_per_pixel_range(decoded, heif_channel_interleaved));
  if (alpha && input.lib().image_handle_is_premultiplied_alpha(input.handle()) != 0)
    deep ? divide_by_alpha<std::uint16_t>(image) : divide_by_alpha<std::uint8_t>(image);
  return region == Region::whole(header.stored.size()) ? std::move(image) : cut(image, region);
}

}  // namespace leaven::io::heif
