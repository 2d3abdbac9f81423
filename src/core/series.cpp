#include "core/series.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace leaven {

double value_at(std::span<const double> values, double time) {
  const double last = static_cast<double>(values.size()) - 1;
  const double inside = std::clamp(time, 0.0, last);
  const double below = std::floor(inside), part = inside - below;
  const auto i = static_cast<std::size_t>(below);
  if (part == 0) return values[i];
  return values[i] * (1 - part) + values[i + 1] * part;
}

SeriesShape shape_of(const Series& series, std::vector<std::string> names) {
  return {series.length, series.channels, !series.stamps.empty(), std::move(names)};
}

}  // namespace leaven
