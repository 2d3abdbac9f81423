#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "core/error.hpp"
#include "flow/explain_words.hpp"
#include "flow/html.hpp"
#include "flow/replay.hpp"
#include "flow/report_picture.hpp"
#include "flow/report_text.hpp"
#include "flow/series_replay.hpp"
#include "flow/table_row.hpp"
#include "plan/draw_program.hpp"

namespace leaven::flow {

namespace {

constexpr int kPictureSide = 560;  // px

std::string encoding_text(const EncodingRecord& encoding) {
  std::string text = encoding.format;
  if (encoding.quality > 0 && !encoding.lossless) text += fmt::format(", quality {}", encoding.quality);
  if (encoding.lossless) text += ", lossless";
  if (!encoding.subsampling.empty()) text += ", chroma " + encoding.subsampling;
  if (encoding.icc) text += ", with the source's colour profile";
  if (encoding.channels > 0) text += fmt::format(", with {} channels as all of the array", encoding.channels);
  return text;
}

/// An `img` element of what the first `count` steps made; `shape` gets its shape.
std::string picture_after(const FoundLineage& found, const LoadedSource& source, SourceFinder& sources,
                          std::size_t count, const std::string& what, std::string& shape) {
  const Raster pixels = replay_pixels(found.record, source, count, sources);
  const auto marks = replay_annotations(found.record, source, count, sources, found.recipe.labels);
  shape = describe(pixels.shape());
  HtmlWriter picture;
  write_picture(picture, pixels.view(), kPictureSide, what, {marks ? &*marks : nullptr, sources.categories()});
  return picture.take();
}

/// What a learned model made has no steps to show.
Explanation explain_generated(const LineageRecord& record) {
  const auto made = nlohmann::ordered_json::parse(record.generated);
  const auto plain = [](const nlohmann::ordered_json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); };
  std::string text = fmt::format("{}\n  made by a learned model of kind {}, generator {}\n  seed {}", record.id, made.value("kind", "unknown"), made.value("generator", "unknown"), made.value("seed", 0ULL));
  if (made.contains("number")) text += fmt::format(", number {} of its stream", made["number"].dump());
  if (made.contains("condition"))
    for (const auto& [name, value] : made["condition"].items()) text += fmt::format(", {} {}", name, plain(value));
  text += fmt::format("\n  its gate: {}{}", made.value("gate", "unchecked"), made.value("forced", false) ? ", forced" : "");
  if (made.contains("scores"))
    for (const auto& [name, value] : made["scores"].items()) text += fmt::format("\n    {} {}", name, plain(value));
  text += "\n  it has no source: leaven generate sample with that generator and seed draws it again\n";
  return {{}, text};
}

}  // namespace

Explanation explain(const FoundLineage& found) {
  const LineageRecord& record = found.record;
  if (!record.generated.empty()) return explain_generated(record);
  if (record.encoding.format == kRowFormat) return explain_row(found);
  if (is_series(record)) return explain_series(found);
  Told told{.id = record.id,
            .origin = origin_text(record),
            .digest = record.digest,
            .copied = record.encoding.format.empty()};
  told.command = "leaven replay " + shell_quoted((found.out / record.id).string()) + " -o again" +
                 (record.encoding.format == "npy" ? ".png" : std::filesystem::path(record.id).extension().string());
  SourceFinder finder(found.recipe.source, record.instances.has_value() || needs_annotations(record), found.recipe.file);
  const LoadedSource source = record.decode_scaled ? finder.load(record) : decoded(finder.load(record));
  std::vector<std::string> pictures;
  pictures.push_back(picture_after(found, source, finder, 0, "the source " + record.source, told.source_shape));
  std::string shape = told.source_shape;
  for (std::size_t i = 0; i < record.program.steps.size(); ++i) {
    const std::string before = shape;
    told.steps.push_back(tell_step(record.program.steps[i], found.recipe));
    pictures.push_back(picture_after(found, source, finder, i + 1, "after " + told.steps.back().name, shape));
    if (shape != before) told.steps.back().shape = shape;
  }
  told.result = told.copied ? shape + (record.encoding.without_metadata ? ", the source's file without its metadata"
                                                                        : ", the source's own bytes")
                            : shape + ", written as " + encoding_text(record.encoding);
  told.same = replay(record, found.recipe.source, {}, found.recipe.file).same_digest;
  told.verdict = verdict_text(told.same);
  return {page_of(told, pictures), text_of(told)};
}

}  // namespace leaven::flow
