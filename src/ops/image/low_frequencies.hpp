// The lowest frequencies of a plane, for ops that change its large forms alone.
#pragma once

#include <complex>
#include <vector>

#include "ops/image/planes.hpp"

namespace leaven::ops {

/// Fourier coefficients F(k, l) = Σ v(x, y)·exp(−2πi(k·x/W + l·y/H)) for |k|, |l| ≤ most. So few are summed directly,
/// first along rows, then down, in double.
class LowFrequencies {
 public:
  LowFrequencies(const Plane& plane, int most);

  /// Amplitudes become (1 − strength)·own + strength·other's; phases stay.
  void take_amplitudes(const LowFrequencies& other, double strength);
  /// Adds to `plane` what has changed since these were computed of it.
  void add_change_to(Plane& plane) const;

 private:
  std::size_t side() const { return static_cast<std::size_t>(2 * most_ + 1); }

  int most_, width_, height_;
  std::vector<std::complex<double>> now_, before_;  ///< by row l, then column k, each from −most
};

}  // namespace leaven::ops
