// The few charts of a proof: lines as SVG that fits any width, all words as text of the page, so that they stay as large as it.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "flow/html.hpp"

namespace leaven::learn {

/// "+1.25", "−0.40".
std::string signed_text(double value);

/// The colour of the n-th arm, the same in all charts; readable on light and dark ground. Ten of them; lines of the next ten are dashed.
std::string_view arm_colour(std::size_t arm);
struct KeyEntry {
  std::size_t arm{};
  std::string name{};
};
/// Names beside their lines.
void write_key(flow::HtmlWriter& page, const std::vector<KeyEntry>& arms);

struct ForestRow {
  std::string name{};
  double mean{}, lo{}, hi{};
  bool strong{};        ///< the test that decides
  std::string text{};   ///< at the right end
  bool coloured{true};  ///< whether a side of 0 may be called better or worse
  std::string heading{};         ///< of this row and those below; empty: none
  std::vector<double> points{};  ///< what the interval is of
};
/// A line for each interval, with 0 and the band ±margin behind all of them.
void write_forest(flow::HtmlWriter& page, const std::vector<ForestRow>& rows, double margin);

struct Line {
  std::size_t arm{};
  std::vector<std::pair<double, double>> points{};
  std::optional<std::size_t> marked{};  ///< one of the points
};
struct Range {
  double lo{std::numeric_limits<double>::quiet_NaN()}, hi{std::numeric_limits<double>::quiet_NaN()};  ///< NaN: as the lines need
};
/// Lines over a common axis from `x_from`; nothing without points.
void write_lines(flow::HtmlWriter& page, const std::vector<Line>& lines, std::string_view x, std::string_view y, Range y_range = {}, double x_from = 0);

/// For each name a bar for each arm, of 0 to 100, with its number; values below 0 are left out.
void write_bars(flow::HtmlWriter& page, const std::vector<std::string>& names, const std::vector<std::vector<double>>& by_arm);

}  // namespace leaven::learn
