#include "flow/report_sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "flow/report_text.hpp"
#include "flow/table_source.hpp"

namespace leaven::flow {

namespace {

std::uint64_t sum_of(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const auto& [kind, count] : counts) sum += count;
  return sum;
}

void write_fact(HtmlWriter& page, const std::string& number, const std::string& what) {
  page.element("div", {{"class", "fact"}}, [&] { page.element("b", number).element("span", what); });
}

std::string headline(const JobSummary& s) {
  if (s.sources == 0 || s.outputs == 0) return "A larger dataset";
  const double factor = static_cast<double>(s.outputs) / static_cast<double>(s.sources);
  if (factor < 1.05) return count_text(s.outputs, "sample", "samples");
  return fmt::format("{} became {}", count_text(s.sources, "sample", "samples"), count_text(s.outputs));
}

std::string speed_text(const JobSummary& s) {
  std::string text =
      fmt::format("{} written in {}", bytes_text(static_cast<double>(s.bytes_written)), duration_text(s.seconds));
  if (s.seconds > 0 && s.outputs > s.reused)
    text += fmt::format(", {} samples a second", rate_text(s.outputs - s.reused, s.seconds));
  if (s.reused > 0) text += fmt::format("; {} were there from an earlier run", count_text(s.reused));
  return text + ".";
}

}  // namespace

void write_headline(HtmlWriter& page, const ReportFacts& facts) {
  const JobSummary& s = facts.summary;
  page.element("h1", headline(s));
  page.element("p", {{"class", "lead"}}, speed_text(s));
  page.element("div", {{"class", "facts"}}, [&] {
    write_fact(page, count_text(s.sources), "samples came in");
    write_fact(page, count_text(s.outputs), "samples now");
    write_fact(page, count_text(s.copies), "of them new copies");
    const bool labelled = s.classes.size() > 1 || (s.classes.size() == 1 && !s.classes.begin()->first.empty());
    if (labelled) write_fact(page, count_text(s.classes.size()), s.classes.size() == 1 ? "class" : "classes");
    if (facts.statistics.annotated) write_fact(page, count_text(facts.statistics.instances), "marked instances");
    write_fact(page, count_text(sum_of(s.set_aside)), "set aside");
  });
}

namespace {

void write_instances(HtmlWriter& page, const ReportFacts& facts) {
  const Statistics& s = facts.statistics;
  if (!s.annotated) return;
  std::string text = count_text(s.instances, "instance is", "instances are") + " marked on all samples together.";
  if (s.dropped > 0)
    text += fmt::format(
        " {} on copies, because an edge or a hole left less than {:.0f} % of the original to be seen, or too few "
        "pixels.",
        count_text(s.dropped, "was dropped", "were dropped"), 100 * facts.recipe.labels.min_visibility);
  page.element("p", text);
  std::string mended;
  for (const auto& [kind, count] : facts.summary.mended)
    mended += fmt::format("{}{} ({})", mended.empty() ? "" : ", ", kind, count_text(count));
  if (!mended.empty()) page.element("p", "Mended while reading: " + mended + ".");
}

}  // namespace

void write_came_in(HtmlWriter& page, const ReportFacts& facts) {
  page.element("section", [&] {
    page.element("h2", "What came in").element("p", facts.summary.input_description);
    page.element("p", {{"class", "soft"}}, facts.recipe.source.path);
    for (const std::string& note : facts.summary.notes) page.element("p", "Note: " + note + ".");
    const auto& splits = facts.statistics.splits;
    if (splits.size() > 1 || (splits.size() == 1 && !splits.begin()->first.empty())) {
      page.element("p",
                   "Only train grows; the other parts are what they were, so that they still measure the same thing.");
      page.element("table", [&] {
        page.markup("<tr><th>part</th><th class=\"n\">originals</th><th class=\"n\">copies</th></tr>");
        for (const auto& [name, counts] : splits)
          page.element("tr", [&, &name = name, &counts = counts] {
            page.element("td", name.empty() ? "not in any" : name);
            page.element("td", {{"class", "n"}}, count_text(counts[0]))
                .element("td", {{"class", "n"}}, count_text(counts[1]));
          });
      });
    }
    write_instances(page, facts);
    if (facts.summary.strays.empty()) return;
    std::string strays;
    for (const auto& [kind, count] : facts.summary.strays)
      strays += fmt::format("{}{} ({})", strays.empty() ? "" : ", ", kind, count_text(count));
    page.element("p", "Passed by, as they are no samples: " + strays + ".");
  });
}

void write_set_aside(HtmlWriter& page, const ReportFacts& facts) {
  constexpr std::size_t kMostRows = 50;
  const std::uint64_t all = sum_of(facts.summary.set_aside);
  if (all == 0) return;
  page.element("section", [&] {
    page.element("h2", "What was set aside, and why");
    std::string kinds;
    for (const auto& [kind, count] : facts.summary.set_aside)
      kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", count_text(count), set_aside_text(kind, count));
    page.element("p", fmt::format("{}. Nothing was deleted; the full list is {}.", kinds, kSetAsideFile));
    page.element("div", {{"class", "scroll"}}, [&] {
      page.element("table", [&] {
        page.markup("<tr><th>sample</th><th>why</th></tr>");
        std::ifstream lines(facts.out / kSetAsideFile);
        std::string line;
        for (std::size_t row = 0; row < kMostRows && std::getline(lines, line); ++row) {
          const auto json = nlohmann::json::parse(line, nullptr, false);
          if (!json.is_object()) continue;
          page.element("tr", [&] {
            page.element("td", json.value("id", std::string())).element("td", json.value("reason", std::string()));
          });
        }
      });
    });
    if (all > kMostRows)
      page.element("p", {{"class", "soft"}}, fmt::format("The first {} of {}.", kMostRows, count_text(all)));
  });
}

