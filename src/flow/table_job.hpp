// A table in, a longer table out: the same job for rows instead of files.
#pragma once

#include <atomic>
#include <functional>

#include "flow/job.hpp"

namespace leaven::flow {

/// True when IN is a CSV or TSV that is a table for its own sake, or the recipe says `format: table`.
bool is_table(const recipe::Source& source);

/// Writes OUT/<name of IN>: every row (unless originals: none), each followed by its copies. Sample ids are
/// "<name>#<row>", rows counted from 0. Fitted ops are fitted on the whole table first and saved in leaven.fitted.json. A
/// resumed run makes the table again: it is one file, renamed into place at the end. Throws Error(usage) for what
/// belongs to images: shards, packed layouts, split, clean, total, per_class.
JobSummary run_table_job(const JobOptions& options, const std::function<void(const Progress&)>& watch,
                         const std::atomic<bool>& stop);

}  // namespace leaven::flow
