#include "core/raster.hpp"

#include <cstring>
#include <new>

#include "core/error.hpp"

namespace leaven {

namespace {
constexpr std::align_val_t kAlignment{64};
constexpr std::size_t kTail = 64;  // kernels may load a whole vector at the last pixel
}  // namespace

const char* name_of(Dtype d) { return d == Dtype::u8 ? "u8" : d == Dtype::u16 ? "u16" : "f32"; }

std::string describe(const RasterShape& s) {
  return std::to_string(s.width) + "×" + std::to_string(s.height) + "×" + std::to_string(s.channels) + " " +
         name_of(s.dtype) + (s.alpha ? " with alpha" : "");
}

void Raster::Free::operator()(std::byte* p) const { ::operator delete[](p, kAlignment); }

Raster::Raster(const RasterShape& shape) : shape_(shape) {
  auto* memory = static_cast<std::byte*>(::operator new[](shape.bytes() + kTail, kAlignment, std::nothrow));
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

bool same_pixels(const RasterView& a, const RasterView& b) {
  if (a.shape != b.shape) return false;
  for (int y = 0; y < a.shape.height; ++y)
    if (std::memcmp(a.data + a.stride * y, b.data + b.stride * y, a.shape.row_bytes()) != 0) return false;
  return true;
}

}  // namespace leaven
