// The parts of the report, each a card of its own.
#pragma once

#include <filesystem>

#include "flow/html.hpp"
#include "flow/job.hpp"
#include "flow/statistics.hpp"

namespace leaven::flow {

/// All that the report is written from.
struct ReportFacts {
  const std::filesystem::path& out;
  const recipe::Recipe& recipe;
  const JobSummary& summary;
  const Statistics& statistics;
  const std::string& command;
  Pool& pool;
};

void write_headline(HtmlWriter& page, const ReportFacts& facts);
void write_came_in(HtmlWriter& page, const ReportFacts& facts);
/// Nothing when nothing was set aside.
void write_set_aside(HtmlWriter& page, const ReportFacts& facts);
/// Nothing for unlabelled data.
void write_classes(HtmlWriter& page, const ReportFacts& facts);
/// Nothing where no learned model made any.
void write_generated(HtmlWriter& page, const ReportFacts& facts);
/// Originals and copies side by side; examples that cannot be made again are left out. Stops adding rows after a few
/// seconds or megabytes, so that large photos do not hold up the end of a job.
void write_examples(HtmlWriter& page, const ReportFacts& facts);
void write_ops(HtmlWriter& page, const ReportFacts& facts);
void write_recipe(HtmlWriter& page, const ReportFacts& facts);

}  // namespace leaven::flow
