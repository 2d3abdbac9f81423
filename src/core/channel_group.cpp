#include "core/channel_group.hpp"

#include <algorithm>
#include <cstring>

namespace leaven {

namespace {

/// Copies kGroupChannels values a pixel; steps in bytes.
template <std::size_t kBytes>
void copy_row(const std::byte* in, std::size_t in_step, std::byte* out, std::size_t out_step, int count) {
  for (int x = 0; x < count; ++x, in += in_step, out += out_step) std::memcpy(out, in, kBytes);
}

void copy_row(Dtype dtype, const std::byte* in, std::size_t in_step, std::byte* out, std::size_t out_step, int count) {
  switch (dtype) {
    case Dtype::u8: return copy_row<kGroupChannels>(in, in_step, out, out_step, count);
    case Dtype::u16: return copy_row<2 * kGroupChannels>(in, in_step, out, out_step, count);
    case Dtype::f32: return copy_row<4 * kGroupChannels>(in, in_step, out, out_step, count);
  }
}

std::size_t offset_of(int channel, Dtype dtype) { return static_cast<std::size_t>(channel) * bytes_of(dtype); }

}  // namespace

std::vector<int> first_channels(int channels) {
  std::vector<int> first;
  for (int c = 0; c == 0 || c < channels; c += kGroupChannels) first.push_back(std::max(0, std::min(c, channels - kGroupChannels)));
  return first;
}

RasterShape group_shape(RasterShape shape) {
  shape.channels = std::min(shape.channels, kGroupChannels);
  return shape;
}

Raster taken_group(const RasterView& image, int first) {
  Raster group(group_shape(image.shape));
  group.origin_x = image.origin_x, group.origin_y = image.origin_y;
  const std::size_t step = image.shape.pixel_bytes(), own = group.shape().pixel_bytes();
  for (int y = 0; y < image.shape.height; ++y)
    copy_row(image.shape.dtype, image.row<std::byte>(y) + offset_of(first, image.shape.dtype), step, group.row<std::byte>(y), own, image.shape.width);
  return group;
}

void put_group(const RasterView& group, int first, const RasterShape& shape, std::byte* out) {
  for (int y = 0; y < shape.height; ++y)
    copy_row(shape.dtype, group.row<std::byte>(y), group.shape.pixel_bytes(),
             out + static_cast<std::size_t>(y) * shape.row_bytes() + offset_of(first, shape.dtype), shape.pixel_bytes(), shape.width);
}

}  // namespace leaven
