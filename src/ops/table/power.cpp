#include "ops/table/power.hpp"

#include <cmath>

#include "core/exact_math.hpp"

namespace leaven::ops {

namespace {

constexpr double kNearly = 1e-9;  // of a power to 0 or 2, where the formula becomes a logarithm

PowerFit moments(const std::vector<std::pair<double, std::uint64_t>>& numbers, double lambda) {
  double count = 0, sum = 0, squares = 0;
  for (const auto& [x, weight] : numbers) count += static_cast<double>(weight), sum += static_cast<double>(weight) * yeo_johnson(x, lambda);
  const double mean = sum / count;
  for (const auto& [x, weight] : numbers) {
    const double apart = yeo_johnson(x, lambda) - mean;
    squares += static_cast<double>(weight) * apart * apart;
  }
  return {lambda, mean, std::sqrt(squares / count)};
}

double log_likelihood(const std::vector<std::pair<double, std::uint64_t>>& numbers, double lambda) {
  double count = 0, logs = 0;
  for (const auto& [x, weight] : numbers) {
    count += static_cast<double>(weight);
    logs += static_cast<double>(weight) * (x < 0 ? -exact::log(1 - x) : exact::log(1 + x));
  }
  const double std = moments(numbers, lambda).std;
  return -count * exact::log(std) + (lambda - 1) * logs;
}

}  // namespace

double yeo_johnson(double x, double lambda) {
  if (x >= 0) return std::fabs(lambda) < kNearly ? exact::log(1 + x) : (exact::pow(1 + x, lambda) - 1) / lambda;
  return std::fabs(lambda - 2) < kNearly ? -exact::log(1 - x) : -(exact::pow(1 - x, 2 - lambda) - 1) / (2 - lambda);
}

double yeo_johnson_back(double y, double lambda) {
  if (y >= 0) return std::fabs(lambda) < kNearly ? exact::exp(y) - 1 : exact::pow(lambda * y + 1, 1 / lambda) - 1;
  return std::fabs(lambda - 2) < kNearly ? 1 - exact::exp(-y) : 1 - exact::pow(1 - (2 - lambda) * y, 1 / (2 - lambda));
}

PowerFit fit_yeo_johnson(const std::vector<std::pair<double, std::uint64_t>>& numbers) {
  constexpr double kGolden = 0.61803398874989485;
  double lo = -5, hi = 5;
  double a = hi - kGolden * (hi - lo), b = lo + kGolden * (hi - lo);
  double at_a = log_likelihood(numbers, a), at_b = log_likelihood(numbers, b);
  while (hi - lo > 1e-8) {
    if (at_a > at_b) {
      hi = b, b = a, at_b = at_a;
      a = hi - kGolden * (hi - lo);
      at_a = log_likelihood(numbers, a);
    } else {
      lo = a, a = b, at_a = at_b;
      b = lo + kGolden * (hi - lo);
      at_b = log_likelihood(numbers, b);
    }
  }
  return moments(numbers, (lo + hi) / 2);
}

}  // namespace leaven::ops
