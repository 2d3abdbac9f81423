#include "io/encoding.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "core/utf8.hpp"

namespace leaven::io {

namespace {

constexpr std::size_t kChunk = 1 << 20;

/// Code points of the bytes 0x80 … 0x9F.
constexpr std::array<char16_t, 32> kHigh{0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                         0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                         0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

void append_utf8(std::string& to, char16_t c) {
  if (c < 0x80) {
    to += static_cast<char>(c);
  } else if (c < 0x800) {
    to += static_cast<char>(0xC0 | (c >> 6));
    to += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    to += static_cast<char>(0xE0 | (c >> 12));
    to += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    to += static_cast<char>(0x80 | (c & 0x3F));
  }
}

/// Code point of the character of `length` bytes at the start of `text`.
unsigned code_point(std::string_view text, std::size_t length) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])); };
  if (length == 1) return byte(0);
  unsigned point = byte(0) & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) point = (point << 6) | (byte(i) & 0x3F);
  return point;
}

/// Words of eight bytes that are all ASCII and none zero are passed by at once; returns where something else begins.
std::size_t skip_plain(std::string_view text, std::size_t at) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080ULL, kOnes = 0x0101010101010101ULL;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    // A byte that is zero borrows from its high bit; ASCII bytes above it do not.
    if (((word | (word - kOnes)) & kHighBits) != 0) break;
  }
  return at;
}

}  // namespace

EncodingFacts encoding_facts(const InputFile& file) {
  EncodingFacts facts;
  std::string buffer;
  for (std::uint64_t offset = 0; offset < file.size();) {
    buffer.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, file.size() - offset)));
    buffer.resize(file.read_some(offset, std::as_writable_bytes(std::span(buffer))));
    if (buffer.empty()) break;
    const bool last = offset + buffer.size() >= file.size();
    std::size_t at = 0;
    while (at < buffer.size()) {
      at = skip_plain(buffer, at);
      if (at >= buffer.size()) break;
      const auto byte = static_cast<unsigned char>(buffer[at]);
      if (byte < 0x80) {
        facts.zero |= byte == 0;
        ++at;
        continue;
      }
      if (!last && buffer.size() - at < 4) break;  // a character may go on in the next chunk
      facts.other_bytes = true;
      const std::size_t length = utf8_length(std::string_view(buffer).substr(at));
      (length > 0 ? facts.utf8 : facts.broken) = true;
      at += std::max<std::size_t>(1, length);
    }
    offset += at;
  }
  return facts;
}

std::string latin1_to_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    append_utf8(out, byte >= 0x80 && byte < 0xA0 ? kHigh[byte - 0x80U] : static_cast<char16_t>(byte));
  }
  return out;
}

std::string utf8_to_latin1(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += text[0];
      text.remove_prefix(1);
      continue;
    }
    const unsigned point = code_point(text, length);
    text.remove_prefix(length);
    const auto high = std::ranges::find(kHigh, static_cast<char16_t>(point));
    if (high != kHigh.end() && point <= 0xFFFF) out += static_cast<char>(0x80 + (high - kHigh.begin()));
    else out += point < 0x100 ? static_cast<char>(point) : '?';
  }
  return out;
}

}  // namespace leaven::io
