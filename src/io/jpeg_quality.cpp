#include "io/jpeg_quality.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>

namespace leaven::io::jpeg {

namespace {

/// ITU-T T.81, table K.1, row by row.
constexpr std::array<int, 64> kLuma{16, 11, 10, 16, 24,  40,  51,  61,   //
                                    12, 12, 14, 19, 26,  58,  60,  55,   //
                                    14, 13, 16, 24, 40,  57,  69,  56,   //
                                    14, 17, 22, 29, 51,  87,  80,  62,   //
                                    18, 22, 37, 56, 68,  109, 103, 77,   //
                                    24, 35, 55, 64, 81,  104, 113, 92,   //
                                    49, 64, 78, 87, 103, 121, 120, 101,  //
                                    72, 92, 95, 98, 112, 100, 103, 99};

/// Percent by which the IJG scales the table.
constexpr int scale_of(int quality) { return quality < 50 ? 5000 / quality : 200 - quality * 2; }

constexpr int scaled(int entry, int scale) { return std::clamp((entry * scale + 50) / 100, 1, 255); }

}  // namespace

int estimate_quality(std::span<const std::uint16_t, 64> luma_table) {
  int best = 1;
  int least = std::numeric_limits<int>::max();
  for (int quality = 100; quality >= 1 && least > 0; --quality) {
    const int scale = scale_of(quality);
    int distance = 0;
    for (std::size_t i = 0; i < kLuma.size() && distance < least; ++i)
      distance += std::abs(scaled(kLuma[i], scale) - static_cast<int>(luma_table[i]));
    if (distance >= least) continue;
    least = distance;
    best = quality;
  }
  return best;
}

}  // namespace leaven::io::jpeg
