#include <algorithm>
#include <filesystem>
#include <fstream>

#include "flow/html.hpp"
#include "flow/job.hpp"
#include "flow/replay.hpp"
#include "flow/report_sections.hpp"
#include "io/atomic_file.hpp"
#include "ops/families.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

/// Examples are made again for the page: a few, and of large jobs more, so that they cost a small share of the job.
constexpr std::uint64_t kFewExamples = 8, kMostExamples = 16, kOutputsForOne = 100;

Statistics statistics_of(const fs::path& out, std::uint64_t outputs, Pool& pool) {
  const auto files = lineage_files(out);
  if (files.empty()) return {};
  std::ifstream lines(files.front());
  return gather_statistics(lines, ops::op_table(), files.front().string(), pool,
                           {.examples = std::clamp(outputs / kOutputsForOne, kFewExamples, kMostExamples),
                            .expected_lines = outputs});
}

}  // namespace

void write_report(const fs::path& out, const recipe::Recipe& recipe, const JobSummary& summary,
                  const std::string& command, Pool& pool, const std::string& cards) {
  const Statistics statistics = statistics_of(out, summary.outputs, pool);
  const ReportFacts facts{out, recipe, summary, statistics, command, pool};
  HtmlWriter page;
  write_headline(page, facts);
  write_examples(page, facts);
  write_classes(page, facts);
  write_generated(page, facts);
  page.markup(cards);
  write_came_in(page, facts);
  write_set_aside(page, facts);
  write_ops(page, facts);
  write_recipe(page, facts);
  io::write_file_atomically(out / kReportFile, html_page("Leaven report", page.take()));
}

}  // namespace leaven::flow
