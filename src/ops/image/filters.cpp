#include "ops/image/filters.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "kernels/pixels.hpp"
#include "kernels/resize.hpp"

namespace leaven::ops {
namespace {

constexpr int kSlack = 16;  ///< combine_rows reads and writes up to the next multiple of this

struct Margin {
  int x{}, y{};

  explicit Margin(std::span<const Tap> taps) {
    for (const Tap& tap : taps) x = std::max(x, std::abs(tap.dx)), y = std::max(y, std::abs(tap.dy));
  }
};

/// The rows around one of a picture, each with a mirrored margin to both sides: as many as the taps reach, so that they stay in
/// the cache. `kSlack` samples behind the margin may be read.
class WideRows {
 public:
  using RowOf = std::function<const std::byte*(int y)>;
  /// `size`: bytes of a pixel.
  WideRows(int width, int height, std::size_t size, const Margin& margin, RowOf row_of)
      : width_(width),
        height_(height),
        size_(size),
        margin_(margin),
        stride_(size * static_cast<std::size_t>(width + 2 * margin.x) + kSlack * sizeof(float)),
        bytes_(margin.x > 0 ? stride_ * static_cast<std::size_t>(2 * margin.y + 1) : 0),
        row_of_(std::move(row_of)) {
    for (int y = -margin.y; y < margin.y; ++y) widen(y);
  }

  /// Rows y − margin … y + margin are there from now on. To be called for each y, in their order.
  void go_to(int y) { widen(y + margin_.y); }
  /// Column dx of row y; a picture without margins to its sides is read where it stands.
  const std::byte* at(int dx, int y) {
    if (margin_.x == 0) return row_of_(mirrored(y, height_));
    return slot(y) + size_ * static_cast<std::size_t>(dx + margin_.x);
  }

 private:
  std::byte* slot(int y) { return bytes_.data() + stride_ * static_cast<std::size_t>((y + margin_.y) % (2 * margin_.y + 1)); }

  void widen(int y) {
    if (margin_.x == 0) return;
    const std::byte* from = row_of_(mirrored(y, height_));
    std::byte* const to = slot(y) + size_ * static_cast<std::size_t>(margin_.x);
    std::copy_n(from, size_ * static_cast<std::size_t>(width_), to);
    const auto pixel = [&](int x) { return static_cast<std::ptrdiff_t>(size_) * x; };
    for (int i = 1; i <= margin_.x; ++i) {
      std::copy_n(from + pixel(mirrored(-i, width_)), size_, to + pixel(-i));
      std::copy_n(from + pixel(mirrored(width_ - 1 + i, width_)), size_, to + pixel(width_ - 1 + i));
    }
  }

