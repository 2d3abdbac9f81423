#include "learn/generate/number_scale.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/exact_math.hpp"

namespace leaven::learn {

namespace {

using Law = NumberScale::Law;

double bent(const NumberScale& scale, double v) {
  if (scale.law == Law::straight) return v;
  if (scale.law == Law::logarithm) return exact::log(v);
  const double x = (v - scale.centre) / scale.width, far = std::fabs(x);
  return std::copysign(exact::log(far + std::sqrt(far * far + 1)), x);
}

double straightened(const NumberScale& scale, double x) {
  if (scale.law == Law::straight) return x;
  if (scale.law == Law::logarithm) return exact::exp(x);
  return scale.centre + scale.width * (exact::exp(x) - exact::exp(-x)) / 2;
}

/// Logarithm of the scale's slope at a number.
double log_slope(const NumberScale& scale, double v) {
  if (scale.law == Law::straight) return 0;
  if (scale.law == Law::logarithm) return -exact::log(v);
  const double x = (v - scale.centre) / scale.width;
  return -exact::log(scale.width) - exact::log(x * x + 1) / 2;
}

/// Sets mean and deviation. Logarithm of how likely the numbers are, one on average and but for what all laws share.
double standardise(NumberScale& scale, const std::vector<double>& numbers) {
  const auto n = static_cast<double>(numbers.size());
  double sum = 0, squares = 0, slopes = 0;
  for (const double v : numbers) sum += bent(scale, v), slopes += log_slope(scale, v);
  scale.mean = sum / n;
  for (const double v : numbers) squares += (bent(scale, v) - scale.mean) * (bent(scale, v) - scale.mean);
  const double deviation = std::sqrt(squares / n);
  scale.deviation = deviation > 0 ? deviation : 1;
  return slopes / n - exact::log(scale.deviation);
}

}  // namespace

double NumberScale::place(double number) const { return (bent(*this, number) - mean) / deviation; }

double NumberScale::number(double place) const { return std::clamp(straightened(*this, mean + deviation * place), lo, hi); }

bool NumberScale::is_sound() const {
  const bool finite = std::isfinite(centre) && std::isfinite(width) && std::isfinite(mean) && std::isfinite(deviation) && std::isfinite(lo) && std::isfinite(hi);
  return finite && width > 0 && deviation > 0 && lo <= hi && (law != Law::logarithm || lo > 0);
}

NumberScale scale_of(std::vector<double> numbers, double unit) {
  std::ranges::sort(numbers);
  const double lo = numbers.front() - unit / 2, hi = numbers.back() + unit / 2;
  const auto quantile = [&](std::size_t quarters) { return numbers[quarters * (numbers.size() - 1) / 4]; };
  const double middle = (quantile(3) - quantile(1)) / 2;
  NumberScale best;
  double most = -std::numeric_limits<double>::infinity();
  for (const Law law : {Law::straight, Law::logarithm, Law::inverse_sinh}) {
    if ((law == Law::logarithm && !(lo > 0)) || (law == Law::inverse_sinh && !(middle > 0))) continue;
    NumberScale scale{.law = law, .centre = quantile(2), .width = middle > 0 ? middle : 1, .lo = lo, .hi = hi};
    if (const double likely = standardise(scale, numbers); likely > most) most = likely, best = scale;
  }
  return best;
}

}  // namespace leaven::learn
