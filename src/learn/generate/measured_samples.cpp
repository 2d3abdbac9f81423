#include "learn/generate/measured_samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "flow/table_report.hpp"
#include "learn/charts.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kFewestBins = 6, kMostBins = 24, kRealArm = 0, kMadeArm = 9;
constexpr double kFar = 0.005;  // share at either end that shares the last bin, so that a few do not press all others into one

double unit_of(bool series) { return series ? 100 : 255; }

struct Moments {
  double mean{}, deviation{};
};
Moments moments(const std::vector<double>& values) {
  double sum = 0, squares = 0;
  for (const double v : values) sum += v;
  const double mean = sum / static_cast<double>(values.size());
  for (const double v : values) squares += (v - mean) * (v - mean);
  return {mean, std::sqrt(squares / static_cast<double>(values.size()))};
}

/// A plane in [0, 1] for each channel, of which a picture has one or three.
std::vector<double> plane(std::span<const float> sample, const InputShape& shape, int channel) {
  const std::size_t size = shape.values() / static_cast<std::size_t>(shape.channels);
  const auto values = sample.subspan(static_cast<std::size_t>(channel) * size, size);
  return {values.begin(), values.end()};
}

/// Rec. 601.
std::vector<double> grey_of(std::span<const float> picture, const InputShape& shape) {
  std::vector<double> grey = plane(picture, shape, 0);
  if (shape.channels == 1) return grey;
  const std::vector<double> green = plane(picture, shape, 1), blue = plane(picture, shape, 2);
  for (std::size_t i = 0; i < grey.size(); ++i) grey[i] = 0.299 * grey[i] + 0.587 * green[i] + 0.114 * blue[i];
  return grey;
}

/// Mean absolute difference of neighbours, along rows and, of pictures, down columns.
double mean_change(const std::vector<double>& values, const InputShape& shape, bool down) {
  const auto width = static_cast<std::size_t>(shape.width), height = values.size() / width;
  double sum = 0, pairs = 0;
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      if (x > 0) sum += std::abs(values[y * width + x] - values[y * width + x - 1]), pairs += 1;
      if (down && y > 0) sum += std::abs(values[y * width + x] - values[(y - 1) * width + x]), pairs += 1;
    }
  return pairs > 0 ? sum / pairs : 0;
}

double colourfulness(std::span<const float> picture, const InputShape& shape) {
  const std::vector<double> red = plane(picture, shape, 0), green = plane(picture, shape, 1), blue = plane(picture, shape, 2);
  std::vector<double> red_green, yellow_blue;
  for (std::size_t i = 0; i < red.size(); ++i) red_green.push_back(red[i] - green[i]), yellow_blue.push_back((red[i] + green[i]) / 2 - blue[i]);
  const Moments a = moments(red_green), b = moments(yellow_blue);
  return std::hypot(a.deviation, b.deviation) + 0.3 * std::hypot(a.mean, b.mean);
}

double quantile(const std::vector<double>& sorted, double share) { return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))]; }

/// The outline of a histogram: share in percent over each bin.
std::vector<std::pair<double, double>> outline(const std::vector<double>& values, double lo, double hi, std::size_t bins) {
  const auto all = static_cast<double>(bins);
  std::vector<double> counts(bins);
  for (const double v : values) ++counts[std::min(bins - 1, static_cast<std::size_t>(std::clamp((v - lo) / (hi - lo), 0.0, 1.0) * all))];
  std::vector<std::pair<double, double>> points{{lo, 0}};
  for (std::size_t b = 0; b < bins; ++b)
    for (const std::size_t end : {b, b + 1}) points.emplace_back(lo + (hi - lo) * static_cast<double>(end) / all, 100 * counts[b] / static_cast<double>(values.size()));
  points.emplace_back(hi, 0);
  return points;
}

void write_histogram(flow::HtmlWriter& page, const MeasuredSamples& m) {
  std::vector<double> all = m.real;
  all.insert(all.end(), m.made.begin(), m.made.end());
  std::ranges::sort(all);
  double lo = quantile(all, kFar), hi = quantile(all, 1 - kFar);
  if (!(hi > lo)) lo -= 0.5, hi += 0.5;
  const auto bins = std::clamp(static_cast<std::size_t>(std::sqrt(static_cast<double>(std::min(m.real.size(), m.made.size())))), kFewestBins, kMostBins);
  page.element("div", [&] {
    page.element("h3", m.name);
    write_lines(page, {{kRealArm, outline(m.real, lo, hi, bins)}, {kMadeArm, outline(m.made, lo, hi, bins)}}, "", m.name, {.lo = 0}, lo);
    page.element("p", {{"class", "soft"}}, fmt::format("Kolmogorov-Smirnov distance {:.3f}", m.distance()));
  });
}

}  // namespace

double MeasuredSamples::distance() const { return flow::ks_distance(real, made); }

std::vector<MeasuredSamples> measured_samples(const ImageData& real, const ImageData& made, bool series) {
  const InputShape& shape = real.shape;
  const double unit = unit_of(series);
  std::vector<MeasuredSamples> measured;
  const auto measure = [&](const char* name, const std::function<double(std::span<const float>)>& of) {
    MeasuredSamples& m = measured.emplace_back();
    m.name = name;
    for (std::size_t i = 0; i < real.size(); ++i) m.real.push_back(unit * of(real.of(i)));
    for (std::size_t i = 0; i < made.size(); ++i) m.made.push_back(unit * of(made.of(i)));
  };
  const auto values = [&](std::span<const float> sample) { return series ? std::vector<double>(sample.begin(), sample.end()) : grey_of(sample, shape); };
  measure(series ? "mean, % of the range" : "brightness, levels", [&](std::span<const float> s) { return moments(values(s)).mean; });
  measure(series ? "deviation, % of the range" : "contrast, levels", [&](std::span<const float> s) { return moments(values(s)).deviation; });
  measure(series ? "change from sample to sample, % of the range" : "sharpness, levels from pixel to pixel", [&](std::span<const float> s) { return mean_change(values(s), shape, !series); });
  if (!series && shape.channels == 3) measure("colourfulness, levels", [&](std::span<const float> s) { return colourfulness(s, shape); });
  return measured;
}

double told_distance(float squared, const InputShape& shape, bool series) { return unit_of(series) * std::sqrt(static_cast<double>(squared) / static_cast<double>(shape.values())); }

void write_measured(flow::HtmlWriter& page, const std::vector<MeasuredSamples>& measured, bool series) {
  if (measured.empty()) return;
  page.element("section", [&] {
    page.element("h2", "Distributions, shares in percent");
    write_key(page, {{kRealArm, series ? "held-out series" : "held-out pictures"}, {kMadeArm, series ? "new series" : "new pictures"}});
    page.element("div", {{"class", "panels"}}, [&] {
      for (const MeasuredSamples& m : measured) write_histogram(page, m);
    });
    page.element("p", {{"class", "soft"}}, "Where new ones lie nearer to those that the generator saw than held-out ones do, it has learnt single ones by heart; where they lie much farther, they are like none.");
  });
}

}  // namespace leaven::learn
