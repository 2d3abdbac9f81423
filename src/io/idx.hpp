// The header of IDX files.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "io/codec.hpp"
#include "io/pixel_block.hpp"

namespace leaven::io {

struct IdxHeader {
  Element element{};
  std::vector<std::uint64_t> dimensions{};  ///< 1 to 4
  std::uint64_t data_offset{};
};

/// Nothing when it is no IDX, or one whose elements are neither bytes nor floats.
std::optional<IdxHeader> parse_idx_header(BytesView head);

}  // namespace leaven::io
