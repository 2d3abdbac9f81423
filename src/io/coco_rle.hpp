// COCO's compressed run lengths: a mask as a short text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leaven::io {

/// Each run is a number in groups of five bits, the lowest first, printed from '0' on; bit 6 says that more follow, and
/// the last group's bit 5 is the sign. From the fourth run on it is the difference to the run two before (COCO's
/// maskApi, functions rleToString and rleFrString). Throws Error(data) for other text.
std::vector<std::uint32_t> counts_from_text(std::string_view text);
std::string text_from_counts(const std::vector<std::uint32_t>& counts);

}  // namespace leaven::io
