#include "learn/distributions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/exact_math.hpp"

namespace leaven::learn {

namespace {

/// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), evaluated front to back by
/// the method of Lentz; converges fast for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300, kEnough = 1e-16;
  const auto not_zero = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1, d = 1 / not_zero(1 - (a + b) * x / (a + 1)), fraction = d;
  for (int m = 1; m < 10000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / not_zero(1 + even * d);
    c = not_zero(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / not_zero(1 + odd * d);
    c = not_zero(1 + odd / c);
    fraction *= d * c;
    if (std::abs(d * c - 1) < kEnough) break;
  }
  return fraction;
}

/// log Γ without the process-wide sign that lgamma() sets, which threads would race for.
double log_gamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

}  // namespace

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double student_cdf(double t, double freedom) {
  const double tail = 0.5 * incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t));
  return t > 0 ? 1 - tail : tail;
}

double student_quantile(double p, double freedom) {
  if (p == 0.5) return 0;
  if (p > 0.5) return -student_quantile(1 - p, freedom);
  // In the lower half; the tail of one degree of freedom is the heaviest: −t ≤ 1 / (π p).
  double lo = -1 / (std::numbers::pi * p) - 10, hi = 0;
  for (int i = 0; i < 200 && hi - lo > 1e-15 * std::max(1.0, -lo); ++i) {
    const double middle = (lo + hi) / 2;
    (student_cdf(middle, freedom) < p ? lo : hi) = middle;
  }
  return (lo + hi) / 2;
}

double shifted_student_cdf(double t, double freedom, double shift) {
  // ∫ Φ(t s − shift) f(s) ds, where f is the density of s = √(χ²/freedom), by Simpson's rule.
  constexpr int kPanels = 4000;
  const double from = std::max(0.0, 1 - 12 / std::sqrt(2 * freedom)), to = 1 + 12 / std::sqrt(2 * freedom);
  const double log_front = std::log(2.0) + freedom / 2 * std::log(freedom / 2) - log_gamma(freedom / 2);
  const auto f = [&](double s) {
    if (s <= 0) return freedom > 1 ? 0.0 : normal_cdf(-shift) * std::exp(log_front);
    return normal_cdf(t * s - shift) * std::exp(log_front + (freedom - 1) * std::log(s) - freedom * s * s / 2);
  };
  const double step = (to - from) / kPanels;
  double sum = f(from) + f(to);
  for (int i = 1; i < kPanels; ++i) sum += (i % 2 ? 4 : 2) * f(from + i * step);
  return sum * step / 3;
}

}  // namespace leaven::learn