  int width_, height_;
  std::size_t size_;
  Margin margin_;
  std::size_t stride_;
  std::vector<std::byte> bytes_;
  RowOf row_of_;
};

/// Samples in [0, 1] → stored ones, clamped where the picture is bounded.
void store_row(const float* samples, const RasterShape& shape, std::byte* out) {
  kernels::SegmentBuffer segment;
  const std::size_t all = static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(shape.channels), each = bytes_of(shape.dtype);
  for (std::size_t from = 0; from < all; from += kernels::kSegment) {
    const std::size_t count = std::min<std::size_t>(kernels::kSegment, all - from);
    float* const clamped = segment.values[0].data();
    for (std::size_t i = 0; i < count; ++i) clamped[i] = shape.bounded ? std::min(std::max(samples[from + i], 0.0f), 1.0f) : samples[from + i];
    kernels::store_pixels(segment.planes(), shape.dtype, 1, static_cast<int>(count), out + from * each);
  }
}

}  // namespace

Plane with_margin(const Plane& in, int margin_x, int margin_y) {
  Plane out(in.width() + 2 * margin_x + kSlack, in.height() + 2 * margin_y);
  for (int y = 0; y < out.height(); ++y) {
    const float* from = in.row(mirrored(y - margin_y, in.height()));
    float* to = out.row(y);
    std::copy_n(from, in.width(), to + margin_x);
    for (int i = 1; i <= margin_x; ++i) {
      to[margin_x - i] = from[mirrored(-i, in.width())];
      to[margin_x + in.width() - 1 + i] = from[mirrored(in.width() - 1 + i, in.width())];
    }
    std::fill_n(to + in.width() + 2 * margin_x, kSlack, 0.0f);
  }
  return out;
}

Plane weighted_sum(const Plane& in, std::span<const Tap> taps) {
  std::vector<float> weights;
  for (const Tap& tap : taps) weights.push_back(tap.weight);
  WideRows wide(in.width(), in.height(), sizeof(float), Margin(taps), [&](int y) { return reinterpret_cast<const std::byte*>(in.row(y)); });
  Plane out(in.width(), in.height());
  std::vector<const float*> rows(taps.size());
  for (int y = 0; y < in.height(); ++y) {
    wide.go_to(y);
    for (std::size_t t = 0; t < taps.size(); ++t) rows[t] = reinterpret_cast<const float*>(wide.at(taps[t].dx, y + taps[t].dy));
    kernels::combine_rows(rows.data(), weights.data(), static_cast<int>(taps.size()),
                          static_cast<std::size_t>(in.width()), out.row(y));
  }
  return out;
}

Raster weighted_sum(const RasterView& image, std::span<const Tap> taps, float bias) {
  const RasterShape& shape = image.shape;
  const std::size_t samples = static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(shape.channels);
  // Rows of a picture have no slack behind them: even without a margin they are copied, one more column to each side.
  Margin margin(taps);
  margin.x = std::max(margin.x, 1);
  WideRows wide(shape.width, shape.height, shape.pixel_bytes(), margin, [&](int y) { return image.row<std::byte>(y); });
  std::vector<float> weights;
  for (const Tap& tap : taps) weights.push_back(static_cast<float>(static_cast<double>(tap.weight) / full_scale(shape.dtype)));
  Raster out(shape);
  out.origin_x = image.origin_x, out.origin_y = image.origin_y;
  const int count = static_cast<int>(taps.size());
  std::vector<const std::byte*> rows(taps.size());
  std::vector<float> sums(samples + kSlack);
  for (int y = 0; y < shape.height; ++y) {
    wide.go_to(y);
    for (std::size_t t = 0; t < taps.size(); ++t) rows[t] = wide.at(taps[t].dx, y + taps[t].dy);
    if (shape.dtype == Dtype::u8) {
      const auto* const* const bytes = reinterpret_cast<const std::uint8_t* const*>(rows.data());
      kernels::combine_byte_rows(bytes, weights.data(), count, bias, samples, out.row<std::uint8_t>(y));
      continue;
    }
    kernels::combine_stored_rows(rows.data(), shape.dtype, weights.data(), count, samples, sums.data());
    if (bias != 0)
      for (float& sum : sums) sum += bias;
    store_row(sums.data(), shape, out.row<std::byte>(y));
  }
  return out;
}

Nodes filtered_channels(std::vector<Tap> taps, float bias) {
  return {Opaque{.apply = [taps = std::move(taps), bias](const RasterView& image) {
    if (!image.shape.alpha) return weighted_sum(image, taps, bias);
    Planes planes(image);
    for (int c = 0; c < planes.colours(); ++c) {
      planes[c] = weighted_sum(planes[c], taps);
      for (int y = 0; bias != 0 && y < planes.height(); ++y)
        for (int x = 0; x < planes.width(); ++x) planes[c].at(x, y) += bias;
    }
    return planes.to_raster();
  }}};
}

std::vector<float> gaussian_taps(double sigma) {
  if (sigma <= 0) return {1.0f};
  const int radius = static_cast<int>(std::ceil(3 * sigma));
  std::vector<double> weights;
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    weights.push_back(exact::exp(-0.5 * (i / sigma) * (i / sigma)));
    sum += weights.back();
  }
  std::vector<float> result;
  for (const double w : weights) result.push_back(static_cast<float>(w / sum));
  return result;
}

Plane gaussian_blurred(const Plane& in, double sigma) {
  const std::vector<float> line = gaussian_taps(sigma);
  const int radius = static_cast<int>(line.size() / 2);
  std::vector<Tap> down, across;
  for (int i = -radius; i <= radius; ++i) {
    const float weight = line[static_cast<std::size_t>(i + radius)];
    down.push_back({0, i, weight}), across.push_back({i, 0, weight});
  }
  return weighted_sum(weighted_sum(in, down), across);
}

std::vector<Tap> normalized(std::vector<Tap> taps) {
  double sum = 0;
  for (const Tap& tap : taps) sum += static_cast<double>(tap.weight);
  if (std::fabs(sum) < 1e-9) throw bug("weights of a filter sum to nothing");
  std::erase_if(taps, [](const Tap& tap) { return tap.weight == 0; });
  for (Tap& tap : taps) tap.weight = static_cast<float>(static_cast<double>(tap.weight) / sum);
  return taps;
}

std::vector<Tap> streak(double length, double angle, double direction) {
  constexpr int kPointsAPixel = 4;
  const double turn = angle * kPi / 180, along_x = exact::cos(turn), along_y = -exact::sin(turn);
  const int radius = static_cast<int>(std::ceil(length / 2)) + 1, side = 2 * radius + 1;
  std::vector<double> weights(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
  const int points = static_cast<int>(std::ceil(length * kPointsAPixel)) + 1;
  for (int i = 0; i < points; ++i) {
    const double t = points > 1 ? static_cast<double>(i) / (points - 1) - 0.5 : 0;
    const double x = radius + t * length * along_x, y = radius + t * length * along_y;
    const double left = std::floor(x), top = std::floor(y), weight = 1 + 2 * t * direction;
    for (const int down : {0, 1})
      for (const int right : {0, 1}) {
        const double share = (right ? x - left : 1 - (x - left)) * (down ? y - top : 1 - (y - top));
        if (share > 0)
          weights[static_cast<std::size_t>((static_cast<int>(top) + down) * side + static_cast<int>(left) + right)] +=
              share * weight;
      }
  }
  return square_of(radius,
                   [&](int x, int y) { return weights[static_cast<std::size_t>((y + radius) * side + x + radius)]; });
}

}  // namespace leaven::ops
