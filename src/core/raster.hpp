// Pixels: an owned image, a view of one, and the facts about its shape that ops and the planner may see.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/geometry.hpp"

namespace leaven {

/// Of one image, read or made; Pillow refuses more as a decompression bomb.
inline constexpr std::uint64_t kMostPixels = 178'956'970;

/// Channels of one image at most: imaging spectrometers have some 250 (AVIRIS 224, EnMAP 246).
inline constexpr int kMostChannels = 512;
/// An image of more goes through the engine in groups of so many.
inline constexpr int kGroupChannels = 4;

enum class Dtype : std::uint8_t { u8, u16, f32 };

constexpr std::size_t bytes_of(Dtype d) { return d == Dtype::u8 ? 1 : d == Dtype::u16 ? 2 : 4; }
/// What 1.0 means in the stored type: 255, 65535 or 1.
constexpr double full_scale(Dtype d) { return d == Dtype::u8 ? 255.0 : d == Dtype::u16 ? 65535.0 : 1.0; }
const char* name_of(Dtype d);

/// Rows × columns × interleaved channels (HWC). 1 grey, 2 grey + alpha, 3 RGB, 4 RGB + alpha (alpha straight, not
/// premultiplied) when `alpha` is set; without it, 2 and 4 are plain channels, and more than 4 always are.
struct RasterShape {
  int width{}, height{}, channels{};
  Dtype dtype{Dtype::u8};
  bool alpha{};
  /// False for float data outside [0, 1] (after normalize, raw sensor values): nothing is clamped then.
  bool bounded{true};
  /// f32 alone: these were float16, and are stored as float16 again. Computed in float32, rounded once.
  bool half{};

  Size size() const { return {width, height}; }
  int colour_channels() const { return alpha ? channels - 1 : channels; }
  std::size_t pixel_bytes() const { return static_cast<std::size_t>(channels) * bytes_of(dtype); }
  std::size_t row_bytes() const { return static_cast<std::size_t>(width) * pixel_bytes(); }
  std::size_t bytes() const { return row_bytes() * static_cast<std::size_t>(height); }
  friend bool operator==(const RasterShape&, const RasterShape&) = default;
};
/// "500×375×3 u8".
std::string describe(const RasterShape& shape);

/// Read-only pixels that somebody else owns. `origin` is where this view's first pixel lies in the whole image, for
/// a region that was decoded alone; coordinates in plans are always those of the whole image.
struct RasterView {
  const std::byte* data{};
  std::ptrdiff_t stride{};  ///< bytes from row to row
  RasterShape shape{};
  int origin_x{}, origin_y{};

  template <class T>
  const T* row(int y) const {
    return reinterpret_cast<const T*>(data + stride * y);
  }
};

/// Owned pixels, rows packed without padding, 64-byte aligned start. Move only; clone() says when it copies.
class Raster {
 public:
  Raster() = default;
  /// Uninitialised pixels. Throws Error(environment) when memory runs out.
  explicit Raster(const RasterShape& shape);

  const RasterShape& shape() const { return shape_; }
  bool empty() const { return !data_; }
  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  std::ptrdiff_t stride() const { return static_cast<std::ptrdiff_t>(shape_.row_bytes()); }
  template <class T>
  T* row(int y) {
    return reinterpret_cast<T*>(data_.get() + stride() * y);
  }
  template <class T>
  const T* row(int y) const {
    return reinterpret_cast<const T*>(data_.get() + stride() * y);
  }
  RasterView view() const { return {data_.get(), stride(), shape_, origin_x, origin_y}; }
  Raster clone() const;
  /// Same bytes under other facts (alpha, bounded); the size must agree.
  void reinterpret(const RasterShape& shape);

  int origin_x{}, origin_y{};  ///< see RasterView

 private:
  struct Free {
    void operator()(std::byte* p) const;
  };
  RasterShape shape_{};
  std::unique_ptr<std::byte[], Free> data_;
};

/// With `channels` of them: grey becomes equal red, green and blue, and an alpha that was not there is opaque. An image
/// that has as many already, or whose channels are neither grey nor RGB, stays as it is.
RasterShape widened(const RasterShape& shape, int channels);
Raster widened(Raster image, int channels);

/// Equal shape and equal bytes.
bool same_pixels(const RasterView& a, const RasterView& b);

}  // namespace leaven
