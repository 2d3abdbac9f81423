// The few charts of a proof, as SVG inside a page.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "flow/html.hpp"

namespace leaven::learn {

/// The colour of the n-th arm, the same in all charts; readable on light and dark ground.
std::string_view arm_colour(std::size_t arm);
/// Names beside their colours.
void write_key(flow::HtmlWriter& page, const std::vector<std::string>& arms);

struct ForestRow {
  std::string name{};
  double mean{}, lo{}, hi{};
  bool strong{};        ///< the test that decides
  std::string text{};   ///< at the right end
};
/// A line for each interval, about 0; the grey band is ±margin.
void write_forest(flow::HtmlWriter& page, const std::vector<ForestRow>& rows, double margin);

struct Line {
  std::size_t arm{};
  std::vector<std::pair<double, double>> points{};
};
/// Lines over a common axis from 0 (x) and the least value seen (y).
void write_lines(flow::HtmlWriter& page, const std::vector<Line>& lines, std::string_view x, std::string_view y);

/// For each name a bar for each arm, of 0 to 100; values below 0 are left out.
void write_bars(flow::HtmlWriter& page, const std::vector<std::string>& names, const std::vector<std::vector<double>>& by_arm);

}  // namespace leaven::learn
