// Planes of random numbers. Every pixel's number is a function of the key, the channel and its place alone.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "core/key.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {

/// Standard normal, as gaussian_noise draws it.
Plane normal_plane(int width, int height, Key key, int channel = 0);
/// Uniform in (0, 1): a multiple of 2^−24 plus 2^−25.
Plane uniform_plane(int width, int height, Key key, int channel = 0);
/// The pixels of uniform_plane() that are below `share`, row by row.
struct Spot {
  int x{}, y{};
  float value{};
};
std::vector<Spot> uniform_spots(int width, int height, float share, Key key);

/// Random words of one pixel (or of four) for the channels from `first` on: a channel's word is its own, in whatever group.
inline std::array<std::uint32_t, kGroupChannels> channel_words(Key key, std::uint64_t element, int first) {
  const auto block = [&](int group) { return random_block(key, element | static_cast<std::uint64_t>(group) << 40); };
  const int group = first / kGroupChannels, within = first % kGroupChannels;
  std::array<std::uint32_t, kGroupChannels> words = block(group);
  if (within == 0) return words;
  const std::array<std::uint32_t, kGroupChannels> next = block(group + 1);
  std::rotate(words.begin(), words.begin() + within, words.end());
  std::copy_n(next.begin(), within, words.end() - within);
  return words;
}

/// A cloud-like fractal from 0 to 1 by the diamond-square algorithm on a torus (Fournier, Fussell and Carpenter 1982):
/// each halving of the distance divides the random part by `falloff`. The top left part of a square whose side is the
/// next power of two.
Plane plasma(int width, int height, double falloff, Key key);

/// Another key, for a second stream of one op.
constexpr Key stream(Key key, std::uint64_t number) { return {key.low, key.high ^ (number * 0x9e3779b97f4a7c15ULL)}; }

}  // namespace leaven::ops
