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
  const double between = values[i] * (1 - part) + values[i + 1] * part;
  if (!std::isnan(between)) return between;
  // Beside a missing sample the nearest one's value, so that moving time makes no gap wider.
  constexpr double kRounding = 1e-6;  // of a sample: halves go up, whatever way their time was worked out
  return values[part + kRounding < 0.5 ? i : i + 1];
}

SeriesShape shape_of(const Series& series, std::vector<std::string> names) {
  return {series.length, series.channels, !series.stamps.empty(), std::move(names)};
}

}  // namespace leaven
