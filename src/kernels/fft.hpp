// The discrete Fourier transform of real series.
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace leaven::kernels {

/// Frequencies 0 … n/2 of n values, n ≥ 1.
std::vector<std::complex<double>> spectrum_of(std::span<const double> values);
/// The n values whose spectrum that is: spectrum.size() = n/2 + 1; scaled so that it undoes spectrum_of().
std::vector<double> series_of(std::span<const std::complex<double>> spectrum, std::size_t n);

}  // namespace leaven::kernels
