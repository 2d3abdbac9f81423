#include "flow/series_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace leaven::flow {

namespace {

constexpr int kChannelHeight = 110, kMargin = 6;  // px
constexpr std::size_t kMostChannels = 6;
constexpr std::size_t kMostPoints = 600;          // of one line: more than pixels

struct Scale {
  double lowest{std::numeric_limits<double>::infinity()}, highest{-std::numeric_limits<double>::infinity()};
  double first{std::numeric_limits<double>::infinity()}, last{-std::numeric_limits<double>::infinity()};
};

double time_of(const Series& series, std::size_t i) { return series.stamps.empty() ? static_cast<double>(i) : series.stamps[i]; }

Scale scale_of(const std::vector<PlottedSeries>& lines, std::size_t channel) {
  Scale scale;
  for (const PlottedSeries& line : lines) {
    if (channel >= line.series->channels || line.series->length == 0) continue;
    scale.first = std::min(scale.first, time_of(*line.series, 0));
    scale.last = std::max(scale.last, time_of(*line.series, line.series->length - 1));
    for (const double value : line.series->channel(channel)) {
      if (!std::isfinite(value)) continue;
      scale.lowest = std::min(scale.lowest, value);
      scale.highest = std::max(scale.highest, value);
    }
  }
  return scale;
}

double share(double value, double from, double to) { return to > from ? (value - from) / (to - from) : 0.5; }

class PathWriter {
 public:
  PathWriter(const Scale& scale, int width, int top) : scale_(scale), width_(width), top_(top) {}

  std::string path(const Series& series, std::size_t channel) {
    const auto values = series.channel(channel);
    const std::size_t each = std::max<std::size_t>(1, series.length / kMostPoints);
    for (std::size_t i = 0; i < series.length; i += each) {
      std::size_t low = i, high = i;
      for (std::size_t j = i; j < std::min(i + each, series.length); ++j) {
        if (values[j] < values[low]) low = j;
        if (values[j] > values[high]) high = j;
      }
      point(time_of(series, std::min(low, high)), values[std::min(low, high)]);
      if (low != high) point(time_of(series, std::max(low, high)), values[std::max(low, high)]);
    }
    return std::move(text_);
  }

 private:
  void point(double time, double value) {
    if (!std::isfinite(value)) {
      pen_down_ = false;
      return;
    }
    const double x = kMargin + share(time, scale_.first, scale_.last) * (width_ - 2 * kMargin);
    const double y = top_ + kChannelHeight - kMargin - share(value, scale_.lowest, scale_.highest) * (kChannelHeight - 2 * kMargin);
    text_ += fmt::format("{}{:.1f} {:.1f}", pen_down_ ? "L" : "M", x, y);
    pen_down_ = true;
  }

  const Scale& scale_;
  int width_, top_;
  bool pen_down_{};
  std::string text_{};
};

}  // namespace

void write_plot(HtmlWriter& page, const std::vector<PlottedSeries>& lines, const std::vector<std::string>& channels, int width,
                const std::string& title) {
  const std::size_t shown = std::min(channels.size(), kMostChannels);
  const std::string height = std::to_string(static_cast<int>(shown) * kChannelHeight), wide = std::to_string(width);
  page.element("svg", {{"class", "series"}, {"viewBox", "0 0 " + wide + " " + height}, {"width", wide}, {"height", height}, {"role", "img"}, {"aria-label", title}}, [&] {
    page.element("title", title);
    for (std::size_t c = 0; c < shown; ++c) {
      const Scale scale = scale_of(lines, c);
      const int top = static_cast<int>(c) * kChannelHeight;
      for (const PlottedSeries& line : lines)
        if (c < line.series->channels)
          page.single("path", {{"class", line.kind}, {"d", PathWriter(scale, width, top).path(*line.series, c)}});
      if (shown > 1)
        page.element("text", {{"x", std::to_string(kMargin)}, {"y", std::to_string(top + 12)}}, channels[c]);
    }
  });
  if (channels.size() > shown)
    page.element("p", {{"class", "soft"}}, fmt::format("{} channels more.", channels.size() - shown));
}

}  // namespace leaven::flow
