#include "ops/image/low_frequencies.hpp"

#include <cmath>

#include "core/exact_math.hpp"
#include "ops/image/filters.hpp"

namespace leaven::ops {
namespace {

using Complex = std::complex<double>;

// Plain products and sums: std::complex's operator* may take a detour over infinities.
Complex times(Complex a, Complex b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// exp(2πi·n/size) for n = 0 … size − 1.
std::vector<Complex> roots(int size) {
  std::vector<Complex> all;
  for (int n = 0; n < size; ++n) {
    const double angle = 2 * kPi * n / size;
    all.emplace_back(exact::cos(angle), exact::sin(angle));
  }
  return all;
}

/// exp(2πi·k·x/size), exactly periodic.
Complex root(const std::vector<Complex>& of, int k, int x) {
  const auto size = static_cast<std::int64_t>(of.size());
  const std::int64_t n = static_cast<std::int64_t>(k) * x % size;
  return of[static_cast<std::size_t>(n < 0 ? n + size : n)];
}

}  // namespace

LowFrequencies::LowFrequencies(const Plane& plane, int most) : most_(most), width_(plane.width()), height_(plane.height()) {
  const std::vector<Complex> across = roots(width_), down = roots(height_);
  now_.assign(side() * side(), Complex{});
  std::vector<Complex> row(side());
  for (int y = 0; y < height_; ++y) {
    for (int k = -most_; k <= most_; ++k) {
      Complex sum{};
      for (int x = 0; x < width_; ++x) {
        const Complex r = root(across, -k, x);
        const double v = static_cast<double>(plane.at(x, y));
        sum += Complex{v * r.real(), v * r.imag()};
      }
      row[static_cast<std::size_t>(k + most_)] = sum;
    }
    for (int l = -most_; l <= most_; ++l) {
      const Complex r = root(down, -l, y);
      for (std::size_t k = 0; k < side(); ++k) now_[static_cast<std::size_t>(l + most_) * side() + k] += times(row[k], r);
    }
  }
  before_ = now_;
}

void LowFrequencies::take_amplitudes(const LowFrequencies& other, double strength) {
  const auto length = [](Complex c) { return std::sqrt(c.real() * c.real() + c.imag() * c.imag()); };
  for (std::size_t i = 0; i < now_.size(); ++i) {
    const double own = length(before_[i]);
    const double wanted = (1 - strength) * own + strength * length(other.before_[i]);
    // What has no phase gets that of a cosine.
    now_[i] = own > 0 ? Complex{before_[i].real() / own * wanted, before_[i].imag() / own * wanted} : Complex{wanted, 0};
  }
}

void LowFrequencies::add_change_to(Plane& plane) const {
  const std::vector<Complex> across = roots(width_), down = roots(height_);
  const double scale = 1 / (static_cast<double>(width_) * height_);
  std::vector<Complex> row(side());
  for (int y = 0; y < height_; ++y) {
    for (std::size_t k = 0; k < side(); ++k) {
      row[k] = {};
      for (int l = -most_; l <= most_; ++l) {
        const std::size_t i = static_cast<std::size_t>(l + most_) * side() + k;
        row[k] += times(now_[i] - before_[i], root(down, l, y));
      }
    }
    for (int x = 0; x < width_; ++x) {
      double sum = 0;
      for (int k = -most_; k <= most_; ++k) sum += times(row[static_cast<std::size_t>(k + most_)], root(across, k, x)).real();
      plane.at(x, y) += static_cast<float>(sum * scale);
    }
  }
}

}  // namespace leaven::ops
