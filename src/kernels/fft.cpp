#include "kernels/fft.hpp"

#include <kissfft/kissfft.hh>

namespace leaven::kernels {

namespace {

using Complex = std::complex<double>;

/// The plan of the length that this thread transformed last: series of one dataset are mostly of one length.
const kissfft<double>& plan_of(std::size_t n, bool inverse) {
  thread_local kissfft<double> forward(1, false), backward(1, true);
  thread_local std::size_t forward_size = 1, backward_size = 1;
  kissfft<double>& plan = inverse ? backward : forward;
  std::size_t& size = inverse ? backward_size : forward_size;
  if (size != n) {
    plan = kissfft<double>(n, inverse);
    size = n;
  }
  return plan;
}

}  // namespace

std::vector<Complex> spectrum_of(std::span<const double> values) {
  const std::vector<Complex> in(values.begin(), values.end());
  std::vector<Complex> out(in.size());
  plan_of(in.size(), false).transform(in.data(), out.data());
  out.resize(in.size() / 2 + 1);
  return out;
}

std::vector<double> series_of(std::span<const Complex> spectrum, std::size_t n) {
  std::vector<Complex> in(n), out(n);
  for (std::size_t k = 0; k < n; ++k) in[k] = k < spectrum.size() ? spectrum[k] : std::conj(spectrum[n - k]);
  plan_of(n, true).transform(in.data(), out.data());
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = out[i].real() / static_cast<double>(n);
  return values;
}

}  // namespace leaven::kernels
