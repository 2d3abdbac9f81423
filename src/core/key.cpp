#include "core/key.hpp"

#define XXH_INLINE_ALL  // keys are short: a call would cost as much as the hash
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/error.hpp"

namespace leaven {

namespace {

constexpr std::size_t kNumber = sizeof(std::uint64_t);

/// Eight bytes, lowest first; answers with where the next ones go.
char* put_number(char* to, std::uint64_t value) {
  for (std::size_t i = 0; i < kNumber; ++i) to[i] = static_cast<char>(value >> (8 * i) & 0xFF);
  return to + kNumber;
}

char* put_bytes(char* to, std::string_view bytes) { return std::copy(bytes.begin(), bytes.end(), to); }

char* put_text(char* to, std::string_view text) { return put_bytes(put_number(to, text.size()), text); }

}  // namespace

std::string to_hex(Key key) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(32, '0');
  for (std::size_t i = 0; i < 16; ++i) {
    text[15 - i] = kDigits[key.high >> (4 * i) & 15];
    text[31 - i] = kDigits[key.low >> (4 * i) & 15];
  }
  return text;
}

Key key_from_hex(std::string_view hex) {
  Key key;
  const auto part = [&](std::string_view digits) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.size() != 16)
      throw data_error("key must be 32 hexadecimal digits, got " + std::string(hex));
    return value;
  };
  if (hex.size() != 32) throw data_error("key must be 32 hexadecimal digits, got " + std::string(hex));
  key.high = part(hex.substr(0, 16));
  key.low = part(hex.substr(16));
  return key;
}

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> c, std::array<std::uint32_t, 2> k) {
  constexpr std::uint64_t kMultiply0 = 0xD2511F53, kMultiply1 = 0xCD9E8D57;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = kMultiply0 * c[0], p1 = kMultiply1 * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(p0)};
    k[0] += 0x9E3779B9;
    k[1] += 0xBB67AE85;
  }
  return c;
}

std::array<std::uint32_t, 4> random_block(Key key, std::uint64_t element) {
  return philox({static_cast<std::uint32_t>(element), static_cast<std::uint32_t>(element >> 32),
                 static_cast<std::uint32_t>(key.high), static_cast<std::uint32_t>(key.high >> 32)},
                {static_cast<std::uint32_t>(key.low), static_cast<std::uint32_t>(key.low >> 32)});
}

KeyMaker::KeyMaker(const DrawContext& context) : attempt_(context.attempt) {
  constexpr std::string_view kName = "leaven key 1";
  prefix_.resize(kName.size() + 5 * kNumber + context.sample.size());
  char* to = put_bytes(prefix_.data(), kName);
  to = put_number(to, context.seed);
  to = put_number(to, context.epoch);
  to = put_text(to, context.sample);
  to = put_number(to, context.copy);
  put_number(to, context.partner_slot);
}

Key KeyMaker::key(std::string_view op_path, std::string_view field) const {
  const std::size_t size = prefix_.size() + 3 * kNumber + op_path.size() + field.size();
  std::array<char, 256> short_room;  // what nearly all fit into
  std::string long_room;
  if (size > short_room.size()) long_room.resize(size);
  char* const begin = size > short_room.size() ? long_room.data() : short_room.data();
  char* to = put_bytes(begin, prefix_);
  to = put_text(to, op_path);
  to = put_number(to, attempt_);
  put_text(to, field);
  const XXH128_hash_t hash = XXH3_128bits(begin, size);
  return {hash.low64, hash.high64};
}

}  // namespace leaven
