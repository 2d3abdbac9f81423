// Bytes through tables of 256 entries.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace leaven::kernels {

using ByteTable = std::array<std::uint8_t, 256>;

/// out = table[in], one table per channel of interleaved pixels, 1…4 channels. May run in place.
void look_up_bytes(const std::uint8_t* in, const std::array<ByteTable, 4>& tables, int channels, std::size_t pixels,
                   std::uint8_t* out);

}  // namespace leaven::kernels
