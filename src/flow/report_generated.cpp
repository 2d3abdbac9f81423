// What the report says of samples that a learned model made: how many, by what, whether its gate let them through, and some of them.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "flow/generated.hpp"
#include "flow/report_picture.hpp"
#include "flow/report_sections.hpp"
#include "flow/report_text.hpp"
#include "flow/table_source.hpp"
#include "io/codec.hpp"
#include "io/file.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kGatePage = "leaven.gate.html";
constexpr std::size_t kMostClasses = 10, kPicturesEach = 10, kFewestRowsEach = 3, kRowsAtMost = 12;
constexpr int kThumbnailSide = 120;  // px

/// As a link of a page takes it.
std::string url_of(const fs::path& path) {
  std::string url;
  for (const char c : path.generic_string()) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || std::string_view("/._-~").find(c) != std::string_view::npos;
    url += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return url;
}

Json json_of(const fs::path& file) {
  std::ifstream in(file);
  const Json json = in ? Json::parse(in, nullptr, false) : Json();
  return json.is_object() ? json : Json::object();
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : "; ") + text;
  return all;
}

/// `record`: of any of the samples; `summary`: of all of them.
void write_verdict(HtmlWriter& page, const ReportFacts& facts, const Json& record, const Json& summary) {
  const fs::path folder = generator_folder(facts.recipe);
  const std::string gate = record.value("gate", "unchecked"), reasons = joined(summary.value("reasons", std::vector<std::string>{}));
  const bool forced = record.value("forced", false);
  const std::string why = reasons.empty() ? "" : ", for: " + reasons;
  if (gate == "accepted") page.element("p", "Its gate accepted it.");
  else if (gate == "refused") page.element("p", {{"class", "warn"}}, (forced ? "Forced (force: true): its gate refused it" : "Its gate refused it") + why + ".");
  else page.element("p", {{"class", "warn"}}, std::string(forced ? "Forced (force: true): " : "") + "nobody has looked whether what it makes may be used.");
  std::error_code error;
  if (fs::exists(folder / kGatePage, error)) {
    const std::string url = url_of((folder / kGatePage).lexically_relative(fs::absolute(facts.out).lexically_normal()));
    page.element("p", [&] { page.element("a", {{"href", url}}, "All that the gate measured"); });
  }
  const Json none = Json::object();
  std::string made = "Generator " + record.value("generator", "") + ", seed " + record.value("seed", none).dump();
  page.element("p", {{"class", "soft"}}, made + ". Each has a line in " + kLineageFile + " with \"synthetic\": true; no copy was made of them, and nothing was learnt from them.");
}

void write_pictures(HtmlWriter& page, const ReportFacts& facts, const std::vector<GeneratedPicture>& pictures) {
  std::map<std::string, std::vector<std::string>> files;
  for (const GeneratedPicture& picture : pictures)
    if (auto& own = files[picture.label]; own.size() < kPicturesEach) own.push_back(picture.file);
  std::size_t shown = 0;
  for (const auto& [label, own] : files) {
    if (++shown > kMostClasses) break;
    page.element("h3", label);
    page.element("div", {{"class", "grid thumbnails"}}, [&] {
      for (const std::string& file : own) {
        const io::Bytes bytes = io::read_file(generated_folder(facts.recipe) / file);
        const Raster pixels = io::decode(bytes, io::read_header(bytes));
        page.element("figure", [&] { write_picture(page, pixels.view(), kThumbnailSide, "generated: " + label); });
      }
    });
  }
  if (files.size() > kMostClasses) page.element("p", {{"class", "soft"}}, fmt::format("Of the first {} of {} classes.", kMostClasses, files.size()));
}

void write_rows(HtmlWriter& page, const GeneratedTable& generated) {
  recipe::Source source;
  source.path = generated.file.string();
  const auto table = open_source(source);
  page.element("div", {{"class", "scroll"}}, [&] {
    page.element("table", {{"style", "white-space:nowrap"}}, [&] {
      page.element("tr", [&] {
        for (const auto& column : table->shape().columns) page.element("th", column.name);
      });
      const std::uint64_t each = std::max<std::uint64_t>(kFewestRowsEach, kRowsAtMost / generated.parts.size());
      std::uint64_t first = 0;
      std::size_t shown = 0;
      for (const GeneratedTable::Part& part : generated.parts) {
        const Block block = table->read(first, static_cast<std::size_t>(std::min(part.end - first, each)));
        for (std::size_t r = 0; r < block.rows && shown < kRowsAtMost; ++r, ++shown)
          page.element("tr", [&] {
            for (const Column& column : block.columns) page.element("td", io::cell_text(column, r));
          });
        first = part.end;
      }
    });
  });
}

}  // namespace

void write_generated(HtmlWriter& page, const ReportFacts& facts) {
  if (!facts.recipe.generate || facts.statistics.generated == 0) return;
  page.element("section", [&] {
    page.element("h2", "Generated samples");
    try {
      const bool table = is_table(facts.recipe.source);
      const GeneratedTable rows = table ? read_generated_table(generated_folder(facts.recipe)) : GeneratedTable{};
      const std::vector<GeneratedPicture> pictures = table ? std::vector<GeneratedPicture>{} : read_generated(generated_folder(facts.recipe));
      const Json record = Json::parse(table ? rows.record(0) : pictures.at(0).record);
      std::string by_class;
      for (const auto& [label, counts] : facts.statistics.classes)
        if (counts[2] > 0) by_class += fmt::format("{}{} {}", by_class.empty() ? ": " : ", ", label, count_text(counts[2]));
      page.element("p", fmt::format("{} of train {} made by a learned model ({}){}.", count_text(facts.statistics.generated, "sample", "samples"), facts.statistics.generated == 1 ? "was" : "were",
                                    record.value("kind", "unknown"), by_class));
      write_verdict(page, facts, record, json_of(generated_folder(facts.recipe) / "leaven.generated.json"));
      table ? write_rows(page, rows) : write_pictures(page, facts, pictures);
    } catch (const Error& error) {  // they were taken away, or are damaged: the job itself is done
      page.element("p", {{"class", "soft"}}, std::string("They cannot be shown: ") + error.what() + ".");
    }
  });
}

}  // namespace leaven::flow