namespace {

/// A class of train: how many samples came in, and what the dataset has of it now.
struct ClassBar {
  std::string label{};
  std::uint64_t before{}, originals{}, copies{};
};

std::vector<ClassBar> class_bars(const ReportFacts& facts) {
  std::vector<ClassBar> bars;
  for (const auto& [label, counts] : facts.summary.classes) {
    const auto written = facts.statistics.classes.find(label);
    const std::uint64_t originals = written == facts.statistics.classes.end() ? 0 : std::min(written->second[0], counts.second);
    bars.push_back({label, counts.first, originals, counts.second - originals});
  }
  return bars;
}

void write_class_bars(HtmlWriter& page, std::span<const ClassBar> classes, std::uint64_t largest) {
  const auto width = [&](std::uint64_t part) { return fmt::format("width:{:.2f}%", 100.0 * static_cast<double>(part) / static_cast<double>(largest)); };
  page.element("div", {{"class", "bars"}}, [&] {
    for (const ClassBar& bar : classes) {
      page.element("div", {{"class", "name"}, {"title", bar.label}}, bar.label.empty() ? "(no class)" : bar.label);
      page.element("div", {{"class", "bar"}}, [&] {
        page.element("i", {{"class", "was"}, {"style", width(bar.originals)}}, "");
        page.element("i", {{"class", "new"}, {"style", width(bar.copies)}}, "");
      });
      page.element("div", {{"class", "n"}}, fmt::format("{} → {}", count_text(bar.before), count_text(bar.originals + bar.copies)));
    }
  });
}

}  // namespace

void write_classes(HtmlWriter& page, const ReportFacts& facts) {
  constexpr std::size_t kMostBars = 30;
  const std::vector<ClassBar> all = class_bars(facts);
  if (all.empty() || (all.size() == 1 && all.front().label.empty())) return;
  std::uint64_t largest = 1;
  for (const ClassBar& bar : all) largest = std::max(largest, bar.originals + bar.copies);
  const std::size_t shown = std::min(kMostBars, all.size());
  page.element("section", [&] {
    page.element("h2", "Classes, before and after");
    page.markup("<p class=\"key soft\"><i class=\"was\"></i>originals<i class=\"new\"></i>copies</p>");
    write_class_bars(page, std::span(all).first(shown), largest);
    if (shown == all.size()) return;
    page.element("details", [&] {
      page.element("summary", fmt::format("{} more", count_text(all.size() - shown)));
      write_class_bars(page, std::span(all).subspan(shown), largest);
    });
  });
}

namespace {

bool holds_pictures(const ReportFacts& facts) {
  const auto of_pictures = [](const OpStatistics& op) { return op.op->domain == Domain::raster; };
  return std::ranges::all_of(facts.statistics.ops, of_pictures) && !is_table(facts.recipe.source);
}

std::string metadata_text(const ReportFacts& facts) {
  const std::string copies =
      "Copies hold pixels and the colour profile, nothing else: camera data and places are gone.";
  if (facts.statistics.copied == 0) return copies;
  if (facts.recipe.augment.originals == recipe::Originals::link)
    return copies +
           " Originals are links to the source's files, so whatever camera data or place (EXIF, GPS) those hold is "
           "seen "
           "here too.";
  if (facts.recipe.sink.keep_metadata)
    return copies +
           " Originals are the source's own bytes, as asked (metadata: keep), so whatever camera data or place (EXIF, "
           "GPS) they held, they still hold.";
  return copies + " Originals are the source's files without EXIF, GPS and the like, their pixels untouched.";
}

}  // namespace

void write_recipe(HtmlWriter& page, const ReportFacts& facts) {
  const recipe::Recipe& recipe = facts.recipe;
  page.element("section", [&] {
    page.element("h2", "The same again");
    const std::string again = "leaven run " + shell_quoted((facts.out / kRecipeFile).string()) + " -o another_folder";
    if (!facts.command.empty()) page.element("p", "This made it:").element("pre", facts.command);
    page.element("p", "The same dataset elsewhere, byte for byte, from the recipe that lies in it:")
        .element("pre", again);
    const std::string origin = !recipe.file.empty() ? "Read from " + recipe.file
                               : recipe.name.empty()
                                   ? "The recipe"
                                   : "The preset " + recipe.name + (recipe.name == "light" ? ", the mild default" : "");
    page.element("p", origin + ", seed " + std::to_string(recipe.seed) + ":").element("pre", recipe::to_yaml(recipe));
  });
  page.element("section", [&] {
    page.element("h2", "Good to know");
    if (holds_pictures(facts)) page.element("p", metadata_text(facts));
    const auto mirrors = [](const OpStatistics& op) { return op.op->name == "horizontal_flip"; };
    if (std::ranges::any_of(facts.statistics.ops, mirrors))
      page.element(
          "p",
          "Some copies are mirrored. Where left and right matter (text, digits, road signs), take horizontal_flip "
          "out of the recipe.");
    if (facts.statistics.redrawn > 0)
      page.element("p", fmt::format("{} drawn more than once, because a label would have been lost.",
                                    count_text(facts.statistics.redrawn, "copy was", "copies were")));
    page.element("p", std::string(kLineageFile) +
                          (is_table(facts.recipe.source)
                               ? " says how each single row was made, and of which; leaven explain tells it of one, leaven verify checks "
                                 "every row, leaven replay makes one again."
                               : " says how each single file was made; leaven explain FILE shows it in pictures, leaven verify checks "
                                 "every file, leaven replay makes one again."));
  });
  page.element("footer", "leaven " LEAVEN_VERSION " · " + library_versions());
}

}  // namespace leaven::flow
