// A table in, a longer table out: the same job for rows instead of files.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <vector>

#include "flow/job.hpp"
#include "flow/job_file.hpp"

namespace leaven::flow {

/// Writes OUT/<name of IN>, or where IN is a folder its parts: every row (unless originals: none), each followed by its copies. Sample ids are
/// "<name>#<row>", rows counted from 0. Fitted ops are fitted on the whole table first and saved in leaven.fitted.json. A
/// resumed run makes the table again: it is one file, renamed into place at the end. A shard makes every N-th block of the
/// roster and keeps it beside its job file until the merge. Throws Error(usage) for what belongs to images: packed layouts, links.
JobSummary run_table_job(const JobOptions& options, const std::function<void(const Progress&)>& watch,
                         const std::atomic<bool>& stop);

/// What job files of tables call their input.
inline constexpr const char* kTableFormat = "table";

/// The same files as an unsharded run from what the shards kept, in their order; `record`: of one of them. The source is read
/// again, and what is decided of all rows together is decided again.
JobSummary merge_table_shards(const JobRecord& record, const std::vector<std::filesystem::path>& shards, const std::filesystem::path& out,
                              const std::function<void(const Progress&)>& watch);

}  // namespace leaven::flow
