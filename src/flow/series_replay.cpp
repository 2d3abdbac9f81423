#include "flow/series_replay.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "flow/explain_words.hpp"
#include "flow/html.hpp"
#include "flow/report_text.hpp"
#include "flow/series_picture.hpp"
#include "flow/series_task.hpp"
#include "io/file.hpp"
#include "io/series_file.hpp"
#include "ops/families.hpp"

namespace leaven::flow {

namespace {

constexpr int kExplainWidth = 560, kReportWidth = 720;  // px

/// The source of a line, with the dataset that it stands in.
struct FoundSeries {
  const io::DatasetReader& reader;
  LoadedSeries source{};
};

FoundSeries found(const LineageRecord& record, SourceFinder& sources) {
  const io::DatasetReader& reader = sources.dataset();
  if (!reader.index().series) throw usage_error("the source dataset holds no time series");
  const io::Entry* entry = find_entry(reader.index(), record.source);
  if (!entry) throw usage_error("the source is not in the dataset any more").with_sample(record.source).with_hint("--source says where the sources lie today");
  FoundSeries series{reader, load_series(reader, *entry)};
  if (series.source.digest != record.source_digest)
    throw data_error("the source has changed since this output was made: its digest is " + series.source.digest + ", it was " + record.source_digest)
        .with_sample(record.source);
  return series;
}

/// What the first `steps` steps of the line make.
Series made(const LineageRecord& record, const FoundSeries& series, std::size_t steps) {
  const std::span<const ProgramStep> all = record.program.steps;
  const Program first{{all.begin(), all.begin() + static_cast<std::ptrdiff_t>(steps)}};
  return run_series(plan::lower_series(first, series.source.shape, record.label, find_series(series.reader), record.fuse), series.source, record.fuse);
}

std::string shape_text(const Series& series) {
  return count_text(series.length, "value", "values") + (series.channels > 1 ? " in " + count_text(series.channels, "channel", "channels") : "");
}

std::string plot(const Series& before, const Series& now, const std::vector<std::string>& names, const std::string& title) {
  HtmlWriter picture;
  write_plot(picture, {{&before, "before"}, {&now, "now"}}, names, kExplainWidth, title);
  return picture.take();
}

}  // namespace

bool is_series(const LineageRecord& record) {
  return record.encoding.format == kSeriesText || record.encoding.format == kSeriesArray;
}

Replayed replay_series(const LineageRecord& record, const recipe::Source& source) {
  SourceFinder sources(source);
  const FoundSeries series = found(record, sources);
  const std::string text = written_series(series.reader.index(), series.source, made(record, series, record.program.steps.size()), record.copy,
                                          record.encoding.format == kSeriesArray);
  Replayed again;
  const auto* const begin = reinterpret_cast<const std::byte*>(text.data());
  again.file = {begin, begin + text.size()};
  again.same_digest = digest_of(text.data(), text.size()) == record.digest;
  return again;
}

Explanation explain_series(const FoundLineage& line) {
  const LineageRecord& record = line.record;
  SourceFinder sources(line.recipe.source);
  const FoundSeries series = found(record, sources);
  const std::vector<std::string>& names = series.source.shape.names;
  Told told{.id = record.id, .origin = origin_text(record), .digest = record.digest, .copied = record.copy == 0};
  told.command = "leaven replay " + shell_quoted((line.out / record.id).string()) + " -o again";
  told.source_shape = shape_text(*series.source.series);
  Series before = *series.source.series;
  std::vector<std::string> pictures{plot(before, before, names, "the source " + record.source)};
  for (std::size_t i = 0; i < record.program.steps.size(); ++i) {
    Series now = made(record, series, i + 1);
    told.steps.push_back(tell_step(record.program.steps[i], line.recipe));
    if (now.length != before.length) told.steps.back().shape = shape_text(now);
    pictures.push_back(plot(before, now, names, "after " + told.steps.back().name));
    before = std::move(now);
  }
  told.result = shape_text(before) + (told.copied ? ", the source's own values" : ", written as the source is");
  told.same = replay_series(record, line.recipe.source).same_digest;
  told.verdict = verdict_text(told.same);
  return {page_of(told, pictures), text_of(told)};
}

std::optional<std::string> series_example(const Example& example, SourceFinder& sources) {
  try {
    HtmlWriter row;
    row.element("h3", example.label.empty() ? example.source : example.label + " · " + example.source);
    std::vector<Series> copies;
    std::vector<std::string> captions;
    std::optional<FoundSeries> series;
    for (const std::string& text : example.lines) {
      const LineageRecord record = lineage_from_json(text, ops::op_table());
      if (!series) series.emplace(found(record, sources));
      copies.push_back(made(record, *series, record.program.steps.size()));
      std::string caption;
      for (const ProgramStep& step : record.program.steps) caption += (caption.empty() ? "" : ", ") + std::string(step.op.info().name);
      captions.push_back(caption.empty() ? "unchanged" : caption);
    }
    if (!series) return std::nullopt;
    std::vector<PlottedSeries> lines;
    for (std::size_t i = 0; i < copies.size(); ++i) lines.push_back({&copies[i], "copy copy-" + std::to_string(i + 1)});
    lines.push_back({series->source.series.get(), "now"});
    write_plot(row, lines, series->source.shape.names, kReportWidth, "the original (thick) and its copies");
    row.element("ul", {{"class", "series-steps"}}, [&] {
      for (std::size_t i = 0; i < captions.size(); ++i)
        row.element("li", {{"class", "copy-" + std::to_string(i + 1)}}, captions[i]);
    });
    return row.take();
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace leaven::flow
