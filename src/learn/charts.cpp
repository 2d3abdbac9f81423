#include "learn/charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "flow/report_text.hpp"

namespace leaven::learn {

namespace {

using flow::HtmlWriter;

constexpr std::array<std::string_view, 10> kColours{"#3d7bf0", "#8a929c", "#c98a0a", "#1f9d71", "#9a63d8", "#d9527f", "#12a5c4", "#a3703f", "#86a016", "#e5602b"};
constexpr std::string_view kBetter = "#1f9d71", kWorse = "#d9527f";

/// Of a chart's width or height, in percent.
std::string share(double value) { return fmt::format("{:.2f}%", 100 * value); }

std::string_view dashes(std::size_t arm) {
  constexpr std::array<std::string_view, 3> kDashes{"", "7 4", "2 3"};
  return kDashes[arm / kColours.size() % kDashes.size()];
}

/// 1, 2 or 5 times a power of ten, so that about `count` fit into the range.
double round_step(double range, int count) {
  const double rough = std::max(1e-9, range) / count, power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough) return factor * power;
  return 10 * power;
}

struct Axis {
  double lo{}, hi{};
  double at(double value) const { return (value - lo) / (hi - lo); }
  std::vector<double> ticks(int count) const {
    const double step = round_step(hi - lo, count);
    std::vector<double> found;
    for (double n = std::ceil(lo / step - 1e-9); n * step <= hi + 1e-9 * step; ++n) found.push_back(n * step + 0.0);  // no −0
    return found;
  }
};

void write_forest_row(HtmlWriter& page, const ForestRow& row, const Axis& x, double margin) {
  const std::string_view colour = !row.coloured ? "var(--soft)" : row.lo > 0 ? kBetter : row.hi < 0 ? kWorse : "var(--soft)";
  page.element("div", {{"class", row.strong ? "row strong" : "row"}}, [&] {
    page.element("span", {{"class", "name"}}, row.name);
    page.element("span", {{"class", "track"}}, [&] {
      page.element("i", {{"class", "band"}, {"style", fmt::format("left:{};width:{}", share(x.at(-margin)), share(x.at(margin) - x.at(-margin)))}}, "");
      page.element("i", {{"class", "zero"}, {"style", "left:" + share(x.at(0))}}, "");
      for (const double point : row.points) page.element("i", {{"class", "point"}, {"style", "left:" + share(x.at(point))}}, "");
      page.element("i", {{"class", "line"}, {"style", fmt::format("left:{};width:{};background:{}", share(x.at(row.lo)), share(x.at(row.hi) - x.at(row.lo)), colour)}}, "");
      page.element("i", {{"class", "dot"}, {"style", fmt::format("left:{};background:{}", share(x.at(row.mean)), colour)}}, "");
    });
    page.element("span", {{"class", "n"}}, row.text);
  });
}

void write_ticks(HtmlWriter& page, const Axis& x, const Axis& y, std::string_view x_name) {
  for (const double tick : y.ticks(5)) {
    page.element("i", {{"style", "bottom:" + share(y.at(tick))}}, "");
    page.element("span", {{"class", "y"}, {"style", "bottom:" + share(y.at(tick))}}, flow::number_text(tick, y.hi - y.lo));
  }
  for (const double tick : x.ticks(5)) page.element("span", {{"class", "x"}, {"style", "left:" + share(x.at(tick))}}, fmt::format("{:g}", tick));
  page.element("span", {{"class", "what"}}, x_name);
}

}  // namespace

std::string signed_text(double value) {
  const std::string text = fmt::format("{:+.2f}", value);
  return text[0] == '-' ? "−" + text.substr(1) : text;
}

std::string_view arm_colour(std::size_t arm) { return kColours[arm % kColours.size()]; }

void write_key(HtmlWriter& page, const std::vector<KeyEntry>& arms) {
  page.element("p", {{"class", "lines-key soft"}}, [&] {
    for (const KeyEntry& entry : arms)
      page.element("span", [&] {
        const bool dashed = !dashes(entry.arm).empty();
        page.element("i", {{"style", dashed ? fmt::format("background:repeating-linear-gradient(90deg,{} 0 5px,transparent 5px 9px)", arm_colour(entry.arm)) : fmt::format("background:{}", arm_colour(entry.arm))}}, "");
        page.text(entry.name);
      });
  });
}

