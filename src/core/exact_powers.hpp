// Powers of many numbers at once, with the bits of exact::pow().
#pragma once

#include <span>

namespace leaven::exact {

/// x^y for every x ≥ 0, in place. Series of several numbers run side by side, where one alone waits for itself.
void raise_to(double y, std::span<double> x);

}  // namespace leaven::exact
