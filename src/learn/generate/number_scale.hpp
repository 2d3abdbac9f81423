// The scale on which a column's numbers look most like a normal law: what a network sees in their place.
#pragma once

#include <cstdint>
#include <vector>

namespace leaven::learn {

/// A number as a place, in deviations about the mean of those that were seen. Below and above the ends no number was seen.
struct NumberScale {
  enum class Law : std::uint8_t { straight, logarithm, inverse_sinh };
  Law law{};
  double centre{}, width{1};  ///< of the inverse hyperbolic sine: median, and half of the range that the middle half covers
  double mean{}, deviation{1};
  double lo{}, hi{};          ///< ends, as numbers

  double place(double number) const;
  double number(double place) const;

  /// What a file may hold: all finite, widths above 0, ends in order and on the scale.
  bool is_sound() const;
};

/// Of numbers, at least one. Each stands for all that are written like it: those `unit` / 2 about it, which the ends include (0: for
/// itself). Of the scale as it is, its logarithm (where all ends are above 0) and the inverse hyperbolic sine about the median the one
/// under which the numbers are most likely from a normal law (Box and Cox 1964).
NumberScale scale_of(std::vector<double> numbers, double unit);

}  // namespace leaven::learn
