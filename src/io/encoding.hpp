// How the text of a file is encoded.
#pragma once

#include <string>
#include <string_view>

#include "io/file.hpp"

namespace leaven::io {

/// What the bytes of a whole file are; found in one fast pass.
struct EncodingFacts {
  bool other_bytes{};  ///< some byte is above 127
  bool utf8{};         ///< some letter is written as UTF-8
  bool broken{};       ///< some byte is no UTF-8
  bool zero{};         ///< some byte is 0
};
EncodingFacts encoding_facts(const InputFile& file);

/// Windows-1252 to UTF-8. The five bytes that it leaves open become the control characters of their number, so that
/// utf8_to_latin1() gives them back.
std::string latin1_to_utf8(std::string_view text);
/// Letters that Windows-1252 does not have become '?'.
std::string utf8_to_latin1(std::string_view text);

}  // namespace leaven::io
