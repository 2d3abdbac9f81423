// The quality that a JPEG was written with, as far as its quantisation tables tell.
#pragma once

#include <cstdint>
#include <span>

namespace leaven::io::jpeg {

/// 1…100: the quality whose scaled luma table (ITU-T T.81, table K.1, and the IJG's scaling) lies nearest, by the sum
/// of absolute differences; the higher one of equals. Exact for files of every encoder that uses the IJG's formula.
int estimate_quality(std::span<const std::uint16_t, 64> luma_table);

}  // namespace leaven::io::jpeg
