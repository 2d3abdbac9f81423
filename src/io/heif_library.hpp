// libheif, found when the first HEIC or AVIF is met: it is optional, and in Debian brings an encoder under the GPL along, so
// nothing links it.
#pragma once

#include <libheif/heif.h>

namespace leaven::io::heif {

/// Its functions under their own names, less "heif_".
struct Library {
  decltype(&::heif_context_alloc) context_alloc{};
  decltype(&::heif_context_free) context_free{};
  decltype(&::heif_context_read_from_memory_without_copy) context_read{};
  decltype(&::heif_context_set_max_decoding_threads) context_set_max_decoding_threads{};
  decltype(&::heif_context_get_number_of_top_level_images) context_get_number_of_top_level_images{};
  decltype(&::heif_context_get_primary_image_handle) context_get_primary_image_handle{};
  decltype(&::heif_image_handle_release) image_handle_release{};
  decltype(&::heif_image_handle_get_width) image_handle_get_width{};
  decltype(&::heif_image_handle_get_height) image_handle_get_height{};
  decltype(&::heif_image_handle_has_alpha_channel) image_handle_has_alpha_channel{};
  decltype(&::heif_image_handle_is_premultiplied_alpha) image_handle_is_premultiplied_alpha{};
  decltype(&::heif_image_handle_get_luma_bits_per_pixel) image_handle_get_luma_bits_per_pixel{};
  decltype(&::heif_image_handle_get_raw_color_profile_size) image_handle_get_raw_color_profile_size{};
  decltype(&::heif_image_handle_get_raw_color_profile) image_handle_get_raw_color_profile{};
  decltype(&::heif_decoding_options_alloc) decoding_options_alloc{};
  decltype(&::heif_decoding_options_free) decoding_options_free{};
  decltype(&::heif_decode_image) decode_image{};
  decltype(&::heif_image_release) image_release{};
  decltype(&::heif_image_get_width) image_get_width{};
  decltype(&::heif_image_get_height) image_get_height{};
  decltype(&::heif_image_get_plane_readonly) image_get_plane_readonly{};
  decltype(&::heif_image_get_bits_per_pixel_range) image_get_bits_per_pixel_range{};
};

/// Throws Error(data) that says what to install where there is none: such a file is set aside like one that is broken.
const Library& library();

}  // namespace leaven::io::heif
