#include <filesystem>
#include <fstream>

#include "core/error.hpp"
#include "flow/html.hpp"
#include "flow/job.hpp"
#include "flow/replay.hpp"
#include "flow/report_sections.hpp"
#include "ops/families.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

Statistics statistics_of(const fs::path& out) {
  const auto files = lineage_files(out);
  if (files.empty()) return {};
  std::ifstream lines(files.front());
  return gather_statistics(lines, ops::op_table(), files.front().string());
}

/// Beside its place and renamed into it, so that nobody ever sees half a page.
void replace_file(const fs::path& file, const std::string& text) {
  const fs::path beside = file.string() + ".leaven-tmp";
  std::ofstream out(beside, std::ios::binary);
  out << text;
  out.close();
  std::error_code error;
  if (out) fs::rename(beside, file, error);
  if (!out || error) {
    fs::remove(beside, error);
    throw environment_error("the report cannot be written").with_place(file.string());
  }
}

}  // namespace

void write_report(const fs::path& out, const recipe::Recipe& recipe, const JobSummary& summary,
                  const std::string& command) {
  const Statistics statistics = statistics_of(out);
  const ReportFacts facts{out, recipe, summary, statistics, command};
  HtmlWriter page;
  write_headline(page, facts);
  write_examples(page, facts);
  write_classes(page, facts);
  write_came_in(page, facts);
  write_set_aside(page, facts);
  write_ops(page, facts);
  write_recipe(page, facts);
  replace_file(out / kReportFile, html_page("Leaven report", page.take()));
}

}  // namespace leaven::flow
