#include "core/raster.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "core/block_store.hpp"
#include "core/error.hpp"

namespace leaven {

namespace {
constexpr std::size_t kTail = 64;  // kernels may load a whole vector at the last pixel

/// Bytes of 1.0 as stored; the first bytes_of(d) count.
std::array<std::byte, 4> one_in(Dtype d) {
  if (d == Dtype::f32) return std::bit_cast<std::array<std::byte, 4>>(1.0f);
  return {std::byte{0xFF}, std::byte{0xFF}};
}
}  // namespace

const char* name_of(Dtype d) { return d == Dtype::u8 ? "u8" : d == Dtype::u16 ? "u16" : "f32"; }

std::string describe(const RasterShape& s) {
  return std::to_string(s.width) + "×" + std::to_string(s.height) + "×" + std::to_string(s.channels) + " " +
         (s.half ? "f16" : name_of(s.dtype)) + (s.alpha ? " with alpha" : "");
}

void Raster::Free::operator()(std::byte* p) const { give_block(p); }

Raster::Raster(const RasterShape& shape) : shape_(shape) {
  std::byte* const memory = take_block(shape.bytes() + kTail);
  if (!memory) throw environment_error("out of memory for an image of " + describe(shape));
  std::memset(memory + shape.bytes(), 0, kTail);
  data_.reset(memory);
}

Raster Raster::clone() const {
  Raster copy(shape_);
  std::memcpy(copy.data(), data(), shape_.bytes());
  copy.origin_x = origin_x;
  copy.origin_y = origin_y;
  return copy;
}

void Raster::reinterpret(const RasterShape& shape) {
  if (shape.bytes() != shape_.bytes()) throw bug("reinterpret changes the size of an image");
  shape_ = shape;
}

RasterShape widened(const RasterShape& shape, int channels) {
  const bool grey = shape.channels == (shape.alpha ? 2 : 1), rgb = shape.channels == (shape.alpha ? 4 : 3);
  const bool loses_alpha = shape.alpha && channels != 4;
  if (!(grey || rgb) || channels <= shape.channels || (channels != 3 && channels != 4) || loses_alpha) return shape;
  RasterShape wide = shape;
  wide.channels = channels;
  wide.alpha = channels == 4;
  return wide;
}

Raster widened(Raster image, int channels) {
  const RasterShape &from = image.shape(), to = widened(from, channels);
  if (to == from) return image;
  Raster wide(to);
  const std::size_t size = bytes_of(to.dtype);
  const bool grey = from.colour_channels() == 1;
  const std::array<std::byte, 4> opaque = one_in(to.dtype);
  const std::byte* in = image.data();
  std::byte* out = wide.data();
  const std::size_t pixels = static_cast<std::size_t>(to.width) * static_cast<std::size_t>(to.height);
  for (std::size_t i = 0; i < pixels; ++i, in += from.pixel_bytes()) {
    for (std::size_t c = 0; c < 3; ++c, out += size) std::memcpy(out, grey ? in : in + c * size, size);
    if (to.channels < 4) continue;
    std::memcpy(out, from.alpha ? in + from.pixel_bytes() - size : opaque.data(), size);
    out += size;
  }
  return wide;
}

bool same_pixels(const RasterView& a, const RasterView& b) {
  if (a.shape != b.shape) return false;
  for (int y = 0; y < a.shape.height; ++y)
    if (std::memcmp(a.data + a.stride * y, b.data + b.stride * y, a.shape.row_bytes()) != 0) return false;
  return true;
}

}  // namespace leaven
