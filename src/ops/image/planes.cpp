#include "ops/image/planes.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "kernels/pixels.hpp"
#include "ops/image/segments.hpp"

namespace leaven::ops {
namespace {

constexpr int kRowStep = 64;  ///< kernels may write up to the next multiple of this many floats
constexpr int kSegment = kernels::kSegment;

// Calls work(x, count) for the segments of a row.
template <class Work>
void in_segments(int width, const Work& work) {
  for (int x = 0; x < width; x += kSegment) work(x, std::min(kSegment, width - x));
}

}  // namespace

Plane::Plane(int width, int height)
    : width_(width), height_(height), stride_((width + kRowStep - 1) / kRowStep * kRowStep) {
  const std::size_t bytes = static_cast<std::size_t>(stride_) * static_cast<std::size_t>(height) * sizeof(float);
  data_.reset(take_block(bytes));
  if (!data_)
    throw environment_error("out of memory for a channel of " + describe(RasterShape{width, height, 1, Dtype::f32}));
}

Plane::Plane(int width, int height, float value) : Plane(width, height) {
  std::fill_n(row(0), static_cast<std::size_t>(stride_) * static_cast<std::size_t>(height), value);
}

Plane Plane::clone() const {
  Plane copy(width_, height_);
  for (int y = 0; y < height_; ++y) std::copy_n(row(y), width_, copy.row(y));
  return copy;
}

Planes::Planes(const RasterView& image) : shape_(image.shape), origin_x_(image.origin_x), origin_y_(image.origin_y) {
  for (int c = 0; c < shape_.channels; ++c) planes_.emplace_back(shape_.width, shape_.height);
  for (int y = 0; y < shape_.height; ++y)
    in_segments(shape_.width, [&](int x, int count) {
      kernels::Planes out;
      for (std::size_t c = 0; c < planes_.size(); ++c) out.channel[c] = planes_[c].row(y) + x;
      const std::byte* in = image.row<std::byte>(y) + static_cast<std::size_t>(x) * shape_.pixel_bytes();
      kernels::load_pixels(in, shape_.dtype, shape_.channels, count, out);
    });
}

Raster Planes::to_raster() const {
  Raster image(shape_);
  image.origin_x = origin_x_, image.origin_y = origin_y_;
  kernels::SegmentBuffer segment;
  const kernels::Planes clamped = segment.planes();
  for (int y = 0; y < shape_.height; ++y)
    in_segments(shape_.width, [&](int x, int count) {
      for (std::size_t c = 0; c < planes_.size(); ++c) {
        const float* in = planes_[c].row(y) + x;
        float* out = clamped.channel[c];
        if (shape_.bounded)
          for (int i = 0; i < count; ++i) out[i] = std::min(std::max(in[i], 0.0f), 1.0f);
        else
          std::copy_n(in, count, out);
      }
      std::byte* out = image.row<std::byte>(y) + static_cast<std::size_t>(x) * shape_.pixel_bytes();
      kernels::store_pixels(clamped, shape_.dtype, shape_.channels, count, out);
    });
  return image;
}

Plane grey_of(const Planes& planes) {
  Plane grey(planes.width(), planes.height());
  for (int y = 0; y < planes.height(); ++y) {
    ColourRows row{};
    for (int c = 0; c < planes.colours(); ++c) row[static_cast<std::size_t>(c)] = planes[c].row(y);
    grey_of(row, planes.colours(), planes.width(), grey.row(y));
  }
  return grey;
}

}  // namespace leaven::ops
