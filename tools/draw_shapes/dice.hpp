// Random numbers of one picture, each a draw further along its stream; the same seed draws the same dataset.
#pragma once

#include <cstdint>

#include "core/key.hpp"

namespace leaven::demo {

class Dice {
 public:
  explicit Dice(Key stream) : stream_(stream) {}

  /// [0, 1), 32 bits.
  double unit() { return static_cast<double>(random_block(stream_, next_++)[0]) / 4294967296.0; }
  double between(double low, double high) { return low + (high - low) * unit(); }
  /// low … high, both included.
  int integer(int low, int high) { return low + static_cast<int>(unit() * (high - low + 1)); }

 private:
  Key stream_;
  std::uint64_t next_{};
};

}  // namespace leaven::demo
