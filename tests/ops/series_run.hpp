// Runs ops on small series: what tests of series share.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "plan/series/draw_series.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {

inline constexpr double kGap = std::numeric_limits<double>::quiet_NaN();

/// Waves and a little noise, another for each number; with gaps, stamps and marks where asked.
inline Series wavy_series(std::size_t length, std::size_t channels, std::uint64_t number = 1, bool odd = false) {
  Series series{length, channels, {}, {}, {}};
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < length; ++i) {
      const double wave = std::sin(0.3 * static_cast<double>(i + 7 * c + number)) + 0.1 * static_cast<double>(c);
      const bool gap = odd && (i + c) % 11 == 5;
      series.values.push_back(gap ? kGap : wave + 0.05 * draw_unit(key_number(number), c * length + i));
    }
  if (!odd) return series;
  double stamp = 1000;
  for (std::size_t i = 0; i < length; ++i) series.stamps.push_back(stamp += 0.5 + draw_unit(key_number(number + 77), i));
  series.marks.resize(2);
  series.marks[1].events = true;
  for (std::size_t i = 0; i < length; ++i) {
    series.marks[0].words.push_back(i * 2 < length ? "rest" : "walk");
    series.marks[1].words.push_back(i % 9 == 4 ? "beat" : "");
  }
  return series;
}

inline plan::FindSeries series_finder(std::size_t channels) {
  return [channels](const ProgramPartner& partner) {
    const std::uint64_t number = std::stoull(partner.source);
    return plan::SeriesPartner{partner.source, "", "a", std::make_shared<const Series>(wavy_series(20 + number, channels, number + 2))};
  };
}

inline plan::DrawnSeries lowered(const std::vector<OpValue>& ops, const Series& series, Key key = kKey, bool fuse = true) {
  Program program;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    ProgramStep step{std::string(ops[i].info().name), ops[i], {key.low + i, key.high}, {}, {}};
    for (int p = 1; p <= ops[i].info().partners; ++p) step.partners.push_back({std::to_string(p), "", "a", {}});
    program.steps.push_back(std::move(step));
  }
  std::vector<std::string> names;
  for (std::size_t c = 0; c < series.channels; ++c) names.push_back("c" + std::to_string(c));
  return plan::lower_series(program, shape_of(series, names), "a", series_finder(series.channels), fuse);
}

inline Series run(const std::vector<OpValue>& ops, const Series& series, Key key = kKey, bool fuse = true) {
  return plan::run_fast(plan::plan_series(lowered(ops, series, key, fuse).lowered, fuse), series);
}
inline Series run(std::string_view name, Settings settings, const Series& series) { return run({make_op(name, settings)}, series); }

inline Series series_of(std::vector<double> values) {
  const std::size_t length = values.size();
  return {length, 1, std::move(values), {}, {}};
}

inline bool same_values(const std::vector<double>& a, const std::vector<double>& b, double bound = 0) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::isnan(a[i]) != std::isnan(b[i]) || std::fabs(a[i] - b[i]) > bound) return false;
  return true;
}

}  // namespace leaven::ops
