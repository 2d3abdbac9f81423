// What the noise of one pixel is: the scalar definition that every fast path equals bit for bit.
//
// Every pixel and channel has its own random word, a function of the key and (x, y, channel) alone, so tiles, threads
// and rows taken in any order see the same noise. Words are numbered so that vectors of up to 16 lanes read them
// without shuffling: a block of four words serves the pixels x, x + 16, x + 32 and x + 48 of a group of 64.
//
// Only IEEE + − × ÷ and sqrt on float, in this order, without contraction: the same bits on every CPU.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "core/key.hpp"
#include "kernels/cell_noise.hpp"

namespace leaven::kernels {

/// Where a pixel's random word stands: block of random_block() and word in it. x and y below 2^16.
struct NoiseWord {
  std::uint64_t block{};
  int word{};
};

constexpr NoiseWord noise_word(int x, int y, int channel) {
  const auto column = static_cast<std::uint64_t>(x);
  return {(static_cast<std::uint64_t>(channel) << 32) | (static_cast<std::uint64_t>(y) << 14) |
              ((column / 64) * 16 + column % 16),
          (x / 16) % 4};
}

/// Logarithm to base 2 of a float in (0, 1], by a minimax polynomial; error below 3e-7 of max(1, |result|).
inline float noise_log2(float u) {
  constexpr std::int32_t kSqrtHalf = 0x3f3504f3;
  const auto bits = std::bit_cast<std::int32_t>(u);
  const std::int32_t exponent = (bits - kSqrtHalf) >> 23;
  const float f = std::bit_cast<float>(bits - exponent * (1 << 23)) - 1.0f;  // u = 2^exponent · (1 + f)
  float p = -0.145744518f;
  p = p * f + 0.236890398f;
  p = p * f + -0.250069034f;
  p = p * f + 0.286707452f;
  p = p * f + -0.360087216f;
  p = p * f + 0.480939445f;
  p = p * f + -0.721357149f;
  p = p * f + 1.44269477f;
  return static_cast<float>(exponent) + f * p;
}

/// Two independent standard normals from two random words (Box and Muller 1958). The radius takes 23 bits of the
/// first word, so |value| ≤ 5.77; the angle takes 25 bits of the second.
inline std::array<float, 2> noise_normals(std::uint32_t first, std::uint32_t second) {
  const float u = (static_cast<float>(static_cast<std::int32_t>(first >> 9)) + 0.5f) * 0x1p-23f;
  const float radius = std::sqrt(noise_log2(u) * -1.38629436f);  // −2 ln 2
  const auto step = static_cast<std::int32_t>((second >> 7) & 0x7fffff) - 0x400000;
  const float angle = (static_cast<float>(step) + 0.5f) * (0x1p-23f * 1.57079632679490f);  // ±π/4 about the quadrant
  const float z = angle * angle;
  float s = z * (1.0f / 362880.0f) - (1.0f / 5040.0f);
  s = s * z + (1.0f / 120.0f);
  s = s * z - (1.0f / 6.0f);
  s = s * z + 1.0f;
  s = s * angle;
  float c = z * (1.0f / 40320.0f) - (1.0f / 720.0f);
  c = c * z + (1.0f / 24.0f);
  c = c * z - 0.5f;
  c = c * z + 1.0f;
  const bool odd_quadrant = (second & 0x40000000u) != 0;
  const bool first_negative = ((second ^ (second << 1)) & 0x80000000u) != 0;
  const bool second_negative = (second & 0x80000000u) != 0;
  const float along = odd_quadrant ? s : c;
  const float across = odd_quadrant ? c : s;
  return {radius * (first_negative ? -along : along), radius * (second_negative ? -across : across)};
}

/// Standard normal noise of one sample: words 0 and 1 of a block make one pair, words 2 and 3 the other.
inline double gaussian_at(Key key, int x, int y, int channel) {
  const NoiseWord at = noise_word(x, y, channel);
  const std::array<std::uint32_t, 4> words = random_block(key, at.block);
  const std::size_t pair = at.word < 2 ? 0 : 2;
  return noise_normals(words[pair], words[pair + 1])[static_cast<std::size_t>(at.word) - pair];
}

/// Noise of a table's cell, `key` that of its row: column c has word c mod 4 of block c div 4, whose words make normals as above.
inline float cell_noise_at(CellLaw law, Key key, std::uint32_t column) {
  const std::array<std::uint32_t, 4> words = random_block(key, column / kColumnsOfABlock);
  const std::size_t at = column % kColumnsOfABlock, pair = at / 2 * 2;
  const std::uint32_t word = words[at];
  if (law == CellLaw::normal) return noise_normals(words[pair], words[pair + 1])[at - pair];
  if (law == CellLaw::uniform) return static_cast<float>(static_cast<std::int32_t>(word)) * 0x1p-31f;
  const float u = (static_cast<float>(word >> 8 & 0x7fffff) + 0.5f) * 0x1p-23f;
  const float size = noise_log2(u) * -0.490129072f;  // −ln u / √2
  return (word & 0x80000000u) != 0 ? -size : size;
}

enum class SaltOrPepper : std::uint8_t { neither, salt, pepper };

/// Smallest 31-bit number that a share does NOT take; share in [0, 1].
inline std::uint32_t noise_threshold(double share) {
  return static_cast<std::uint32_t>(std::floor(share * 0x1p31 + 0.5));
}

/// One word decides both whether a pixel is replaced (with all its colour channels) and by what.
inline SaltOrPepper salt_pepper_at(Key key, int x, int y, double amount, double salt) {
  const NoiseWord at = noise_word(x, y, 0);
  const std::uint32_t u = random_block(key, at.block)[static_cast<std::size_t>(at.word)] >> 1;
  if (u >= noise_threshold(amount)) return SaltOrPepper::neither;
  return u < noise_threshold(amount * salt) ? SaltOrPepper::salt : SaltOrPepper::pepper;
}

}  // namespace leaven::kernels
