// Series as line plots in SVG.
#pragma once

#include <string>
#include <vector>

#include "core/series.hpp"
#include "flow/html.hpp"

namespace leaven::flow {

/// A line of a plot; `kind` is its class in the page's style.
struct PlottedSeries {
  const Series* series{};
  std::string kind{};
};

/// All lines over each other, channels below each other on scales of their own; at most six channels. Gaps stay gaps, and long
/// series are drawn by the lowest and highest value of each column.
void write_plot(HtmlWriter& page, const std::vector<PlottedSeries>& lines, const std::vector<std::string>& channels, int width,
                const std::string& title);

}  // namespace leaven::flow
