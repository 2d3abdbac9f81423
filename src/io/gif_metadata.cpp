// Comments and the notes of applications go; how often the animation repeats and the colour profile stay.
#include <algorithm>
#include <array>
#include <string_view>

#include "io/gif_blocks.hpp"
#include "io/metadata.hpp"

namespace leaven::io {

namespace {

constexpr unsigned kComment = 0xFE, kApplication = 0xFF;

/// An application's identifier and its code, 11 bytes behind the block's two and their number.
bool says_how_to_see(BytesView whole) {
  constexpr std::array<std::string_view, 3> kKept{"NETSCAPE2.0", "ANIMEXTS1.0", "ICCRGBG1012"};
  const std::string_view text(reinterpret_cast<const char*>(whole.data()), whole.size());
  return std::ranges::any_of(kKept, [&](std::string_view name) { return text.substr(std::min<std::size_t>(3, text.size())).starts_with(name); });
}

}  // namespace

Bytes gif_without_metadata(BytesView file) {
  Bytes out;
  gif::walk_blocks(file, [&](unsigned kind, BytesView whole) {
    if (kind != kComment && (kind != kApplication || says_how_to_see(whole))) out.insert(out.end(), whole.begin(), whole.end());
    return true;
  });
  return out;
}

}  // namespace leaven::io
