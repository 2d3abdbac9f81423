// Counter-based randomness: no object holds random state, so nothing depends on threads, order or interruptions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace leaven {

/// 128 bits that name one stream of random numbers.
struct Key {
  std::uint64_t low{}, high{};
  friend bool operator==(const Key&, const Key&) = default;
};
std::string to_hex(Key key);
/// Throws Error(data) when `hex` is not 32 hexadecimal digits.
Key key_from_hex(std::string_view hex);

/// Philox 4×32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// Block `element` of the stream: Philox with key = key.low and counter = (element, key.high).
std::array<std::uint32_t, 4> random_block(Key key, std::uint64_t element);

/// Who draws: key version 1 is XXH3-128 of these, each length-prefixed, in this order, then op path, attempt, field.
struct DrawContext {
  std::uint64_t seed{};
  std::uint64_t epoch{};
  std::string_view sample{};      ///< sample id
  std::uint32_t copy{};           ///< 0 is the original
  std::uint32_t partner_slot{};   ///< 0: the sample itself
  std::uint32_t attempt{};        ///< how often a line was drawn again because a required label was lost
};

/// The keys of one sample's program; cheap to ask many times.
class KeyMaker {
 public:
  explicit KeyMaker(const DrawContext& context);
  /// Key of one field of one op; an empty field name is the op's own key (noise, elastic fields).
  Key key(std::string_view op_path, std::string_view field) const;

 private:
  std::string prefix_;
  std::uint32_t attempt_;
};

}  // namespace leaven
