#include "core/exact_math.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/exact_powers.hpp"

namespace leaven::exact {

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
// ln 2 and π/2 in pieces whose products with small whole numbers are exact (Cody and Waite).
constexpr double kLn2High = 6.93147180369123816490e-01, kLn2Low = 1.90821492927058770002e-10;
constexpr double kHalfPi1 = 1.57079632673412561417e+00, kHalfPi2 = 6.07710050650619224932e-11;

double two_to(int exponent) {  // −1022 … 1023
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

constexpr auto kInverseFactorial = [] {
  std::array<double, 23> values{};
  double factorial = 1;
  for (std::size_t n = 0; n < values.size(); ++n) {
    if (n > 0) factorial *= static_cast<double>(n);
    values[n] = 1 / factorial;
  }
  return values;
}();

constexpr auto kInverse = [] {
  std::array<double, 26> values{};
  for (std::size_t n = 1; n < values.size(); ++n) values[n] = 1.0 / static_cast<double>(n);
  return values;
}();

// Taylor series to x^21 / 21!: below 1 ulp for |x| ≤ π/4.
double sin_near_zero(double x) {
  const double z = -x * x;
  double sum = 0;
  for (std::size_t n = 21; n >= 3; n -= 2) sum = sum * z + kInverseFactorial[n];
  return x + x * (z * sum);
}

double cos_near_zero(double x) {
  const double z = -x * x;
  double sum = 0;
  for (std::size_t n = 22; n >= 2; n -= 2) sum = sum * z + kInverseFactorial[n];
  return 1 + z * sum;
}

struct Reduced {
  double rest;
  int quadrant;
};

Reduced reduce(double x) {
  const double turns = std::nearbyint(x * 0.63661977236758134308);
  const double rest = (x - turns * kHalfPi1) - turns * kHalfPi2;
  return {rest, static_cast<int>(static_cast<std::int64_t>(turns) & 3)};
}

}  // namespace

namespace {

/// ln of kCount positive normal numbers, in place.
// x = 2^e · m with m in [√½, √2); ln m = 2·artanh((m − 1)/(m + 1)) as a series.
template <std::size_t kCount>
void take_logs(std::array<double, kCount>& x, int lifted = 0) {
  std::array<double, kCount> exponent{}, f{}, s{}, z{}, sum{};
  for (std::size_t k = 0; k < kCount; ++k) {
    const auto bits = std::bit_cast<std::uint64_t>(x[k]);
    int e = lifted + static_cast<int>(bits >> 52) - 1023;
    double m = std::bit_cast<double>((bits & 0xFFFFFFFFFFFFFULL) | 0x3FF0000000000000ULL);
    if (m > 1.41421356237309504880) m *= 0.5, ++e;
    exponent[k] = e;
    f[k] = m - 1;
    s[k] = f[k] / (2 + f[k]);
    z[k] = s[k] * s[k];
  }
  for (std::size_t n = 25; n >= 3; n -= 2)
    for (std::size_t k = 0; k < kCount; ++k) sum[k] = sum[k] * z[k] + kInverse[n];
  // ln m = f − s·(f − 2·z·sum), which loses nothing where m is near 1.
  for (std::size_t k = 0; k < kCount; ++k) {
    const double r = f[k] - s[k] * (f[k] - 2 * z[k] * sum[k]);
    x[k] = exponent[k] * kLn2High + (r + exponent[k] * kLn2Low);
  }
}

/// e^x as value · 2^exponent with the value near 1, in place; |x| ≤ 746.
template <std::size_t kCount>
void take_exponentials(std::array<double, kCount>& x, std::array<int, kCount>& exponent) {
  constexpr double kRounding = 6755399441055744.0;  // 1.5·2^52: a sum with it is a whole number
  std::array<double, kCount> r{}, sum{};
  for (std::size_t k = 0; k < kCount; ++k) {
    const double n = (x[k] * 1.44269504088896340736 + kRounding) - kRounding;
    r[k] = (x[k] - n * kLn2High) - n * kLn2Low;
    exponent[k] = static_cast<int>(n);
  }
  for (std::size_t i = 16; i >= 2; --i)
    for (std::size_t k = 0; k < kCount; ++k) sum[k] = sum[k] * r[k] + kInverseFactorial[i];
  for (std::size_t k = 0; k < kCount; ++k) x[k] = 1 + (r[k] + r[k] * r[k] * sum[k]);
}

double scaled(double value, int e) {
  if (e > 1023) return value * two_to(1023) * two_to(e - 1023);
  if (e < -1022) return value * two_to(-1022) * two_to(e + 1022);
  return value * two_to(e);
}

}  // namespace

double log(double x) {
  if (std::isnan(x) || x < 0) return kNan;
  if (x == 0) return -kInf;
  if (x == kInf) return kInf;
  int lifted = 0;
  if (x < 2.2250738585072014e-308) x *= 18014398509481984.0, lifted = -54;
  std::array<double, 1> one{x};
  take_logs(one, lifted);
  return one[0];
}

double exp(double x) {
  if (std::isnan(x)) return kNan;
  if (x > 709.782712893384) return kInf;
  if (x < -745.2) return 0;
  std::array<double, 1> one{x};
  std::array<int, 1> exponent{};
  take_exponentials(one, exponent);
  return scaled(one[0], exponent[0]);
}

double pow(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (x == 0) return y > 0 ? 0 : kInf;
  if (y == 1) return x;
  if (y == 2) return x * x;
  if (y == 0.5) return std::sqrt(x);
  return exp(y * log(x));
}

void raise_to(double y, std::span<double> x) {
  constexpr std::size_t kTogether = 8;
  constexpr double kSmallest = 2.2250738585072014e-308, kMost = 700;  // what the series take without a case of its own
  const bool special = y == 0 || y == 1 || y == 2 || y == 0.5;
  std::size_t i = 0;
  for (; !special && i + kTogether <= x.size(); i += kTogether) {
    std::array<double, kTogether> values{};
    std::array<int, kTogether> exponent{};
    for (std::size_t k = 0; k < kTogether; ++k) values[k] = x[i + k] >= kSmallest && x[i + k] < kInf ? x[i + k] : 1;
    take_logs(values);
    for (double& value : values) value = std::clamp(y * value, -kMost, kMost);
    const std::array<double, kTogether> powers = values;
    take_exponentials(values, exponent);
    for (std::size_t k = 0; k < kTogether; ++k) {
      const bool plain = x[i + k] >= kSmallest && x[i + k] < kInf && x[i + k] != 1 && std::fabs(powers[k]) < kMost;
      values[k] = plain ? values[k] * two_to(exponent[k]) : pow(x[i + k], y);
    }
    std::copy(values.begin(), values.end(), x.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (; i < x.size(); ++i) x[i] = pow(x[i], y);
}

double sin(double x) {
  const auto [rest, quadrant] = reduce(x);
  const double value = (quadrant & 1) ? cos_near_zero(rest) : sin_near_zero(rest);
  return (quadrant & 2) ? -value : value;
}

double cos(double x) {
  const auto [rest, quadrant] = reduce(x);
  const double value = (quadrant & 1) ? -sin_near_zero(rest) : cos_near_zero(rest);
  return (quadrant & 2) ? -value : value;
}

double tan(double x) { return sin(x) / cos(x); }

double atan2(double y, double x) {
  constexpr double kPi = 3.14159265358979323846;
  const double ax = std::fabs(x), ay = std::fabs(y);
  if (ax == 0 && ay == 0) return 0;
  // The slope in [0, 1], its angle halved three times (tan(a/2) = t/(1 + √(1 + t²))), then Gregory's series.
  double t = ay <= ax ? ay / ax : ax / ay;
  for (int i = 0; i < 3; ++i) t /= 1 + std::sqrt(1 + t * t);
  const double z = t * t;
  double sum = 0;
  for (int k = 19; k >= 1; k -= 2) sum = 1.0 / k - z * sum;
  double angle = 8 * (t * sum);
  if (ay > ax) angle = kPi / 2 - angle;
  if (x < 0) angle = kPi - angle;
  return y < 0 ? -angle : angle;
}

// Wichura (1988), "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37(3).
double normal_quantile(double p) {
  const double q = p - 0.5;
  if (std::fabs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * (((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r +
                    4.5921953931549871457e4) * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3) * r +
                 1.3314166789178437745e2) * r + 3.3871328727963666080e0) /
           (((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r + 3.9307895800092710610e4) * r +
                2.1213794301586595867e4) * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2) * r +
             4.2313330701600911252e1) * r + 1.0);
  }
  double r = q < 0 ? p : 1 - p;
  if (r <= 0) return q < 0 ? -kInf : kInf;
  r = std::sqrt(-log(r));
  double value;
  if (r <= 5) {
    r -= 1.6;
    value = (((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1) * r +
                 1.27045825245236838258e0) * r + 3.64784832476320460504e0) * r + 5.76949722146069140550e0) * r +
              4.63033784615654529590e0) * r + 1.42343711074968357734e0) /
            (((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r + 1.51986665636164571966e-2) * r +
                 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940e0) * r +
              2.05319162663775882187e0) * r + 1.0);
  } else {
    r -= 5;
    value = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.24266094738807843860e-3) * r +
                 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580e0) * r +
              5.46378491116411436990e0) * r + 6.65790464350110377720e0) /
            (((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r + 1.84631831751005468180e-5) * r +
                 7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r +
              5.99832206555887937690e-1) * r + 1.0);
  }
  return q < 0 ? -value : value;
}

}  // namespace leaven::exact
