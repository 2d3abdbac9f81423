// A series of a dataset that Leaven made, again: its bytes, its steps for a person, its picture in the report.
#pragma once

#include <optional>
#include <string>

#include "flow/replay.hpp"
#include "flow/report_sections.hpp"

namespace leaven::flow {

/// Whether a line of lineage is of a series.
bool is_series(const LineageRecord& record);

/// As replay() and explain() for pictures.
Replayed replay_series(const LineageRecord& record, const recipe::Source& source);
Explanation explain_series(const FoundLineage& found);

/// A row of the report: the original and its copies as lines over each other, and what was done to each. Nothing when the
/// source is gone.
std::optional<std::string> series_example(const Example& example, SourceFinder& sources);

}  // namespace leaven::flow
