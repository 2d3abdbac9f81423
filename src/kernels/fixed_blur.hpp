// Symmetric blurs of bytes in 16-bit fixed point: levels times 128, weights times 65,536. Each product loses less than
// 1/128 of a level, so a blur is within a tenth of a level of the exact sum; whole numbers, so equal on every target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace leaven::kernels {

/// Weights of the middle and of the pairs beside it, middle first.
struct HalfTaps {
  std::vector<std::uint16_t> weights{};
  std::uint16_t bias{};  ///< what the products lose on average

  int radius() const { return static_cast<int>(weights.size()) - 1; }
  /// Nothing for taps that are not symmetric, not positive, of another sum than 1, or too many for the bound above.
  static std::optional<HalfTaps> of(std::span<const float> taps);
};

/// out[i] = 128·in[i]; counts are rounded up to a multiple of 64 here and below.
void widen_bytes(const std::uint8_t* in, std::size_t count, std::uint16_t* out);
/// Across rows: rows[radius] is the middle.
void blur_across(const std::uint16_t* const* rows, const HalfTaps& taps, std::size_t count, std::uint16_t* out);
/// Along a row: in[radius·step] is the first pixel's middle.
void blur_along(const std::uint16_t* in, const HalfTaps& taps, int step, std::size_t count, std::uint16_t* out);
/// To whole levels; exactly `count` bytes are written.
void round_to_bytes(const std::uint16_t* in, std::size_t count, std::uint8_t* out);

}  // namespace leaven::kernels
