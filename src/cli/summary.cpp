#include "cli/summary.hpp"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "flow/report_text.hpp"

namespace leaven::cli {

namespace {

using flow::bytes_text;
using flow::count_text;
using flow::duration_text;

/// The id of a copy near the file's start, for the advice at the end; empty when there is none.
std::string some_copy(const std::filesystem::path& out) {
  constexpr int kLinesToLookAt = 200;
  std::ifstream lines(out / flow::kLineageFile);
  std::string line;
  for (int i = 0; i < kLinesToLookAt && std::getline(lines, line); ++i) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json.value("copy", 0) > 0) return json.value("id", std::string());
  }
  return {};
}

std::string set_aside_line(const flow::JobSummary& summary) {
  std::uint64_t all = 0;
  std::string kinds;
  for (const auto& [kind, count] : summary.set_aside) {
    all += count;
    kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", count_text(count), flow::set_aside_text(kind, count));
  }
  if (all == 0) return {};
  return fmt::format("set aside  {}; why, one by one: {}\n", kinds, (summary.out / flow::kSetAsideFile).string());
}

std::string strays_line(const flow::JobSummary& summary) {
  constexpr std::size_t kNamed = 4;
  std::uint64_t all = 0;
  std::size_t named = 0;
  std::string kinds;
  for (const auto& [kind, count] : summary.strays) {
    all += count;
    if (++named > kNamed) continue;
    kinds += (kinds.empty() ? "" : ", ") + (count == 1 ? kind : fmt::format("{} {}", count_text(count), kind));
  }
  if (summary.strays.size() > kNamed) kinds += ", …";
  return all == 0 ? ""
                  : fmt::format("passed by  {}: {}\n",
                                count_text(all, "file that is no sample", "files that are no samples"), kinds);
}

std::string mended_line(const flow::JobSummary& summary) {
  std::string kinds;
  for (const auto& [kind, count] : summary.mended)
    kinds += fmt::format("{}{} ({})", kinds.empty() ? "" : ", ", kind, count_text(count));
  return kinds.empty() ? "" : "mended     " + kinds + "\n";
}

std::string made_line(const flow::JobSummary& s) {
  std::string text =
      fmt::format("made       {}: {} and {}", count_text(s.outputs, "sample", "samples"),
                  count_text(s.originals, "original", "originals"), count_text(s.copies, "copy", "copies"));
  if (s.reused > 0) text += fmt::format("; {} were there from an earlier run", count_text(s.reused));
  text +=
      fmt::format("\n           {} in {}", bytes_text(static_cast<double>(s.bytes_written)), duration_text(s.seconds));
  if (s.seconds > 0 && s.outputs > s.reused)
    text += fmt::format(", {} a second", flow::rate_text(s.outputs - s.reused, s.seconds));
  return text + "\n";
}

}  // namespace

std::string summary_text(const flow::JobSummary& summary, const std::string& recipe_name) {
  std::string text = fmt::format("came in    {}\n", summary.input_description);
  if (!recipe_name.empty()) text += fmt::format("recipe     {}\n", recipe_name);
  text += made_line(summary) + set_aside_line(summary) + strays_line(summary) + mended_line(summary);
  for (const std::string& note : summary.notes) text += "note       " + note + "\n";
  text += fmt::format("dataset    {}\n", summary.out.string());
  if (!summary.report.empty()) text += fmt::format("report     {}\n", summary.report.string());
  if (const std::string copy = some_copy(summary.out); !copy.empty())
    text += fmt::format("look at one: leaven explain {}\n", flow::shell_quoted((summary.out / copy).string()));
  return text;
}

std::string summary_json(const flow::JobSummary& s) {
  nlohmann::ordered_json classes = nlohmann::ordered_json::object();
  for (const auto& [label, counts] : s.classes) classes[label] = {counts.first, counts.second};
  const nlohmann::ordered_json line{{"event", "done"},
                                    {"input", s.input_description},
                                    {"sources", s.sources},
                                    {"outputs", s.outputs},
                                    {"originals", s.originals},
                                    {"copies", s.copies},
                                    {"reused", s.reused},
                                    {"broken", s.broken},
                                    {"set_aside", s.set_aside},
                                    {"strays", s.strays},
                                    {"mended", s.mended},
                                    {"classes", classes},
                                    {"notes", s.notes},
                                    {"unmet", s.unmet},
                                    {"seconds", s.seconds},
                                    {"bytes_written", s.bytes_written},
                                    {"too_many_broken", s.too_many_broken},
                                    {"out", s.out.string()},
                                    {"report", s.report.string()}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace leaven::cli
