#include "learn/charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "flow/report_text.hpp"

namespace leaven::learn {

namespace {

using flow::HtmlWriter;

constexpr std::array<std::string_view, 6> kColours{"#3d7bf0", "#8a929c", "#c98a0a", "#1f9d71", "#9a63d8", "#d9527f"};

std::string px(double value) { return fmt::format("{:.1f}", value); }

void text_at(HtmlWriter& page, double x, double y, std::string_view anchor, std::string_view text) {
  page.element("text", {{"x", px(x)}, {"y", px(y)}, {"text-anchor", anchor}}, text);
}

void line(HtmlWriter& page, double x1, double y1, double x2, double y2, std::string_view style) {
  page.single("line", {{"x1", px(x1)}, {"y1", px(y1)}, {"x2", px(x2)}, {"y2", px(y2)}, {"style", style}});
}

/// 1, 2 or 5 times a power of ten, so that about `count` fit into the range.
double round_step(double range, int count) {
  const double rough = std::max(1e-9, range) / count, power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough) return factor * power;
  return 10 * power;
}

struct Axis {
  double lo{}, hi{}, from{}, to{};
  double at(double value) const { return from + (value - lo) / (hi - lo) * (to - from); }
};

}  // namespace

std::string_view arm_colour(std::size_t arm) { return kColours[arm % kColours.size()]; }

void write_key(HtmlWriter& page, const std::vector<std::string>& arms) {
  page.element("p", {{"class", "key soft"}}, [&] {
    for (std::size_t a = 0; a < arms.size(); ++a) {
      page.element("i", {{"style", fmt::format("background:{}", arm_colour(a))}}, "");
      page.text(arms[a]);
    }
  });
}

void write_forest(HtmlWriter& page, const std::vector<ForestRow>& rows, double margin) {
  constexpr double kWidth = 940, kNames = 300, kTexts = 200, kRow = 26, kTop = 8;
  double most = margin;
  for (const ForestRow& row : rows) most = std::max({most, std::abs(row.lo), std::abs(row.hi)});
  const double height = kTop + kRow * static_cast<double>(rows.size()) + 24;
  const Axis x{-1.08 * most, 1.08 * most, kNames, kWidth - kTexts};
  page.element("svg", {{"viewBox", fmt::format("0 0 {} {}", kWidth, height)}, {"role", "img"}, {"aria-label", "differences with their intervals"}}, [&] {
    const double bottom = kTop + kRow * static_cast<double>(rows.size());
    page.single("rect", {{"x", px(x.at(-margin))}, {"y", px(kTop)}, {"width", px(x.at(margin) - x.at(-margin))}, {"height", px(bottom - kTop)}, {"style", "fill:var(--line);opacity:.6"}});
    const double step = round_step(2 * most, 6);
    for (double tick = -std::floor(most / step) * step; tick <= most; tick += step) {
      line(page, x.at(tick), kTop, x.at(tick), bottom, "stroke:var(--line)");
      text_at(page, x.at(tick), bottom + 16, "middle", std::abs(tick) < step / 2 ? "0" : fmt::format("{:+g}", tick));
    }
    line(page, x.at(0), kTop, x.at(0), bottom, "stroke:var(--ink)");
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const ForestRow& row = rows[r];
      const double y = kTop + kRow * (static_cast<double>(r) + 0.5);
      const std::string_view colour = row.lo > 0 ? "#1f9d71" : row.hi < 0 ? "#d9527f" : "var(--soft)";
      page.element("text", {{"x", px(kNames - 12)}, {"y", px(y + 4)}, {"text-anchor", "end"}, {"style", row.strong ? "font-weight:700;font-size:13px;fill:var(--ink)" : "font-size:12px"}}, row.name);
      line(page, x.at(row.lo), y, x.at(row.hi), y, fmt::format("stroke:{};stroke-width:{}", colour, row.strong ? 4 : 2));
      page.single("circle", {{"cx", px(x.at(row.mean))}, {"cy", px(y)}, {"r", row.strong ? "6" : "4"}, {"style", fmt::format("fill:{}", colour)}});
      page.element("text", {{"x", px(kWidth - kTexts + 12)}, {"y", px(y + 4)}, {"style", row.strong ? "font-weight:700;font-size:13px;fill:var(--ink)" : "font-size:12px"}}, row.text);
    }
  });
}

void write_lines(HtmlWriter& page, const std::vector<Line>& lines, std::string_view x_name, std::string_view y_name) {
  constexpr double kWidth = 460, kHeight = 240, kLeft = 44, kBottom = 40;
  double x_most = 1, y_least = 1e300, y_most = -1e300;
  for (const Line& l : lines)
    for (const auto& [px_value, py_value] : l.points) x_most = std::max(x_most, px_value), y_least = std::min(y_least, py_value), y_most = std::max(y_most, py_value);
  if (y_least > y_most) return;
  const double room = std::max(0.02, 0.06 * (y_most - y_least));
  const Axis x{0, x_most, kLeft, kWidth - 10}, y{y_least - room, y_most + room, kHeight - kBottom, 8};
  page.element("svg", {{"viewBox", fmt::format("0 0 {} {}", kWidth, kHeight)}, {"role", "img"}, {"aria-label", y_name}}, [&] {
    const double y_step = round_step(y.hi - y.lo, 5), x_step = round_step(x_most, 5);
    for (double tick = std::ceil(y.lo / y_step) * y_step; tick <= y.hi; tick += y_step) {
      line(page, kLeft, y.at(tick), kWidth - 10, y.at(tick), "stroke:var(--line)");
      text_at(page, kLeft - 6, y.at(tick) + 4, "end", flow::number_text(tick, y.hi - y.lo));
    }
    for (double tick = 0; tick <= x_most; tick += x_step) text_at(page, x.at(tick), kHeight - kBottom + 16, "middle", fmt::format("{:g}", tick));
    text_at(page, (kLeft + kWidth - 10) / 2, kHeight - 6, "middle", x_name);
    for (const Line& l : lines) {
      std::string points;
      for (const auto& [a, b] : l.points) points += px(x.at(a)) + "," + px(y.at(b)) + " ";
      page.single("polyline", {{"points", points}, {"style", fmt::format("fill:none;stroke:{};stroke-width:2", arm_colour(l.arm))}});
    }
  });
}

void write_bars(HtmlWriter& page, const std::vector<std::string>& names, const std::vector<std::vector<double>>& by_arm) {
  page.element("div", {{"class", "bars"}}, [&] {
    for (std::size_t n = 0; n < names.size(); ++n) {
      page.element("span", {{"class", "name"}, {"title", names[n]}}, names[n]);
      page.element("span", [&] {
        for (std::size_t a = 0; a < by_arm.size(); ++a) {
          if (by_arm[a][n] < 0) continue;
          page.element("span", {{"class", "bar"}, {"style", "height:7px;margin:1px 0"}}, [&] {
            page.element("i", {{"style", fmt::format("width:{:.1f}%;background:{}", by_arm[a][n], arm_colour(a))}}, "");
          });
        }
      });
      std::string values;
      for (const std::vector<double>& arm : by_arm) values += (values.empty() ? "" : " · ") + (arm[n] < 0 ? "–" : fmt::format("{:.1f}", arm[n]));
      page.element("span", {{"class", "n"}}, values);
    }
  });
}

}  // namespace leaven::learn
