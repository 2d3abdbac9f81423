#include "ops/image/median.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "core/interruption.hpp"
#include "kernels/median.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {
namespace {

/// Interleaved samples with a mirrored margin of `radius` pixels.
template <class T>
class Padded {
 public:
  Padded(const RasterView& image, int radius)
      : step_(image.shape.channels),
        row_(static_cast<std::size_t>(image.shape.width + 2 * radius) * static_cast<std::size_t>(step_)),
        samples_(row_ * static_cast<std::size_t>(image.shape.height + 2 * radius) + kernels::kMedianSlack) {
    const std::size_t pixel = image.shape.pixel_bytes();
    for (int y = -radius; y < image.shape.height + radius; ++y) {
      const std::byte* from = image.row<std::byte>(mirrored(y, image.shape.height));
      auto* to = reinterpret_cast<std::byte*>(samples_.data() + static_cast<std::size_t>(y + radius) * row_);
      std::memcpy(to + pixel * static_cast<std::size_t>(radius), from, image.shape.row_bytes());
      for (int x = -radius; x < image.shape.width + radius; ++x) {
        if (x == 0) x = image.shape.width;
        std::memcpy(to + pixel * static_cast<std::size_t>(x + radius),
                    from + pixel * static_cast<std::size_t>(mirrored(x, image.shape.width)), pixel);
      }
    }
  }
  /// Row y − radius of the picture, from pixel −radius.
  const T* row(int y) const { return samples_.data() + row_ * static_cast<std::size_t>(y); }

 private:
  int step_;
  std::size_t row_;
  std::vector<T> samples_;
};

/// Counts of bytes in a moving window, with a coarse count of 16 levels each for quick search.
class ByteWindow {
 public:
  void add(std::uint8_t v) {
    ++coarse_[v >> 4];
    if (++fine_[v] > most_ && most_ != 0) most_ = fine_[v];
  }
  void remove(std::uint8_t v) {
    --coarse_[v >> 4];
    if (fine_[v]-- == most_) most_ = 0;  // perhaps no longer the most
  }
  /// The level with `rank` lower ones.
  std::uint8_t ranked(int rank) const {
    std::size_t block = 0;
    while (rank >= coarse_[block]) rank -= coarse_[block++];
    std::size_t level = block * 16;
    while (rank >= fine_[level]) rank -= fine_[level++];
    return static_cast<std::uint8_t>(level);
  }
  std::uint8_t most_frequent() {
    if (most_ == 0) {
      std::int16_t most = 0;
      for (const std::int16_t count : fine_) most = std::max(most, count);
      most_ = most;
    }
    return static_cast<std::uint8_t>(std::find(fine_.begin(), fine_.end(), most_) - fine_.begin());
  }

