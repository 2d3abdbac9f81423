// UTF-8 as RFC 3629 defines it.
#pragma once

#include <cstddef>
#include <string_view>

namespace leaven {

/// Bytes of the character at the start of `text`, 1 to 4; 0 when the text is empty or does not begin with one (overlong
/// forms, surrogates and code points above U+10FFFF are none).
std::size_t utf8_length(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace leaven
