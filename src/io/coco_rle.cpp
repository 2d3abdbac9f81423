#include "io/coco_rle.hpp"

#include "core/error.hpp"

namespace leaven::io {

namespace {

constexpr int kBits = 5;
constexpr int kMore = 0x20, kSign = 0x10;
constexpr int kMostGroups = 8;  // 40 bits: a run has 32

}  // namespace

std::vector<std::uint32_t> counts_from_text(std::string_view text) {
  std::vector<std::uint32_t> counts;
  for (std::size_t at = 0; at < text.size();) {
    std::int64_t value = 0;
    for (int group = 0;; ++group) {
      if (at == text.size() || group == kMostGroups) throw data_error("the text of a mask's runs ends within a number");
      const int c = static_cast<unsigned char>(text[at++]) - '0';
      if (c < 0 || c >= 2 * kMore) throw data_error("the text of a mask's runs holds a character that cannot be in it");
      value |= static_cast<std::int64_t>(c & (kMore - 1)) << (kBits * group);
      if ((c & kMore) != 0) continue;
      if ((c & kSign) != 0) value -= std::int64_t{1} << (kBits * (group + 1));
      break;
    }
    if (counts.size() > 2) value += counts[counts.size() - 2];
    if (value < 0 || value > UINT32_MAX) throw data_error("the text of a mask's runs holds a run of impossible length");
    counts.push_back(static_cast<std::uint32_t>(value));
  }
  return counts;
}

std::string text_from_counts(const std::vector<std::uint32_t>& counts) {
  std::string text;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    std::int64_t value = counts[i];
    if (i > 2) value -= counts[i - 2];
    bool more = true;
    while (more) {
      const int c = static_cast<int>(value & (kMore - 1));
      value >>= kBits;
      more = (c & kSign) != 0 ? value != -1 : value != 0;
      text += static_cast<char>((more ? c | kMore : c) + '0');
    }
  }
  return text;
}

}  // namespace leaven::io