 private:
  std::array<std::int16_t, 256> fine_{};
  std::int16_t most_{};  ///< the largest count, or 0: to be looked for
  std::array<int, 16> coarse_{};
};

// Windows that move along rows (Huang et al. 1979): two columns of bytes a step.
template <class Answer>
void slide(const Padded<std::uint8_t>& padded, const RasterShape& shape, int radius, Raster& out,
           const Answer& answer) {
  const int side = 2 * radius + 1;
  for (int y = 0; y < shape.height; ++y) {
    Interruption::look();
    for (int c = 0; c < shape.colour_channels(); ++c) {
      ByteWindow window;
      const auto column = [&](int x, bool enters) {
        for (int j = 0; j < side; ++j) {
          const std::uint8_t v = padded.row(y + j)[x * shape.channels + c];
          if (enters)
            window.add(v);
          else
            window.remove(v);
        }
      };
      for (int x = 0; x < side - 1; ++x) column(x, true);
      for (int x = 0; x < shape.width; ++x) {
        column(x + side - 1, true);
        out.row<std::uint8_t>(y)[x * shape.channels + c] = answer(window);
        column(x, false);
      }
    }
  }
}

template <class T>
void medians_by_selection(const Padded<T>& padded, const RasterShape& shape, int radius, Raster& out) {
  const int side = 2 * radius + 1;
  std::vector<T> window(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
  const auto middle = window.begin() + static_cast<std::ptrdiff_t>(window.size() / 2);
  for (int y = 0; y < shape.height; ++y) {
    Interruption::look();
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < shape.colour_channels(); ++c) {
        auto at = window.begin();
        for (int j = 0; j < side; ++j)
          for (int k = 0; k < side; ++k) *at++ = padded.row(y + j)[(x + k) * shape.channels + c];
        std::nth_element(window.begin(), middle, window.end());
        out.row<T>(y)[x * shape.channels + c] = *middle;
      }
  }
}

template <class T>
void medians_by_kernel(const Padded<T>& padded, const RasterShape& shape, int radius, Raster& out) {
  const auto count = static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(shape.channels);
  std::vector<const T*> rows(static_cast<std::size_t>(2 * radius + 1));
  std::vector<T> medians(count + kernels::kMedianSlack);
  for (int y = 0; y < shape.height; ++y) {
    Interruption::look();
    for (std::size_t j = 0; j < rows.size(); ++j) rows[j] = padded.row(y + static_cast<int>(j));
    kernels::median_row(rows.data(), 2 * radius + 1, shape.channels, count, medians.data());
    std::copy_n(medians.begin(), count, out.row<T>(y));
  }
}

template <class T>
void keep_alpha(const RasterView& image, Raster& out) {
  const RasterShape& shape = image.shape;
  if (!shape.alpha) return;
  for (int y = 0; y < shape.height; ++y)
    for (int i = shape.channels - 1; i < shape.width * shape.channels; i += shape.channels)
      out.row<T>(y)[i] = image.row<T>(y)[i];
}

template <class T>
void medians(const RasterView& image, int radius, Raster& out) {
  const Padded<T> padded(image, radius);
  if (radius <= 2 || (sizeof(T) == 1 && 2 * radius + 1 <= kernels::kLargestMedianSide))
    medians_by_kernel(padded, image.shape, radius, out);
  else if constexpr (sizeof(T) == 1)
    slide(padded, image.shape, radius, out,
          [rank = (2 * radius + 1) * (2 * radius + 1) / 2](const ByteWindow& w) { return w.ranked(rank); });
  else
    medians_by_selection(padded, image.shape, radius, out);
  keep_alpha<T>(image, out);
}

}  // namespace

Raster median_filtered(const RasterView& image, int radius) {
  Raster out(image.shape);
  out.origin_x = image.origin_x, out.origin_y = image.origin_y;
  switch (image.shape.dtype) {
    case Dtype::u8: medians<std::uint8_t>(image, radius, out); break;
    case Dtype::u16: medians<std::uint16_t>(image, radius, out); break;
    case Dtype::f32: medians<float>(image, radius, out); break;
  }
  return out;
}

Raster mode_filtered(const RasterView& image, int radius) {
  RasterShape bytes = image.shape;
  bytes.dtype = Dtype::u8;
  Raster levels(bytes), modes(bytes);
  Planes planes(image);
  for (int y = 0; y < bytes.height; ++y)
    for (int x = 0; x < bytes.width; ++x)
      for (int c = 0; c < bytes.channels; ++c)
        levels.row<std::uint8_t>(y)[x * bytes.channels + c] =
            static_cast<std::uint8_t>(std::nearbyint(std::clamp(planes[c].at(x, y), 0.0f, 1.0f) * 255));
  slide(Padded<std::uint8_t>(levels.view(), radius), bytes, radius, modes,
        [](ByteWindow& window) { return window.most_frequent(); });
  for (int c = 0; c < planes.colours(); ++c)
    for (int y = 0; y < bytes.height; ++y)
      for (int x = 0; x < bytes.width; ++x)
        planes[c].at(x, y) = static_cast<float>(modes.row<std::uint8_t>(y)[x * bytes.channels + c]) / 255;
  return planes.to_raster();
}

}  // namespace leaven::ops
