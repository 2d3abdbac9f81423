// The power transform of Yeo and Johnson, "A new family of power transformations", Biometrika 87, 2000.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace leaven::ops {

double yeo_johnson(double x, double lambda);
double yeo_johnson_back(double y, double lambda);

struct PowerFit {
  double lambda{1}, mean{}, std{1};  ///< of the transformed numbers
};
/// λ in [−5, 5] of the greatest likelihood, by golden section to 1e-8; `numbers` with how often each counts.
PowerFit fit_yeo_johnson(const std::vector<std::pair<double, std::uint64_t>>& numbers);

}  // namespace leaven::ops