void write_forest(HtmlWriter& page, const std::vector<ForestRow>& rows, double margin) {
  double least = -margin, most = margin;
  for (const ForestRow& row : rows) {
    least = std::min(least, row.lo), most = std::max(most, row.hi);
    for (const double point : row.points) least = std::min(least, point), most = std::max(most, point);
  }
  const double room = 0.04 * (most - least);
  const Axis x{least - room, most + room};
  std::size_t names = 0, texts = 0;
  for (const ForestRow& row : rows) names = std::max(names, row.name.size()), texts = std::max(texts, row.text.size());
  page.element("div", {{"class", "forest"}, {"role", "img"}, {"aria-label", "differences with their intervals"}, {"style", fmt::format("--names:{}ch;--texts:{}ch", std::min<std::size_t>(names + 2, 40), texts + 4)}}, [&] {
    for (const ForestRow& row : rows) {
      if (!row.heading.empty()) page.element("div", {{"class", "heading"}}, row.heading);
      write_forest_row(page, row, x, margin);
    }
    page.element("div", {{"class", "row"}}, [&] {
      page.element("span", {{"class", "name"}}, "").element("span", {{"class", "track axis"}}, [&] {
        for (const double tick : x.ticks(6)) page.element("span", {{"style", "left:" + share(x.at(tick))}}, std::abs(tick) < 1e-9 ? "0" : (tick < 0 ? "−" : "+") + fmt::format("{:g}", std::abs(tick)));
      });
    });
  });
}

void write_lines(HtmlWriter& page, const std::vector<Line>& lines, std::string_view x_name, std::string_view y_name, Range range, double x_from) {
  double x_most = x_from + 1, y_least = std::numeric_limits<double>::infinity(), y_most = -y_least;
  for (const Line& l : lines)
    for (const auto& [a, b] : l.points) x_most = std::max(x_most, a), y_least = std::min(y_least, b), y_most = std::max(y_most, b);
  if (y_least > y_most) return;
  const double room = std::max(0.02, 0.06 * (y_most - y_least));
  const Axis x{x_from, x_most}, y{std::isnan(range.lo) ? y_least - room : range.lo, std::isnan(range.hi) ? y_most + room : range.hi};
  page.element("div", {{"class", "plot"}, {"role", "img"}, {"aria-label", y_name}}, [&] {
    write_ticks(page, x, y, x_name);
    page.element("svg", {{"viewBox", "0 0 1000 1000"}, {"preserveAspectRatio", "none"}}, [&] {
      for (const Line& l : lines) {
        std::string points;
        for (const auto& [a, b] : l.points) points += fmt::format("{:.1f},{:.1f} ", 1000 * x.at(a), 1000 * (1 - y.at(b)));
        page.single("polyline", {{"points", points}, {"stroke", arm_colour(l.arm)}, {"stroke-dasharray", dashes(l.arm)}});
      }
    });
    for (const Line& l : lines)
      if (l.marked) {
        const auto& [a, b] = l.points[*l.marked];
        page.element("b", {{"class", "mark"}, {"style", fmt::format("left:{};height:{};border-color:{}", share(x.at(a)), share(y.at(b)), arm_colour(l.arm))}}, "");
      }
  });
}

void write_bars(HtmlWriter& page, const std::vector<std::string>& names, const std::vector<std::vector<double>>& by_arm) {
  page.element("div", {{"class", "bars"}}, [&] {
    for (std::size_t n = 0; n < names.size(); ++n) {
      page.element("span", {{"class", "name"}, {"title", names[n]}}, names[n]);
      page.element("span", {{"class", "arms"}}, [&] {
        for (std::size_t a = 0; a < by_arm.size(); ++a) {
          const bool known = by_arm[a][n] >= 0;
          page.element("span", {{"class", "bar"}}, [&] {
            if (known) page.element("i", {{"style", fmt::format("width:{:.1f}%;background:{}", by_arm[a][n], arm_colour(a))}}, "");
          });
          page.element("span", {{"class", "n"}}, known ? fmt::format("{:.1f}", by_arm[a][n]) : "–");
        }
      });
    }
  });
}

}  // namespace leaven::learn
