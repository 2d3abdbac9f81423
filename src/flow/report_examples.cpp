// Originals with their copies, made again for the report by the job's own path.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "core/error.hpp"
#include "flow/pool.hpp"
#include "flow/replay.hpp"
#include "flow/report_picture.hpp"
#include "flow/report_sections.hpp"
#include "flow/series_replay.hpp"
#include "ops/families.hpp"

namespace leaven::flow {

namespace {

constexpr int kThumbnailSide = 200;            // px
constexpr std::size_t kMostBytes = 1'500'000;  // of the rows so far
constexpr std::size_t kOpenRows = 5;           // seen without a click
constexpr std::chrono::seconds kMostTime{4};

using Names = std::set<std::string, std::less<>>;

/// Ops that ran for every copy: what tells copies apart is the rest.
Names ops_of_all(const Statistics& statistics) {
  Names names;
  for (const OpStatistics& op : statistics.ops)
    if (op.outputs == statistics.copies) names.emplace(op.op->name);
  return names;
}

std::string spaced(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::string caption_of(const LineageRecord& record, const Names& of_all) {
  std::string caption;
  for (const ProgramStep& step : record.program.steps)
    if (!of_all.contains(step.op.info().name)) caption += (caption.empty() ? "" : ", ") + spaced(step.op.info().name);
  if (!caption.empty()) return caption;
  return record.program.steps.empty() ? "unchanged" : "nothing besides";
}

std::string introduction(const Names& of_all, bool series) {
  if (series) return "The thick line is the original, the thin ones are copies of it; below: what was done to each.";
  std::string text = "On the left the original, then copies of it.";
  if (of_all.empty()) return text + " Below each: what was done to it.";
  std::string names;
  for (const std::string& name : of_all) names += (names.empty() ? "" : ", ") + spaced(name);
  return text + " Every copy got " + names + "; below each: what it got besides.";
}

void write_figure(HtmlWriter& row, const Raster& pixels, const Marks& marks, std::string_view kind,
                  const std::string& caption) {
  row.element("figure", {{"class", kind}}, [&] {
    write_picture(row, pixels.view(), kThumbnailSide, caption, marks);
    row.element("figcaption", {{"title", caption}}, caption);
  });
}

/// Nothing when the source is gone or is no picture.
std::optional<std::string> row_of(const Example& example, SourceFinder& sources, const Names& of_all,
                                  const AnnotationRules& rules) {
  try {
    if (!example.lines.empty() && is_series(lineage_from_json(example.lines.front(), ops::op_table()))) return series_example(example, sources);
    HtmlWriter row;
    std::optional<LoadedSource> source;
    const bool label_shows = example.label.empty() || example.source.find(example.label + "/") != std::string::npos;
    row.element("h3", label_shows ? example.source : example.label + " · " + example.source);
    row.element("div", {{"class", "grid"}}, [&] {
      for (const std::string& line : example.lines) {
        const LineageRecord record = lineage_from_json(line, ops::op_table());
        if (!source) {
          source = decoded(sources.load(record));
          write_figure(row, source->image.pixels, {source->annotations.get(), sources.categories()}, "first", "original");
        }
        const std::size_t steps = record.program.steps.size();
        const auto marks = replay_annotations(record, *source, steps, sources, rules);
        write_figure(row, replay_pixels(record, *source, steps, sources), {marks ? &*marks : nullptr, sources.categories()},
                     "copy", caption_of(record, of_all));
      }
    });
    return row.take();
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

void write_examples(HtmlWriter& page, const ReportFacts& facts) {
  const auto begin = std::chrono::steady_clock::now();
  const Names of_all = ops_of_all(facts.statistics);
  SourceFinder sources(facts.recipe.source, facts.statistics.annotated, facts.recipe.file);
  std::vector<std::string> rows;
  std::atomic<std::size_t> bytes{0};  // any thread asks whether to go on
  const std::vector<Example>& examples = facts.statistics.examples;
  facts.pool.run_ordered(
      examples.size(),
      [&](std::size_t i) { return std::make_shared<std::optional<std::string>>(row_of(examples[i], sources, of_all, facts.recipe.labels)); },
      [&](std::size_t, const std::shared_ptr<void>& made) {
        const auto row = std::static_pointer_cast<std::optional<std::string>>(made);
        if (!*row || bytes > kMostBytes) return;
        bytes += (*row)->size();
        rows.push_back(std::move(**row));
      },
      [&] { return bytes <= kMostBytes && std::chrono::steady_clock::now() - begin <= kMostTime; });
  if (rows.empty()) return;
  const std::vector<std::string>& lines = examples.front().lines;
  const bool series = !lines.empty() && is_series(lineage_from_json(lines.front(), ops::op_table()));
  page.element("section", [&] {
    page.element("h2", "Originals and their copies");
    page.element("p", {{"class", "soft"}}, introduction(of_all, series));
    const std::size_t open = std::min(kOpenRows, rows.size());
    for (std::size_t i = 0; i < open; ++i) page.markup(rows[i]);
    if (open == rows.size()) return;
    page.element("details", [&] {
      page.element("summary", fmt::format("{} more, chosen by chance", rows.size() - open));
      for (std::size_t i = open; i < rows.size(); ++i) page.markup(rows[i]);
    });
  });
}

}  // namespace leaven::flow
