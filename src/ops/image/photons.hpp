// Counts of photons: the Poisson law, exactly.
#pragma once

#include <cstdint>
#include <vector>

#include "core/key.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {

/// Draws from Poisson laws of means up to a largest one.
class PoissonTable {
 public:
  explicit PoissonTable(double largest_mean);
  /// The mean is a share of the largest one. `first` decides; `second` only where the share is no whole number of
  /// kSteps. Means above kLargestExact are taken for normal.
  int draw(float share, std::uint32_t first, std::uint32_t second) const;
  static bool is_whole(float share);

  static constexpr double kLargestExact = 512;
  static constexpr int kSteps = 255;

 private:
  /// One law: counts first, first + 1, … with the sums of their probabilities, in units of 2^−32.
  struct Law {
    int first{};
    std::vector<std::uint32_t> sums{};
    std::vector<std::uint16_t> guide{};  ///< where to begin, by the highest 8 bits of the random word
  };
  static Law law_of(double mean);
  static int inverse(const Law& law, std::uint32_t word);

  double largest_, step_;  ///< mean of law i is i·step
  std::vector<Law> laws_;
};

/// v' = gain·Poisson(v/gain) on a plane of values in [0, 1], with a table for 1/gain.
void count_photons(Plane& plane, double gain, Key key, int channel, const PoissonTable& table);

}  // namespace leaven::ops
