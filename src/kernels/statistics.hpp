// Counts and sums over whole images, row by row; whole numbers wherever the pixels are, so equal on every target.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/raster.hpp"

namespace leaven::kernels {

/// How often every level occurs in each channel: 256 bins for u8, 65,536 for u16 and for f32 over [0, 1].
class LevelCounter {
 public:
  LevelCounter(Dtype dtype, int channels);
  void add_row(const std::byte* pixels, int count);
  std::vector<std::uint64_t> histogram(int channel) const;

 private:
  /// Neighbours of one level would wait for each other's store; four counts a level let them pass.
  static constexpr std::size_t kWays = 4;
  void add_bytes(const std::uint8_t* pixels, std::size_t count);

  Dtype dtype_;
  std::size_t channels_, bins_, ways_;
  std::vector<std::uint32_t> counts_;      ///< [way][channel][bin], emptied into total_ before they can overflow
  std::vector<std::uint64_t> total_;       ///< [channel][bin]
  std::uint64_t pending_{};
  void flush();
};

/// Bytes summed at a time: a whole number of pixels of 1, 2, 3 and 4 channels, and of vectors.
inline constexpr std::size_t kSumBlock = 192;

/// Sum of each channel.
class ChannelSums {
 public:
  ChannelSums(Dtype dtype, int channels) : dtype_(dtype), channels_(channels) {}
  void add_row(const std::byte* pixels, int count);
  /// In units of full scale.
  double sum(int channel) const;

 private:
  Dtype dtype_;
  int channels_;
  std::array<std::uint64_t, 4> whole_{};
  std::array<double, 4> real_{};
};

}  // namespace leaven::kernels
