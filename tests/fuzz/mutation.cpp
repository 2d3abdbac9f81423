#include "tests/fuzz/mutation.hpp"

#include <algorithm>
#include <array>

#include "core/key.hpp"

namespace leaven::fuzz {

namespace {

class Choices {
 public:
  Choices(std::uint64_t series, std::uint64_t number) : key_{series, number} {}
  /// [0, count), 0 when there is nothing to choose from.
  std::size_t below(std::size_t count) { return count == 0 ? 0 : random_block(key_, next_++)[0] % count; }

 private:
  Key key_;
  std::uint64_t next_{};
};

using At = io::Bytes::difference_type;

/// Sizes and counts go wrong at such numbers; little- and big-endian both.
void write_number(io::Bytes& input, Choices& choose) {
  constexpr std::array<std::uint32_t, 10> kNotable{0,      1,      0x7F,       0x80,       0xFF,
                                                   0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
  const std::uint32_t number = kNotable[choose.below(kNotable.size())];
  const std::size_t width = std::size_t{1} << choose.below(3);
  if (input.size() < width) return;
  const std::size_t at = choose.below(input.size() - width + 1);
  const bool big_endian = choose.below(2) == 1;
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t place = big_endian ? width - 1 - i : i;
    input[at + place] = static_cast<std::byte>(number >> (8 * i) & 0xFF);
  }
}

void cut_out(io::Bytes& input, Choices& choose) {
  const std::size_t at = choose.below(input.size());
  const std::size_t length = 1 + choose.below(std::min<std::size_t>(64, input.size() - at));
  input.erase(input.begin() + static_cast<At>(at), input.begin() + static_cast<At>(at + length));
}

void insert_from(io::Bytes& input, const io::Bytes& other, Choices& choose) {
  if (other.empty()) return;
  const std::size_t from = choose.below(other.size());
  const std::size_t length = 1 + choose.below(std::min<std::size_t>(64, other.size() - from));
  const io::Bytes part(other.begin() + static_cast<At>(from), other.begin() + static_cast<At>(from + length));
  const std::size_t at = choose.below(input.size() + 1);
  input.insert(input.begin() + static_cast<At>(at), part.begin(), part.end());
}

}  // namespace

io::Bytes mutated(std::span<const io::Bytes> seeds, std::uint64_t series, std::uint64_t number) {
  Choices choose(series, number);
  io::Bytes input = seeds[choose.below(seeds.size())];
  const std::size_t accidents = 1 + choose.below(4);
  for (std::size_t i = 0; i < accidents && !input.empty(); ++i) {
    switch (choose.below(7)) {
      case 0:
      case 1: input[choose.below(input.size())] ^= static_cast<std::byte>(1U << choose.below(8)); break;
      case 2: input[choose.below(input.size())] = static_cast<std::byte>(choose.below(256)); break;
      case 3: write_number(input, choose); break;
      case 4: cut_out(input, choose); break;
      case 5: insert_from(input, seeds[choose.below(seeds.size())], choose); break;
      default: input.resize(input.size() - choose.below(std::min<std::size_t>(input.size(), 256))); break;
    }
  }
  return input;
}

}  // namespace leaven::fuzz
