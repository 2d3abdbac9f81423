// Between stored pixels (8, 16 bit or float; interleaved or planar) and the floats that kernels compute with.
#pragma once

#include <array>
#include <cstddef>

#include "core/raster.hpp"

namespace leaven::kernels {

/// Rows are computed in segments of at most this many pixels, so that a segment's planes stay in the first-level cache.
inline constexpr int kSegment = 256;

/// A plane of floats per channel, values in [0, 1] (any range for unbounded images). Each starts at a 64-byte boundary
/// and has room for kSegment floats; kernels may scribble behind the pixels in use up to the next multiple of 64.
struct Planes {
  std::array<float*, 4> channel{};
};

/// Memory for one segment.
struct alignas(64) SegmentBuffer {
  std::array<std::array<float, kSegment>, 4> values;
  Planes planes() { return {{values[0].data(), values[1].data(), values[2].data(), values[3].data()}}; }
};

/// Interleaved pixels → planes; whole numbers are divided by the dtype's full scale. count ≤ kSegment, channels 1…4.
void load_pixels(const std::byte* pixels, Dtype dtype, int channels, int count, const Planes& planes);

/// Planes → interleaved pixels: times full scale, rounded half to even, saturated (|value| ≤ 64); f32 as it is.
void store_pixels(const Planes& planes, Dtype dtype, int channels, int count, std::byte* pixels);

/// Planes → one run of samples per channel.
void store_planar(const Planes& planes, Dtype dtype, int channels, int count, const std::array<std::byte*, 4>& out);

/// A run of `count` samples of one dtype to floats, in their order (channels stay interleaved); not in segments.
void load_samples(const std::byte* samples, Dtype dtype, std::size_t count, float* out);

/// Interleaved floats → planes.
void split_channels(const float* interleaved, int channels, int count, const Planes& planes);

/// Colour times alpha, the last of `channels`; and back (0 where alpha is 0). In place.
void premultiply(const Planes& planes, int channels, int count);
void unpremultiply(const Planes& planes, int channels, int count);

}  // namespace leaven::kernels
