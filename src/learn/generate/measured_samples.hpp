// What pictures or series are like in single numbers that a person can read, real ones beside new ones.
#pragma once

#include <string>
#include <vector>

#include "flow/html.hpp"
#include "learn/generate/image_data.hpp"

namespace leaven::learn {

/// One number of each real and of each new sample.
struct MeasuredSamples {
  std::string name{};
  std::vector<double> real{}, made{};
  /// Kolmogorov-Smirnov, 0 … 1.
  double distance() const;
};

/// Neither may be empty. Pictures: brightness, contrast, sharpness and, of colours, colourfulness (Hasler and Süsstrunk 2003), all in levels of
/// 255. Series, all channels together: mean, deviation, change from sample to sample, in percent of the range.
std::vector<MeasuredSamples> measured_samples(const ImageData& real, const ImageData& made, bool series);

/// The root of the mean squared difference of values, in the same units. `squared`: sum of squared differences.
double told_distance(float squared, const InputShape& shape, bool series);

/// A histogram for each.
void write_measured(flow::HtmlWriter& page, const std::vector<MeasuredSamples>& measured, bool series);

}  // namespace leaven::learn
