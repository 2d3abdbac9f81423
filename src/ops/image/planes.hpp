// Whole images as planes of floats, for ops that lower to Opaque: pixels of any dtype come in, a plain loop works on
// them, pixels of the same dtype go out.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "core/block_store.hpp"
#include "core/node.hpp"

namespace leaven::ops {

/// One channel as floats, uninitialised when made; rows start at 64-byte boundaries. Move only; clone() copies.
class Plane {
 public:
  Plane() = default;
  Plane(int width, int height);
  Plane(int width, int height, float value);

  int width() const { return width_; }
  int height() const { return height_; }
  /// Floats from row to row: a multiple of 64. What lies behind the row's last pixel does not matter.
  std::ptrdiff_t stride() const { return stride_; }
  float* row(int y) { return reinterpret_cast<float*>(data_.get()) + stride_ * y; }
  const float* row(int y) const { return reinterpret_cast<const float*>(data_.get()) + stride_ * y; }
  float& at(int x, int y) { return row(y)[x]; }
  float at(int x, int y) const { return row(y)[x]; }
  Plane clone() const;

 private:
  int width_{}, height_{};
  std::ptrdiff_t stride_{};
  PixelBlock data_;
};

/// All channels of an image, alpha last where there is one. Values are in [0, 1], whatever the dtype (any range when
/// the image is unbounded).
class Planes {
 public:
  explicit Planes(const RasterView& image);

  const RasterShape& shape() const { return shape_; }
  int width() const { return shape_.width; }
  int height() const { return shape_.height; }
  /// Channels that are not alpha.
  int colours() const { return shape_.colour_channels(); }
  Plane& operator[](int channel) { return planes_[static_cast<std::size_t>(channel)]; }
  const Plane& operator[](int channel) const { return planes_[static_cast<std::size_t>(channel)]; }

  /// Clamped to [0, 1] where the image is bounded, rounded half to even where it holds whole numbers.
  Raster to_raster() const;

 private:
  RasterShape shape_{};
  int origin_x_{}, origin_y_{};
  std::vector<Plane> planes_;
};

/// An Opaque that changes the planes in place; an alpha that is left alone keeps its bytes.
template <class Change>
Nodes on_planes(Change change) {
  return {Opaque{.apply = [change = std::move(change)](const RasterView& image) {
    Planes planes(image);
    change(planes);
    return planes.to_raster();
  }}};
}

/// `change(plane)` for each colour channel by itself.
template <class Change>
Nodes on_each_plane(Change change) {
  return on_planes([change = std::move(change)](Planes& planes) {
    for (int c = 0; c < planes.colours(); ++c) change(planes[c]);
  });
}

/// The grey of an image: luma of three colours (kLuma), else the mean of the colour channels.
Plane grey_of(const Planes& planes);

/// Index inside [0, size) that a mirror without repeated edge (… 2 1 | 0 1 2 … | …) shows at `i`.
constexpr int mirrored(int i, int size) {
  if (size == 1) return 0;
  const int period = 2 * size - 2;
  i %= period;
  if (i < 0) i += period;
  return i < size ? i : period - i;
}

}  // namespace leaven::ops
