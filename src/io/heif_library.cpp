#include "io/heif_library.hpp"

#include <dlfcn.h>

#include <type_traits>

#include "core/error.hpp"

namespace leaven::io::heif {

namespace {

struct Loaded {
  Library library{};
  bool whole{};
};

Loaded load() {
  Loaded loaded;
  void* const file = dlopen("libheif.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!file) return loaded;
  loaded.whole = true;
  const auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(file, name));
    loaded.whole = loaded.whole && function;
  };
  Library& l = loaded.library;
  find(l.context_alloc, "heif_context_alloc");
  find(l.context_free, "heif_context_free");
  find(l.context_read, "heif_context_read_from_memory_without_copy");
  find(l.context_set_max_decoding_threads, "heif_context_set_max_decoding_threads");
  find(l.context_get_number_of_top_level_images, "heif_context_get_number_of_top_level_images");
  find(l.context_get_primary_image_handle, "heif_context_get_primary_image_handle");
  find(l.image_handle_release, "heif_image_handle_release");
  find(l.image_handle_get_width, "heif_image_handle_get_width");
  find(l.image_handle_get_height, "heif_image_handle_get_height");
  find(l.image_handle_has_alpha_channel, "heif_image_handle_has_alpha_channel");
  find(l.image_handle_is_premultiplied_alpha, "heif_image_handle_is_premultiplied_alpha");
  find(l.image_handle_get_luma_bits_per_pixel, "heif_image_handle_get_luma_bits_per_pixel");
  find(l.image_handle_get_raw_color_profile_size, "heif_image_handle_get_raw_color_profile_size");
  find(l.image_handle_get_raw_color_profile, "heif_image_handle_get_raw_color_profile");
  find(l.decoding_options_alloc, "heif_decoding_options_alloc");
  find(l.decoding_options_free, "heif_decoding_options_free");
  find(l.decode_image, "heif_decode_image");
  find(l.image_release, "heif_image_release");
  find(l.image_get_width, "heif_image_get_width");
  find(l.image_get_height, "heif_image_get_height");
  find(l.image_get_plane_readonly, "heif_image_get_plane_readonly");
  find(l.image_get_bits_per_pixel_range, "heif_image_get_bits_per_pixel_range");
  return loaded;
}

}  // namespace

const Library& library() {
  static const Loaded loaded = load();
  if (!loaded.whole) throw data_error("HEIC and AVIF are read by libheif 1.13 or later, which is not there").with_hint("apt-get install libheif1");
  return loaded.library;
}

}  // namespace leaven::io::heif
