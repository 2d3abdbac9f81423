// How often each op ran, and which values were drawn.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "flow/report_sections.hpp"
#include "flow/report_text.hpp"

namespace leaven::flow {

namespace {

constexpr std::size_t kBins = 24, kFewBins = 10, kFewValues = 60;
constexpr int kWidth = 240, kHeight = 56, kBase = 14;  // px: of the drawing, of the bars, of the text below them

std::string px(double value) { return fmt::format("{:.2f}", value); }

void write_text(HtmlWriter& page, double x, const char* anchor, const std::string& text) {
  page.element("text", {{"x", px(x)}, {"y", px(kHeight + kBase - 2)}, {"text-anchor", anchor}}, text);
}

void write_bars(HtmlWriter& page, const std::vector<std::uint64_t>& counts, const std::string& what, auto&& below) {
  const std::string box = fmt::format("0 0 {} {}", kWidth, kHeight + kBase);
  const auto highest = static_cast<double>(std::max<std::uint64_t>(1, *std::ranges::max_element(counts)));
  const double step = static_cast<double>(kWidth) / static_cast<double>(counts.size());
  page.element("svg", {{"viewBox", box}, {"role", "img"}, {"aria-label", what}}, [&] {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      const double height = std::max(1.0, static_cast<double>(counts[i]) / highest * kHeight);
      page.element("rect",
                   {{"x", px(step * static_cast<double>(i) + 0.5)},
                    {"y", px(kHeight - height)},
                    {"width", px(std::max(1.0, step - 1))},
                    {"height", px(height)}},
                   "");
    }
    page.element("line", {{"x1", "0"}, {"x2", px(kWidth)}, {"y1", px(kHeight)}, {"y2", px(kHeight)}}, "");
    below(step);
  });
}

bool whole_and_few(const FieldStatistics& field) {
  return field.field->type == FieldType::integer && field.numbers.highest() - field.numbers.lowest() < kBins;
}

void write_numbers(HtmlWriter& page, const FieldStatistics& field, const std::string& what) {
  const Histogram& h = field.numbers;
  const double range = h.highest() - h.lowest();
  const std::size_t bins = whole_and_few(field)     ? static_cast<std::size_t>(range) + 1
                           : h.count() < kFewValues ? kFewBins
                                                    : kBins;
  const std::string unit = unit_suffix(field.field->facts.unit);
  page.element("span", {{"class", "soft"}},
               fmt::format("{}, mean {}{}", field.field->name, number_text(h.mean(), range), unit));
  write_bars(page, h.counts(bins), what, [&](double) {
    write_text(page, 0, "start", number_text(h.lowest(), range) + unit);
    write_text(page, kWidth, "end", number_text(h.highest(), range) + unit);
  });
}

void write_words(HtmlWriter& page, const FieldStatistics& field, const std::string& what) {
  page.element("span", {{"class", "soft"}}, std::string(field.field->name));
  std::vector<std::uint64_t> counts;
  for (const auto& [word, count] : field.words) counts.push_back(count);
  write_bars(page, counts, what, [&](double step) {
    double x = step / 2;
    for (const auto& [word, count] : field.words) {
      write_text(page, x, "middle", word);
      x += step;
    }
  });
}

/// Lists that an op worked out by itself (the corners of a crop) mix unlike things in one histogram.
bool tells_something(const FieldStatistics& field) {
  if (!field.varies()) return false;
  if (field.field->type == FieldType::numbers) return !field.field->facts.resolved && field.numbers.count() > 0;
  const bool number = field.field->type == FieldType::number || field.field->type == FieldType::integer;
  return number ? field.numbers.count() > 0 : !field.many_words;
}

void write_field(HtmlWriter& page, const FieldStatistics& field) {
  const std::string what = std::string(field.field->name) + ": " + std::string(field.field->facts.doc);
  page.element("div", {{"title", what}}, [&] {
    const FieldType type = field.field->type;
    if (type == FieldType::choice || type == FieldType::boolean || type == FieldType::text)
      write_words(page, field, what);
    else
      write_numbers(page, field, what);
  });
}

}  // namespace

void write_ops(HtmlWriter& page, const ReportFacts& facts) {
  if (facts.statistics.ops.empty()) return;
  page.element("section", [&] {
    page.element("h2", "What was done to the copies");
    page.element("p", {{"class", "soft"}},
                 "Each histogram shows the values that were drawn, from the least to the greatest.");
    page.element("div", {{"class", "ops"}}, [&] {
      for (const OpStatistics& op : facts.statistics.ops)
        page.element("div", {{"class", "op"}}, [&] {
          const double share = static_cast<double>(op.outputs) /
                               static_cast<double>(std::max<std::uint64_t>(1, facts.statistics.copies));
          page.element("h3", std::string(op.op->name));
          page.element("p", {{"class", "soft"}},
                       fmt::format("{}. In {} ({:.0f} %).", op.op->summary, count_text(op.outputs, "copy", "copies"),
                                   share * 100));
          for (const FieldStatistics& field : op.fields)
            if (tells_something(field)) write_field(page, field);
        });
    });
  });
}

}  // namespace leaven::flow
