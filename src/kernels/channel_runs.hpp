// Runs of doubles along one channel of a series. Each value is worked out by the same operations in the same order on every
// target, sums in eight lanes, so bits are the same everywhere. NaN: missing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace leaven::kernels {

/// out[i] is the value at time `first + slope·i`, in samples, linear between neighbours; before the first sample and after the
/// last that one stays. On a sample its neighbour does not matter; between two, one of them missing, so is it. `values` are at least one.
void sample_line(std::span<const double> values, double first, double slope, std::span<double> out);
/// The same at any times; none of them NaN.
void sample_times(std::span<const double> values, std::span<const double> times, std::span<double> out);

/// Of the values that are there.
struct RunSums {
  double count{}, sum{};
};
RunSums sums_of(std::span<const double> values);
/// Sum of (value − mean)².
double squares_about(std::span<const double> values, double mean);
/// Lowest and highest of what is there; of nothing, lowest is +inf and highest −inf.
struct RunRange {
  double lowest{}, highest{};
};
RunRange range_of(std::span<const double> values);

/// Each value becomes the middle of its part of the range, cut into `levels` parts of `width` from `lowest` on. Missing stays.
void round_to_levels(std::span<double> values, double lowest, double width, int levels);

/// values[i] × factor, in place.
void multiply(std::span<double> values, double factor);
/// values[i] × factors[i], in place.
void multiply(std::span<double> values, std::span<const double> factors);
/// values[i] + size · offsets[i], in place.
void add_scaled(std::span<double> values, double size, std::span<const double> offsets);
void add_scaled(std::span<double> values, double size, std::span<const float> offsets);

/// Up to 64 words: bit i tells whether words[i] ≤ highest.
std::uint64_t words_up_to(std::span<const std::uint32_t> words, std::uint32_t highest);

/// out[i] = Σ weights[k]·padded[i + k] / total, from k = 0 on. `padded` are out.size() + weights.size() − 1, apart from `out`.
void weighted_means(std::span<const double> padded, std::span<const double> weights, double total, std::span<double> out);

/// A cubic between two points: out[i] at b = begin + step·i, a = 1 − b, is a·from + b·to + (a³ − a)·bend_from + (b³ − b)·bend_to.
struct Cubic {
  double from{}, to{}, bend_from{}, bend_to{};
};
/// b of out[i] is (first + i)·step − begin.
void cubic_run(const Cubic& cubic, std::size_t first, double step, double begin, std::span<double> out);

}  // namespace leaven::kernels
